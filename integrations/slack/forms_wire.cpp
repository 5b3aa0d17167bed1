#include "integrations/slack/forms_wire.hpp"

#include <algorithm>
#include <set>

#include <fmt/format.h>

#include "bot/base/crypto.hpp"
#include "bot/base/text.hpp"
#include "integrations/slack/events_wire.hpp"
#include "integrations/slack/picks_wire.hpp"

namespace vedette::slack {
namespace {

constexpr size_t kMostErrors = 10;
constexpr size_t kErrorCharacters = 300;

// "1583636382.000300": seconds and microseconds.
Time time_of_ts(std::string_view ts) {
  const size_t dot = ts.find('.');
  const auto seconds = text::parse_integer(ts.substr(0, dot));
  if (!seconds || *seconds <= 0 || *seconds > 10'000'000'000) return {};
  return from_micros(*seconds * 1'000'000);
}

}  // namespace

std::string to_metadata(const FormPlace& place) {
  JsonWriter out;
  out.begin_object().field("command", place.command).field("channel", place.channel).field("thread", place.thread);
  out.end_object();
  return out.take();
}

Result<FormPlace> place_from(std::string_view metadata) {
  TRY(const Json in, Json::parse(metadata));
  FormPlace place;
  place.command = in["command"].string_or("");
  place.channel = in["channel"].string_or("");
  place.thread = in["thread"].string_or("");
  if (place.command.empty() || place.channel.empty()) return Error(Code::invalid_input, "a view that is no form of ours");
  return place;
}

Result<FormSubmission> read_submission(const Json& payload) {
  const Json view = payload["view"];
  if (view["callback_id"].string_or("") != kFormCallback) return Error(Code::invalid_input, "a view of another kind");
  FormSubmission submission;
  TRY(submission.place, place_from(view["private_metadata"].string_or("")));
  submission.who = who_acted(payload);
  const std::string id = view["id"].string_or("");
  if (id.empty() || submission.who.user.empty()) return Error(Code::invalid_input, "a view without its id or person");
  for (const auto& block : view["blocks"].elements()) {
    if (block["type"].string_or("") == "input" && submission.first_field.empty()) {
      submission.first_field = block["block_id"].string_or("");
    }
  }
  for (const auto& [field, elements] : view.at("/state/values").members()) {
    for (const auto& [action, state] : elements.members()) {
      std::string given = picked_value(state);
      if (!given.empty()) submission.answers[std::string(field)] = std::move(given);
    }
  }
  // Sent again with other answers, after an error or an acknowledgement that came late, it is another one.
  JsonWriter given;
  given.begin_object();
  for (const auto& [field, answer] : submission.answers) given.field(field, answer);
  given.end_object();
  submission.key = "view/" + id + "/" + view["hash"].string_or("") + "/" + crypto::sha256_hex(given.take()).substr(0, 16);
  return submission;
}

std::string errors_answer(const std::map<std::string, std::string>& errors) {
  JsonWriter out;
  out.begin_object().field("response_action", "errors").key("errors").begin_object();
  size_t count = 0;
  for (const auto& [field, sentence] : errors) {
    if (count++ == kMostErrors) break;
    out.field(field, text::ellipsize(text::displayable(sentence), kErrorCharacters));
  }
  out.end_object().end_object();
  return out.take();
}

Result<Shortcut> read_shortcut(const Json& payload) {
  Shortcut pressed;
  pressed.of_message = payload["type"].string_or("") == "message_action";
  pressed.callback = payload["callback_id"].string_or("");
  pressed.trigger = payload["trigger_id"].string_or("");
  pressed.who = who_acted(payload);
  pressed.reply_url = payload["response_url"].string_or("");
  if (pressed.trigger.empty() || pressed.who.user.empty()) {
    return Error(Code::invalid_input, "a shortcut without its trigger or person");
  }
  pressed.key = "shortcut/" + pressed.trigger;
  if (!pressed.of_message) return pressed;
  pressed.channel = payload["channel"]["id"].string_or("");
  pressed.message_ts = payload["message_ts"].string_or(payload["message"]["ts"].string_or(""));
  if (pressed.channel.empty() || pressed.message_ts.empty()) {
    return Error(Code::invalid_input, "a message's shortcut without its channel or message");
  }
  pressed.message_time = time_of_ts(pressed.message_ts);
  return pressed;
}

namespace {

// <https://host/path|label> shows only its label, which may lie: both are kept. The rest is undone as in a command.
std::string links_shown(std::string_view raw) {
  std::string out;
  for (size_t at = 0; at < raw.size();) {
    const size_t close = raw[at] == '<' ? raw.find('>', at) : std::string_view::npos;
    if (close == std::string_view::npos) {
      out += raw[at++];
      continue;
    }
    const std::string_view inside = raw.substr(at + 1, close - at - 1);
    const size_t bar = inside.find('|');
    const bool link = inside.find("://") != std::string_view::npos || inside.starts_with("mailto:");
    if (link && bar != std::string_view::npos) {
      const std::string_view target = inside.substr(0, bar);
      const std::string_view label = inside.substr(bar + 1);
      out += label;
      if (target.find(label) == std::string_view::npos) out += " (" + std::string(target) + ")";
    } else {
      out += raw.substr(at, close - at + 1);
    }
    at = close + 1;
  }
  return out;
}

class Lines {
 public:
  void add(std::string_view raw) {
    const std::string plain = plain_command(links_shown(raw));
    for (const auto& part : text::split(plain, '\n')) {
      const std::string line(text::trim(text::displayable(part)));
      if (line.empty() || text_.size() > kMostText || !seen_.insert(line).second) continue;
      text_ += (text_.empty() ? "" : "\n") + line;
    }
  }
  std::string& text() { return text_; }

