#include "integrations/teams/message_wire.hpp"

#include <set>

#include <fmt/format.h>

#include "bot/base/text.hpp"

namespace vedette::teams {
namespace {

constexpr size_t kMostDepth = 12;
constexpr size_t kMostLines = 500;

class Lines {
 public:
  void add(std::string_view text) {
    for (const auto& line : text::split(text, '\n')) {
      const std::string plain(text::trim(text::displayable(line)));
      if (plain.empty() || seen_.size() >= kMostLines || !seen_.insert(plain).second) continue;
      if (!all_.empty()) all_ += '\n';
      all_ += plain;
    }
  }
  std::string& text() { return all_; }

 private:
  std::set<std::string> seen_;
  std::string all_;
};

std::string undone(std::string text) {
  for (const auto& [from, to] :
       {std::pair{"&nbsp;", " "}, {"&lt;", "<"}, {"&gt;", ">"}, {"&quot;", "\""}, {"&#39;", "'"}, {"&amp;", "&"}}) {
    text = text::replace_all(std::move(text), from, to);
  }
  return text;
}

// Tags go; those that begin a line break one; a link leaves its address behind the words.
std::string without_tags(std::string_view html) {
  std::string out;
  std::string link;
  for (size_t at = 0; at < html.size();) {
    if (html[at] != '<') {
      out += html[at++];
      continue;
    }
    const size_t end = html.find('>', at);
    if (end == std::string_view::npos) break;
    const std::string tag = text::lower(html.substr(at + 1, end - at - 1));
    if (tag.starts_with("a ")) {
      const size_t from = tag.find("href=\"");
      const size_t to = from == std::string::npos ? from : tag.find('"', from + 6);
      // From the original: addresses have capitals.
      link = to == std::string::npos ? std::string() : std::string(html.substr(at + 1 + from + 6, to - from - 6));
    }
    if (tag == "/a" && !link.empty()) {
      if (!out.ends_with(link)) out += " " + link;
      link.clear();
    }
    for (const char* block : {"p", "div", "br", "li", "tr", "h1", "h2", "h3", "blockquote", "pre"}) {
      if (tag == block || tag.starts_with(std::string(block) + " ") || tag == std::string("/") + block ||
          tag == std::string(block) + "/") {
        out += '\n';
      }
    }
    at = end + 1;
  }
  return undone(std::move(out));
}

// The words of a card, in their order.
void add_card(const Json& part, Lines& lines, size_t depth) {
  if (depth > kMostDepth) return;
  if (part.is_array()) {
    for (const auto& element : part.elements()) add_card(element, lines, depth + 1);
    return;
  }
  if (!part.is_object()) return;
  const std::string title = part["title"].string_or("");
  const std::string value = part["value"].string_or("");
  lines.add(title.empty() || value.empty() ? title : title + ": " + value);
  for (const char* name : {"text", "subtitle", "summary"}) lines.add(without_tags(part[name].string_or("")));
  for (const char* name : {"body", "items", "columns", "facts", "inlines", "rows", "cells", "sections"}) {
    add_card(part[name], lines, depth + 1);
  }
}

}  // namespace

std::string message_text(const Json& payload, size_t bytes) {
  Lines lines;
  lines.add(payload["subject"].string_or(""));
  const Json body = payload["body"];
  const std::string content = body["content"].string_or("");
  lines.add(body["contentType"].string_or("html") == "text" ? content : without_tags(content));
  for (const auto& attachment : payload["attachments"].elements()) {
    const auto card = Json::parse(attachment["content"].string_or(""));
    add_card(card ? *card : attachment["content"], lines, 0);
    lines.add(attachment["name"].string_or(""));
  }
  std::string& all = lines.text();
  if (all.size() <= bytes) return std::move(all);
  const size_t whole = text::characters(all);
  size_t end = bytes > 100 ? bytes - 100 : 0;
  while (end > 0 && (static_cast<unsigned char>(all[end]) & 0xC0) == 0x80) --end;
  all.resize(end);
  all += fmt::format("\n[the message goes on: {} of its {} characters are here]", text::characters(all), whole);
  return std::move(all);
}

}  // namespace vedette::teams
