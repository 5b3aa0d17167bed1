#include "integrations/console/message_json.hpp"

#include "bot/base/text.hpp"
#include "bot/chat/adaptive_card.hpp"

namespace vedette::console {
namespace {

constexpr size_t kSummaryCharacters = 240;

std::string_view to_string(chat::Tone tone) {
  switch (tone) {
    case chat::Tone::good: return "good";
    case chat::Tone::warning: return "warning";
    case chat::Tone::danger: return "danger";
    case chat::Tone::neutral: break;
  }
  return "neutral";
}

chat::Card unreadable() {
  chat::Card card;
  card.summary = "This message cannot be read";
  card.tone = chat::Tone::warning;
  chat::Paragraph paragraph;
  paragraph.lines.push_back({"This message was stored by a different version of Vedette and cannot be shown.", {}, false});
  card.blocks.push_back(std::move(paragraph));
  return card;
}

std::string text_of(const chat::Card& card) {
  std::string out;
  for (const auto& block : card.blocks) {
    const auto* paragraph = std::get_if<chat::Paragraph>(&block);
    if (paragraph == nullptr) continue;
    for (const auto& line : paragraph->lines) {
      if (!out.empty()) out += '\n';
      out += line.text;
    }
  }
  return out;
}

}  // namespace

void write_person(JsonWriter& w, const Person& person) {
  w.begin_object().field("id", person.id).field("name", person.name.empty() ? person.id : person.name);
  w.key("roles").begin_array();
  for (const auto& role : person.roles) w.value(role);
  w.end_array().end_object();
}

void write_message(JsonWriter& w, const OutboxRow& row, const Directory& directory) {
  auto stored = chat::card_from_json(row.message.card);
  const chat::Card card = stored ? std::move(stored).value() : unreadable();
  w.begin_object()
      .field("id", row.id)
      .field("slot", row.message.slot)
      .field("channel", row.message.channel)
      .field("thread_of", row.message.thread_of)
      .field("private", !row.message.only_for.empty())
      .field("version", row.version)
      .field("created", to_rfc3339(row.created))
      .field("changed", to_rfc3339(row.changed))
      .field("tone", to_string(card.tone))
      .field("summary", text::displayable(card.summary));
  if (row.message.author.empty()) {
    w.key("author").null().key("card").json(chat::render_adaptive_card(card));
  } else {
    const Person* author = directory.find(row.message.author);
    w.key("author").begin_object().field("id", row.message.author);
    w.field("name", author == nullptr || author->name.empty() ? row.message.author : author->name).end_object();
    w.field("text", text::displayable(text_of(card), true));
  }
  w.end_object();
}

std::string said_card(const std::string& text) {
  chat::Card card;
  card.summary = text::ellipsize(text, kSummaryCharacters);
  chat::Paragraph paragraph;
  for (auto& line : text::split(text, '\n')) paragraph.lines.push_back({std::move(line), {}, false});
  card.blocks.push_back(std::move(paragraph));
  return chat::to_json(card);
}

}  // namespace vedette::console
