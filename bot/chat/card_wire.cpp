#include <array>

#include "bot/base/json.hpp"
#include "bot/chat/card.hpp"

namespace vedette::chat {
namespace {

constexpr std::array<std::pair<Tone, std::string_view>, 4> kTones = {
    {{Tone::neutral, "neutral"}, {Tone::good, "good"}, {Tone::warning, "warning"}, {Tone::danger, "danger"}}};

std::string_view name_of(Tone tone) {
  for (const auto& [value, name] : kTones) {
    if (value == tone) return name;
  }
  return "neutral";
}

Tone tone_of(const Json& in) {
  const std::string word = in.string_or("neutral");
  for (const auto& [value, name] : kTones) {
    if (name == word) return value;
  }
  return Tone::neutral;
}

constexpr std::array<std::pair<Select::Kind, std::string_view>, 3> kSelectKinds = {
    {{Select::Kind::one, "one"}, {Select::Kind::person, "person"}, {Select::Kind::time, "time"}}};

std::string_view name_of(Select::Kind kind) {
  for (const auto& [value, name] : kSelectKinds) {
    if (value == kind) return name;
  }
  return "one";
}

// ---- writing: one overload a block

void write_lines(JsonWriter& out, std::string_view name, const std::vector<Line>& lines) {
  out.key(name).begin_array();
  for (const auto& line : lines) {
    out.begin_object().field("text", line.text);
    if (!line.evidence.empty()) {
      out.key("evidence").begin_array();
      for (const int number : line.evidence) out.value(number);
      out.end_array();
    }
    if (line.strong) out.field("strong", true);
    out.end_object();
  }
  out.end_array();
}

void write_texts(JsonWriter& out, const std::vector<std::string>& texts) {
  out.begin_array();
  for (const auto& text : texts) out.value(text);
  out.end_array();
}

void write(JsonWriter& out, const Heading& block) {
  out.field("type", "heading").field("text", block.text).field("tone", name_of(block.tone));
}
void write(JsonWriter& out, const Paragraph& block) {
  out.field("type", "paragraph");
  write_lines(out, "lines", block.lines);
  if (block.subtle) out.field("subtle", true);
}
void write(JsonWriter& out, const Bullets& block) {
  out.field("type", "bullets").field("title", block.title);
  write_lines(out, "items", block.items);
}
void write(JsonWriter& out, const Facts& block) {
  out.field("type", "facts").key("rows").begin_array();
  for (const auto& [name, value] : block.rows) out.begin_array().value(name).value(value).end_array();
  out.end_array();
}
void write(JsonWriter& out, const Chips& block) {
  out.field("type", "chips").field("title", block.title).key("items");
  write_texts(out, block.items);
}
void write(JsonWriter& out, const Steps& block) {
  out.field("type", "steps").key("items").begin_array();
  for (const auto& step : block.items) {
    out.begin_object().field("text", step.text).field("done", step.state == StepState::done);
    if (step.state == StepState::running) out.field("state", "running");
    if (step.state == StepState::failed) out.field("state", "failed");
    out.end_object();
  }
  out.end_array();
}
void write(JsonWriter& out, const Records& block) {
  out.field("type", "records").field("title", block.title).field("text", block.text).field("folded", block.folded);
}
void write(JsonWriter& out, const Table& block) {
  out.field("type", "table").key("header");
  write_texts(out, block.header);
  out.key("rows").begin_array();
  for (const auto& row : block.rows) write_texts(out, row);
  out.end_array();
}
void write(JsonWriter& out, const File& block) {
  out.field("type", "file").field("name", block.name).field("title", block.title).field("text", block.text);
}
void write(JsonWriter& out, const Divider&) { out.field("type", "divider"); }
void write(JsonWriter& out, const Buttons& block) {
  out.field("type", "buttons").key("items").begin_array();
  for (const auto& button : block.items) {
    out.begin_object().field("label", button.label).field("command", button.command).field("tone", name_of(button.tone));
    if (!button.confirm.empty()) out.field("confirm", button.confirm);
    out.end_object();
  }
  out.end_array();
}
void write(JsonWriter& out, const Thumbs& block) {
  out.field("type", "thumbs").field("good", block.good_command).field("bad", block.bad_command);
}

void write(JsonWriter& out, const Menu& block) {
  out.field("type", "menu").field("label", block.label).key("items").begin_array();
  for (const auto& item : block.items)
    out.begin_object().field("label", item.label).field("command", item.command).end_object();
  out.end_array();
}
void write(JsonWriter& out, const Select& block) {
  out.field("type", "select").field("kind", name_of(block.kind)).field("label", block.label).field("command", block.command);
  out.key("options").begin_array();
  for (const auto& option : block.options)
    out.begin_object().field("label", option.label).field("value", option.value).end_object();
  out.end_array();
}

// ---- reading: one function a block

std::vector<Line> read_lines(const Json& in) {
  std::vector<Line> lines;
  for (const auto& element : in.elements()) {
    Line line;
    line.text = element["text"].string_or("");
    for (const auto& number : element["evidence"].elements())
      line.evidence.push_back(static_cast<int>(number.integer_or(0)));
    line.strong = element["strong"].boolean_or(false);
    lines.push_back(std::move(line));
  }
  return lines;
}

std::vector<std::string> read_texts(const Json& in) {
  std::vector<std::string> texts;
  for (const auto& element : in.elements()) texts.push_back(element.string_or(""));
  return texts;
}

Block read_heading(const Json& in) { return Heading{in["text"].string_or(""), tone_of(in["tone"])}; }
Block read_paragraph(const Json& in) { return Paragraph{read_lines(in["lines"]), in["subtle"].boolean_or(false)}; }
Block read_bullets(const Json& in) { return Bullets{in["title"].string_or(""), read_lines(in["items"])}; }
Block read_facts(const Json& in) {
  Facts block;
  for (const auto& row : in["rows"].elements()) block.rows.emplace_back(row[size_t{0}].string_or(""), row[1].string_or(""));
  return block;
}
Block read_chips(const Json& in) { return Chips{in["title"].string_or(""), read_texts(in["items"])}; }
StepState step_state(const Json& step) {
  if (step["done"].boolean_or(false)) return StepState::done;
  const std::string word = step["state"].string_or("");
  if (word == "running") return StepState::running;
  return word == "failed" ? StepState::failed : StepState::waiting;
}
Block read_steps(const Json& in) {
  Steps block;
  for (const auto& step : in["items"].elements()) block.items.push_back({step["text"].string_or(""), step_state(step)});
  return block;
}
Block read_file(const Json& in) {
  return File{in["name"].string_or(""), in["title"].string_or(""), in["text"].string_or("")};
}
Block read_records(const Json& in) {
  return Records{in["title"].string_or(""), in["text"].string_or(""), in["folded"].boolean_or(true)};
}
Block read_table(const Json& in) {
  Table block;
  block.header = read_texts(in["header"]);
  for (const auto& row : in["rows"].elements()) block.rows.push_back(read_texts(row));
  return block;
}
Block read_divider(const Json&) { return Divider{}; }
Block read_buttons(const Json& in) {
  Buttons block;
  for (const auto& item : in["items"].elements()) {
    block.items.push_back(
        {item["label"].string_or(""), item["command"].string_or(""), tone_of(item["tone"]), item["confirm"].string_or("")});
  }
  return block;
}
Block read_thumbs(const Json& in) { return Thumbs{in["good"].string_or(""), in["bad"].string_or("")}; }

Block read_menu(const Json& in) {
  Menu block;
  block.label = in["label"].string_or("");
  for (const auto& item : in["items"].elements())
    block.items.push_back({item["label"].string_or(""), item["command"].string_or("")});
  return block;
}
Block read_select(const Json& in) {
  Select block;
  const std::string kind = in["kind"].string_or("");
  for (const auto& [value, name] : kSelectKinds) {
    if (name == kind) block.kind = value;
  }
  block.label = in["label"].string_or("");
  block.command = in["command"].string_or("");
  for (const auto& option : in["options"].elements())
    block.options.push_back({option["label"].string_or(""), option["value"].string_or("")});
  return block;
}

using Reader = Block (*)(const Json&);
constexpr std::array<std::pair<std::string_view, Reader>, 14> kReaders = {{
    {"heading", read_heading},
    {"paragraph", read_paragraph},
    {"bullets", read_bullets},
    {"facts", read_facts},
    {"chips", read_chips},
    {"steps", read_steps},
    {"records", read_records},
    {"table", read_table},
    {"divider", read_divider},
    {"file", read_file},
    {"buttons", read_buttons},
    {"thumbs", read_thumbs},
    {"menu", read_menu},
    {"select", read_select},
}};

Result<Block> read_block(const Json& in) {
  const std::string type = in["type"].string_or("");
  for (const auto& [name, read] : kReaders) {
    if (name == type) return read(in);
  }
  return Error(Code::invalid_input, "a stored card has a block of an unknown type");
}

}  // namespace

std::string to_json(const Card& card) {
  JsonWriter out;
  out.begin_object().field("summary", card.summary).field("tone", name_of(card.tone)).key("blocks").begin_array();
  for (const auto& block : card.blocks) {
    out.begin_object();
    std::visit([&](const auto& content) { write(out, content); }, block);
    out.end_object();
  }
  out.end_array().end_object();
  return out.take();
}

Result<Card> card_from_json(std::string_view json) {
  JsonLimits limits;
  limits.bytes = 8 << 20;  // our own writing; a file may be long
  TRY(const Json in, Json::parse(json, limits));
  if (!in.is_object() || !in["blocks"].is_array()) return Error(Code::invalid_input, "a stored card is not a card");
  Card card;
  card.summary = in["summary"].string_or("");
  card.tone = tone_of(in["tone"]);
  for (const auto& element : in["blocks"].elements()) {
    TRY(Block block, read_block(element));
    card.blocks.push_back(std::move(block));
  }
  return card;
}

}  // namespace vedette::chat
