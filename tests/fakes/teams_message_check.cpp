#include "tests/fakes/teams_message_check.hpp"

#include <set>

#include <fmt/format.h>
#include <re2/re2.h>

#include "bot/base/text.hpp"
#include "bot/chat/card_parts.hpp"
#include "commands/forms.hpp"
#include "integrations/teams/picks_wire.hpp"
#include "integrations/teams/render.hpp"
#include "tests/fakes/teams_card_check.hpp"
#include "tests/support/card_lines.hpp"

namespace vedette::test {
namespace {

using nlohmann::json;

constexpr const char* kMessage = "https://schema.org/Message";
constexpr const char* kCardType = "application/vnd.microsoft.card.adaptive";
constexpr const char* kUsual = "case/12/root";
constexpr size_t kMostParts = 5;
constexpr size_t kNotification = 600;

// UTF-16 as Teams counts it; a way of its own beside teams::utf16_bytes.
size_t counted(const json& value) {
  size_t units = 0;
  for (const unsigned char c : value.dump(-1, ' ', false, json::error_handler_t::replace)) {
    units += (c & 0xC0) == 0x80 ? 0 : c >= 0xF0 ? 2 : 1;
  }
  return 2 * units;
}

void check_entity(const json& activity, Problems& problems) {
  size_t roots = 0;
  for (const auto& entity : activity.value("entities", json::array())) {
    if (entity.value("type", "") != kMessage) {
      problems.add("an entity of type " + entity.value("type", "?"));
      continue;
    }
    ++roots;
    if (entity.value("@type", "") != "Message" || entity.value("@context", "") != "https://schema.org") {
      problems.add("a message entity that is none");
    }
    const json claims = entity.value("citation", json::array());
    if (claims.size() > 20) problems.add("more than twenty citations");
    for (size_t at = 0; at < claims.size(); ++at) {
      const json& claim = claims[at];
      const json document = claim.value("appearance", json::object());
      const std::string name = document.value("name", "");
      const std::string abstract = document.value("abstract", "");
      if (claim.value("@type", "") != "Claim" || document.value("@type", "") != "DigitalDocument") {
        problems.add("a citation that is none");
      }
      if (claim.value("position", 0u) != at + 1) problems.add("citations out of order");
      if (name.empty() || text::characters(name) > 80) problems.add("a citation's name: " + name);
      if (abstract.empty() || text::characters(abstract) > 160) problems.add("a citation's abstract: " + abstract);
      if (document.contains("url")) problems.add("a citation that links");
      for (const auto& words : {name, abstract}) {
        if (const auto what = deception_in(words); !what.empty()) problems.add(what);
      }
      const std::string mark = fmt::format("[{}]", at + 1);
      if (activity.value("text", "").find(mark) == std::string::npos) problems.add("a citation that is nowhere in the text");
    }
  }
  if (roots > 1) problems.add("more than one message entity");
}

// Escapes taken back, and what is not escaped held against what we write ourselves.
void check_markdown(const std::string& text, Problems& problems) {
  if (const auto what = deception_in(text::replace_all(text, "\u200B", "")); !what.empty()) problems.add(what);
  std::string bare;  // what a reader of Markdown would see as its own characters
  std::string seen;
  for (size_t at = 0; at < text.size(); ++at) {
    if (text[at] == '\\' && at + 1 < text.size()) {
      bare += 'x';
      seen += text[++at];
    } else {
      bare += text[at];
      seen += text[at];
    }
  }
  for (const char* entity : {"&amp;", "&lt;", "&gt;"}) bare = text::replace_all(std::move(bare), entity, "x");
  RE2::GlobalReplace(&bare, R"(\(E\d+\))", "x");
  RE2::GlobalReplace(&bare, R"( \[\d+\])", "x");
  RE2::GlobalReplace(&bare, R"(\*Sent a second time[^*]*\*)", "x");
  static const RE2 ours(R"(\*\*[^*]+\*\*)");
  RE2::GlobalReplace(&bare, ours, "x");
  static const RE2 markup(R"([\\`*_{}\[\]()#!|~<>&])");
  if (RE2::PartialMatch(bare, markup)) problems.add("Markdown of others: " + bare.substr(0, 80));
  for (const auto& line : text::split(text, '\n')) {
    static const RE2 list(R"(^(\s*[-+=:]|\s*\d+[.)]|\s{4}))");
    if (!line.starts_with("- ") && RE2::PartialMatch(line, list))
      problems.add("a line that begins a list: " + line.substr(0, 60));
    if (line.starts_with("- ") && RE2::PartialMatch(line.substr(2), list))
      problems.add("a list in a list: " + line.substr(0, 60));
  }
  static const RE2 address(R"((?i)(://|www\.\w|mailto:\w|\w@\w|@[a-z]|\w\.[a-z]))");
  if (RE2::PartialMatch(seen, address)) problems.add("what a client makes a link of: " + seen.substr(0, 80));
}

void gather(const json& value, std::string& seen) {
  if (value.is_array()) {
    for (const auto& child : value) gather(child, seen);
  }
  if (!value.is_object()) return;
  // In the order they are read.
  for (const char* key : {"text", "title", "label", "tooltip"}) {
    if (value.contains(key) && value[key].is_string()) seen += value[key].get<std::string>() + "\n";
  }
  for (const char* key : {"inlines", "body", "items", "columns", "rows", "cells", "choices", "actions"}) {
    if (value.contains(key)) gather(value[key], seen);
  }
}

void gather_commands(const json& value, std::set<std::string>& commands) {
  if (value.is_object() && value.contains("command") && value["command"].is_string()) commands.insert(value["command"]);
  if (!value.is_structured()) return;
  for (const auto& child : value) gather_commands(child, commands);
}

std::string squeezed_card(const json& card) { return squeezed(text::replace_all(shown_by(card), "\u200B", "")); }

// No button with a question is pressed once: what carries its command is folded away at first.
void check_asks(const chat::Card& card, const json& shown, Problems& problems) {
  std::set<std::string> bare;
  for (const auto& element : shown["body"]) {
    if (element.value("isVisible", true)) gather_commands(element, bare);
  }
  std::set<std::string> free;
  std::set<std::string> asked;
  for (const auto& block : card.blocks) {
    if (const auto* buttons = std::get_if<chat::Buttons>(&block)) {
      for (const auto& button : buttons->items) (button.confirm.empty() ? free : asked).insert(button.command);
    } else if (const auto* thumbs = std::get_if<chat::Thumbs>(&block)) {
      free.insert({thumbs->good_command, thumbs->bad_command});
    } else if (const auto* menu = std::get_if<chat::Menu>(&block)) {
      for (const auto& item : menu->items) free.insert(item.command);
    }
  }
  for (const auto& command : commands_on(card)) {
    if (asked.contains(command) && !free.contains(command) && bare.contains(command)) {
      problems.add("one touch carries out " + command.substr(0, 60));
    }
  }
}

// Back and Next, to where they say.
void check_page_turns(const json& value, size_t page, size_t pages, const std::string& key, Problems& problems) {
  std::vector<int64_t> to;
  for (const auto& action : value["card"]["content"].value("actions", json::array())) {
    const auto data = Json::parse(action.value("data", json()).dump());
    if (!data || !teams::is_details(*data)) {
      problems.add("a page's button that turns no page");
      continue;
    }
    const auto turned = teams::details_page(*data);
    if (turned.slot != key) problems.add("a page of another message");
    to.push_back(static_cast<int64_t>(turned.page));
  }
  std::vector<int64_t> wanted;
  if (page > 0) wanted.push_back(static_cast<int64_t>(page) - 1);
  if (page + 1 < pages) wanted.push_back(static_cast<int64_t>(page) + 1);
  if (to != wanted) problems.add("pages cannot be turned as they should");
}

// The message and, where it is not whole, the pages behind it, say everything; every command is there or said to be missing.
void check_complete(const chat::Card& card, const json& shown, bool whole, const std::string& key, Problems& problems) {
  std::string seen = squeezed_card(shown);
  std::set<std::string> commands;
  gather_commands(shown, commands);
  const std::string message = seen;
  if (!whole) {
    size_t pages = 1;
    for (size_t page = 0; page < pages; ++page) {
      const json value = json::parse(teams::render_details_dialog(card, page, key));
      problems.add_all(dialog_problems(value));
      const std::string title = value.value("title", "");
      const size_t of = title.rfind(" of ");
      if (of != std::string::npos) pages = static_cast<size_t>(text::parse_integer(title.substr(of + 4)).value_or(1));
      seen += squeezed_card(value["card"]["content"]);
      check_page_turns(value, page, pages, key, problems);
    }
    const bool leads_there = message.find("Details") != std::string::npos;
    if (pages > 1 && !leads_there) problems.add("no way to the rest");
  }
  const bool room = message.find("noroomhere") == std::string::npos;
  chat::Card said = card;
  // The words on buttons that are said to be missing.
  if (!room) {
    std::erase_if(said.blocks, [](const chat::Block& block) { return std::holds_alternative<chat::Buttons>(block); });
  }
  std::string example;
  const size_t absent = absent_lines(said, seen, !whole, &example);
  if (absent > 0 && seen.find("toomanyforchat") == std::string::npos) {
    problems.add(fmt::format("{} lines are gone: {}", absent, example));
  }
  for (const auto& command : commands_on(card)) {
    const bool there = commands.contains(command) || seen.find(squeezed(text::displayable(command))) != std::string::npos;
    if (!there && room) problems.add("no way to '" + command.substr(0, 80) + "'");
  }
}

teams::RenderLook fullest() {
  static const teams::Sensitivity sensitivity{"Confidential \\ SOC", "Only for the \"SOC\" & those it asks"};
  static const commands::CommandForms forms;
  teams::RenderLook look;
  look.key = "case/1234567/action/7654321";
  for (int n = 0; n < 70; ++n) look.refresh_for.push_back(fmt::format("29:1-{:0>90}", n));
  look.opens_dialog = [](const std::string& command) { return forms.form_of(command).has_value(); };
  look.sensitivity = &sensitivity;
  look.again = true;
  return look;
}

void check_message(const chat::Card& card, const teams::RenderLook& look, Problems& problems) {
  const auto rendered = teams::render_activity(card, look);
  const json activity = json::parse(rendered.json, nullptr, false);
  if (activity.is_discarded()) return problems.add("no JSON");
  // The slow part once for a card.
  const bool usual = look.key == kUsual;
  problems.add_all(activity_problems(activity, usual));
  const json& shown = activity["attachments"][0]["content"];
  if (usual && shown != json::parse(teams::render_card(card, look))) problems.add("a refreshed card is another one");
  if (shown.contains("refresh") == look.refresh_for.empty()) problems.add("refreshed for whom nobody asked, or not at all");
  if (!rendered.whole && teams::fits(card)) problems.add("was said to fit");
  const bool again = rendered.json.find("Sent a second time") != std::string::npos;
  if (again != look.again) problems.add("said to be sent again, or not");
  check_asks(card, shown, problems);
  // What is behind "Details" does not depend on the look.
  if (usual) check_complete(card, shown, rendered.whole, look.key, problems);
}

void check_answer(const chat::Card& card, Problems& problems) {
  if (!teams::is_plain_answer(card)) return;
  const json activity = json::parse(teams::render_answer_text(card, fullest()), nullptr, false);
  if (activity.is_discarded()) return problems.add("no JSON");
  problems.add_all(activity_problems(activity));
}

// An answer that goes on in further messages.
void check_parts(const chat::Card& card, Problems& problems) {
  if (teams::fits(card)) return;
  for (const auto& part : chat::parts_of(card, teams::fits, kMostParts)) {
    teams::RenderLook look;
    look.key = "reply/1";
    const auto rendered = teams::render_activity(part, look);
    problems.add_all(activity_problems(json::parse(rendered.json), false));
  }
}

}  // namespace

std::string shown_by(const json& card) {
  std::string seen;
  gather(card, seen);
  return seen;
}

std::vector<std::string> activity_problems(const json& activity, bool by_schema) {
  Problems problems("message");
  if (activity.value("type", "") != "message") problems.add("not a message");
  const size_t bytes = counted(activity);
  if (bytes > teams::kMostBytes) problems.add(fmt::format("{} bytes", bytes));
  const std::string summary = activity.value("summary", "");
  if (summary.empty() || text::characters(summary) > kNotification) problems.add("a summary that is none");
  if (const auto what = deception_in(summary); !what.empty()) problems.add(what);
  const bool has_card = activity.contains("attachments") && !activity["attachments"].empty();
  if (has_card == activity.contains("text")) problems.add("text and card, or neither");
  for (const auto& attachment : activity.value("attachments", json::array())) {
    if (attachment.value("contentType", "") != kCardType) problems.add("an attachment that is no card");
    check_teams_card(attachment.value("content", json()), false, by_schema, problems);
  }
  if (activity.contains("text")) {
    if (activity.value("textFormat", "") != "markdown") problems.add("text of no format");
    check_markdown(activity["text"], problems);
  }
  check_entity(activity, problems);
  return problems.take();
}

std::vector<std::string> dialog_problems(const json& value) {
  Problems problems("dialog");
  const size_t bytes = counted(value);
  if (bytes > teams::kMostBytes) problems.add(fmt::format("{} bytes", bytes));
  if (value.value("title", "").empty()) problems.add("no title");
  if (const auto what = deception_in(value.value("title", "")); !what.empty()) problems.add(what);
  if (value["card"].value("contentType", "") != kCardType) problems.add("no card");
  check_teams_card(value["card"].value("content", json()), true, true, problems);
  return problems.take();
}

std::vector<std::string> teams_message_problems(const chat::Card& card) {
  std::vector<std::string> all;
  const auto check = [&](const char* about, const auto& body) {
    Problems problems(about);
    body(problems);
    for (auto& problem : problems.take()) all.push_back(std::move(problem));
  };
  teams::RenderLook usual;
  usual.key = kUsual;
  check("usual", [&](Problems& problems) { check_message(card, usual, problems); });
  // What a look changes is what can be pressed.
  if (!commands_on(card).empty()) check("fullest", [&](Problems& problems) { check_message(card, fullest(), problems); });
  if (!teams::fits(card)) check("bare", [&](Problems& problems) { check_message(card, {}, problems); });
  check("answer", [&](Problems& problems) { check_answer(card, problems); });
  check("parts", [&](Problems& problems) { check_parts(card, problems); });
  return all;
}

std::vector<std::string> teams_form_problems(const chat::Form& form) {
  Problems problems("form");
  std::map<std::string, std::string> errors = {{"", form.title}};
  if (!form.fields.empty()) errors[form.fields.front().name] = form.intro;
  const json plain = json::parse(teams::render_form_dialog(form, teams::form_context("close C-1")), nullptr, false);
  const json corrected = json::parse(teams::render_form_dialog(form, "not JSON", errors), nullptr, false);
  if (plain.is_discarded() || corrected.is_discarded()) {
    problems.add("no JSON");
    return problems.take();
  }
  problems.add_all(dialog_problems(plain));
  problems.add_all(dialog_problems(corrected));
  const std::string seen = plain["card"].dump();
  for (const auto& field : form.fields) {
    if (seen.find("\"id\":\"" + field.name + "\"") == std::string::npos) problems.add("a field is missing: " + field.name);
  }
  return problems.take();
}

PlatformChecks teams_checks() { return {"teams", teams_message_problems, {}, teams_form_problems}; }

}  // namespace vedette::test