 private:
  static constexpr size_t kMostText = 64 << 10;  // many times what is kept
  std::string text_;
  std::set<std::string> seen_;  // the same line often stands in the text, in a block and in an attachment
};

// Text objects and rich text wherever they are nested. The runs of a rich text section are one line.
void add_blocks(const Json& item, Lines& lines, int depth) {
  constexpr int kDeepest = 12;
  if (depth > kDeepest) return;
  const std::string type = item["type"].string_or("");
  if (type == "rich_text_section" || type == "rich_text_preformatted" || type == "rich_text_quote") {
    std::string line;
    for (const auto& run : item["elements"].elements()) {
      const std::string words = run["text"].string_or("");
      const std::string url = run["url"].string_or("");
      line += words;
      if (!url.empty() && url.find(words) == std::string::npos) line += " (" + url + ")";
      if (words.empty()) line += url;
    }
    lines.add(line);
    return;
  }
  if (item["text"].is_string() && (type == "mrkdwn" || type == "plain_text" || type == "markdown")) {
    lines.add(item["text"].string_or(""));
  }
  for (const auto& [name, child] : item.members()) add_blocks(child, lines, depth + 1);
  for (const auto& child : item.elements()) add_blocks(child, lines, depth + 1);
}

}  // namespace

std::string message_text(const Json& message, size_t bytes) {
  Lines lines;
  lines.add(message["text"].string_or(""));
  for (const auto& attachment : message["attachments"].elements()) {
    for (const char* part : {"pretext", "author_name", "title", "title_link", "text"}) {
      lines.add(attachment[part].string_or(""));
    }
    for (const auto& field : attachment["fields"].elements()) {
      lines.add(field["title"].string_or("") + ": " + field["value"].string_or(""));
    }
    add_blocks(attachment["blocks"], lines, 0);
    if (attachment["text"].string_or("").empty()) lines.add(attachment["fallback"].string_or(""));
  }
  add_blocks(message["blocks"], lines, 0);
  std::string& all = lines.text();
  if (all.size() <= bytes) return std::move(all);
  const size_t whole = text::characters(all);
  size_t end = bytes > 100 ? bytes - 100 : 0;
  while (end > 0 && (static_cast<unsigned char>(all[end]) & 0xC0) == 0x80) --end;
  all.resize(end);
  all += fmt::format("\n[the message goes on: {} of its {} characters are here]", text::characters(all), whole);
  return std::move(all);
}

}  // namespace vedette::slack
