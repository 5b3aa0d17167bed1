#include "tests/fakes/slack_message_check.hpp"

#include <algorithm>
#include <map>
#include <set>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "bot/base/text.hpp"
#include "bot/chat/card_parts.hpp"
#include "integrations/slack/render.hpp"
#include "integrations/slack/render_form.hpp"
#include "integrations/slack/render_stream.hpp"
#include "tests/fakes/fake_slack_blocks.hpp"
#include "tests/fakes/fake_slack_views.hpp"
#include "tests/support/card_lines.hpp"

namespace vedette::test {
namespace {

using json = nlohmann::json;

constexpr size_t kNotification = 8000;  // Slack cuts at 40,000, and advises 4,000 before & < > are written out
constexpr size_t kViewBytes = 250'000;
constexpr size_t kMostStreamed = 12'000;  // characters; Slack loses what is beyond
constexpr size_t kMostParts = 5;          // as SlackPlatform cuts answers

struct Look {
  const char* name;
  slack::RenderLimits limits;
  bool view = false;
};
// As SlackPlatform and HomeTab render.
const std::vector<Look>& message_looks() {
  static const std::vector<Look> looks = {{"usual", {}},
                                          {"classic", {50, 11'000, false, true, {}}},
                                          {"plain thumbs", {50, 11'000, false, false}},
                                          {"plain", {50, 6000, true}}};
  return looks;
}
const std::vector<Look>& home_looks() {
  static const std::vector<Look> looks = {{"home", {100, 40'000, false, false, {}}, true},
                                          {"plain home", {100, 40'000, true, false, {}}, true}};
  return looks;
}

class Problems {
 public:
  explicit Problems(std::string about) : about_(std::move(about)) {}
  void add(const std::string& what) {
    if (all_.size() < 5) all_.push_back(about_ + ": " + what);
  }
  std::vector<std::string> take() { return std::move(all_); }

 private:
  std::string about_;
  std::vector<std::string> all_;
};

void check_shown(const std::string& text, Problems& problems) {
  if (const std::string what = deception_in(text); !what.empty()) problems.add(what);
}

// Text stands in plain_text objects without emoji and in runs of rich text, nowhere else; nothing links, mentions or
// formats.
void check_literal(const json& value, Problems& problems) {
  if (value.is_array()) {
    for (const auto& child : value) check_literal(child, problems);
    return;
  }
  if (!value.is_object()) return;
  static const std::set<std::string> active = {"mrkdwn",  "markdown",  "link",  "user", "usergroup",
                                               "channel", "broadcast", "emoji", "image"};
  static const std::set<std::string> unseen = {"type",        "action_id",        "block_id", "value", "style",
                                               "callback_id", "private_metadata", "task_id",  "status"};
  const std::string type = value.contains("type") && value["type"].is_string() ? value["type"].get<std::string>() : "";
  if (active.contains(type)) problems.add("an element of type " + type);
  if (type == "plain_text" && value.value("emoji", true)) problems.add("plain_text that turns :words: into emoji");
  for (const auto& [key, child] : value.items()) {
    if (!child.is_string()) {
      check_literal(child, problems);
      continue;
    }
    const bool text =
        (key == "text" && (type == "plain_text" || type == "text" || type == "raw_text" || type == "raw_number")) ||
        (key == "title" && (type == "task_card" || type == "plan")) || (key == "caption" && type == "data_table");
    if (!text && !unseen.contains(key) && key != "accessibility_label" && key != "initial_value") {
      problems.add("a string under '" + key + "'");
    }
    if (!unseen.contains(key)) check_shown(child, problems);
  }
}

// Entities only: no mention, no link.
void check_notification(const std::string& text, Problems& problems) {
  if (text.empty()) problems.add("no notification");
  if (text::characters(text) > kNotification) problems.add("a notification that is too long");
  check_shown(text, problems);
  for (size_t at = 0; at < text.size(); ++at) {
    const std::string_view rest = std::string_view(text).substr(at);
    const bool entity = rest.starts_with("&amp;") || rest.starts_with("&lt;") || rest.starts_with("&gt;");
    if (text[at] == '<' || text[at] == '>' || (text[at] == '&' && !entity)) {
      problems.add("a notification with markup: " + text.substr(0, 60));
      return;
    }
  }
}

void gather(const json& value, std::string& seen, std::set<std::string>& commands) {
  if (value.is_array()) {
    for (const auto& child : value) gather(child, seen, commands);
  }
  if (!value.is_object()) return;
  if (value.contains("value") && value["value"].is_string()) commands.insert(value["value"]);
  for (const auto& [key, child] : value.items()) {
    if ((key == "text" || key == "title" || key == "caption") && child.is_string()) {
      seen += child.get<std::string>();
    } else {
      gather(child, seen, commands);
    }
  }
}

// Each line of the card is there whole, or counted in the notice that something is missing.
void check_complete(const chat::Card& card, const slack::Message& message, const json& blocks, Problems& problems) {
  std::string seen;
  std::set<std::string> commands;
  gather(blocks, seen, commands);
  seen = squeezed(seen);
  std::string example;
  const size_t absent = absent_lines(card, seen, false, &example);
  if (absent > message.missing_lines) {
    problems.add(fmt::format("{} lines are gone, {} are said to be: {}", absent, message.missing_lines, example));
  }
  const bool said = seen.find("didnotfitintothismessage") != std::string::npos;
  if (said != (message.missing_lines > 0)) problems.add("the notice of what is missing and what is missing do not agree");
  for (const auto& command : commands_on(card)) {
    const bool there = commands.contains(command) || seen.find(squeezed(text::displayable(command))) != std::string::npos;
    if (!there && message.missing_lines == 0) problems.add("no way to '" + command.substr(0, 80) + "'");
  }
}

std::vector<std::string> problems_of(const chat::Card& card, const Look& look) {
  Problems problems(look.name);
  const slack::Message message = slack::render(card, look.limits);
  const json blocks = json::parse(message.blocks, nullptr, false);
  if (blocks.is_discarded()) {
    problems.add("no JSON");
    return problems.take();
  }
  const auto problem = look.view ? view_blocks_problem(blocks) : blocks_problem(blocks);
  if (problem) problems.add(*problem);
  if (blocks.empty()) problems.add("no blocks");
  if (look.view ? message.blocks.size() > kViewBytes : blocks_text(blocks) > kMostBlocksText) problems.add("too much text");
  for (const auto& block : blocks) {
    static const std::set<std::string> oldest = {"section", "context", "divider", "actions"};
    if (look.limits.plain && !oldest.contains(block.value("type", ""))) problems.add("a newer block in the plain look");
  }
  check_literal(blocks, problems);
  check_notification(message.text, problems);
  check_complete(card, message, blocks, problems);
  return problems.take();
}

// The pieces of a stream together are the message, and no more than a stream takes.
void check_stream(const json& blocks, Problems& problems) {
  const std::string mark = "answer-1";
  json together = json::array();
  for (const auto& piece : slack::stream_pieces(blocks.dump(), mark)) {
    const json chunks = json::parse(piece, nullptr, false);
    if (!chunks.is_array() || chunks.size() != 1 || chunks[0].value("type", "") != "blocks") {
      problems.add("a piece of a stream that is none");
      return;
    }
    if (blocks_problem(chunks[0]["blocks"])) problems.add("a piece of a stream with blocks that Slack refuses");
    for (const auto& block : chunks[0]["blocks"]) together.push_back(block);
  }
  json marked = blocks;
  marked[0]["block_id"] = mark;
  if (together != marked) problems.add("the pieces of a stream are not the message");
  if (blocks_text(together) > kMostStreamed) problems.add("more text than a stream takes");
}

// An answer, which goes on in further messages: each is one that Slack takes, and together they say everything or how much
// is missing.
std::vector<std::string> part_problems(const chat::Card& card) {
  Problems problems("parts");
  const auto fits = [](const chat::Card& part) { return slack::render(part).missing_lines == 0; };
  const auto parts = chat::parts_of(card, fits, kMostParts);
  if (parts.empty() || parts.size() > kMostParts) problems.add(fmt::format("{} of them", parts.size()));
  std::string seen;
  std::set<std::string> commands;
  size_t missing = 0;
  for (const auto& part : parts) {
    const slack::Message message = slack::render(part);
    const json blocks = json::parse(message.blocks, nullptr, false);
    if (const auto problem = blocks_problem(blocks)) problems.add(*problem);
    if (blocks_text(blocks) > kMostBlocksText) problems.add("too much text");
    check_literal(blocks, problems);
    check_stream(blocks, problems);
    gather(blocks, seen, commands);
    missing += message.missing_lines;
  }
  seen = squeezed(seen);
  std::string example;
  const size_t absent = absent_lines(card, seen, true, &example);
  const bool said = seen.find("toomanyforchat") != std::string::npos;
  if (said && parts.size() < kMostParts) problems.add("cut short though there was room for another part");
  if (!said && absent > missing) {
    problems.add(fmt::format("{} lines are gone, {} are said to be: {}", absent, missing, example));
  }
  return problems.take();
}

std::vector<std::string> problems_in(const chat::Card& card, const std::vector<Look>& looks) {
  std::vector<std::string> all;
  const bool thumbs = std::any_of(card.blocks.begin(), card.blocks.end(),
                                  [](const chat::Block& block) { return std::holds_alternative<chat::Thumbs>(block); });
  for (const auto& look : looks) {
    if (!look.view && !look.limits.plain && !look.limits.feedback_buttons && !thumbs)
      continue;  // no other than the usual one
    for (auto& problem : problems_of(card, look)) all.push_back(std::move(problem));
  }
  return all;
}

}  // namespace

std::vector<std::string> message_problems(const chat::Card& card) {
  auto all = problems_in(card, message_looks());
  for (auto& problem : part_problems(card)) all.push_back(std::move(problem));
  return all;
}
std::vector<std::string> home_problems(const chat::Card& card) { return problems_in(card, home_looks()); }

std::vector<std::string> form_problems(const chat::Form& form) {
  Problems problems("form");
  const json view = json::parse(slack::render_form(form, "{}"), nullptr, false);
  if (view.is_discarded()) {
    problems.add("no JSON");
    return problems.take();
  }
  if (const auto problem = view_problem(view)) problems.add(*problem);
  if (view.dump().size() > kViewBytes) problems.add("too large");
  check_literal(view, problems);
  return problems.take();
}

PlatformChecks slack_checks() { return {"slack", message_problems, home_problems, form_problems}; }

}  // namespace vedette::test
