#include "integrations/teams/picks_wire.hpp"

#include <algorithm>

#include "bot/base/clock.hpp"
#include "bot/base/text.hpp"

namespace vedette::teams {
namespace {

constexpr size_t kMostAnswers = 8;
constexpr size_t kMostBytes = 8192;  // of one answer
constexpr int64_t kMostPages = 1000;
constexpr std::string_view kTime = "-time";

std::string answer_in(const Json& data, std::string_view id) {
  std::string value = data[id].scalar_text();
  if (value.size() > kMostBytes) value.clear();
  return std::string(text::trim(value));
}

// "2026-11-24" and "09:30" → "2026-11-24T09:30:00Z"; empty where they are no date and time.
std::string moment_of(const std::string& day, const std::string& time) {
  if (day.empty()) return {};
  const auto moment = parse_time(day + "T" + (time.empty() ? "00:00" : time) + (time.size() > 5 ? "Z" : ":00Z"));
  return moment ? to_rfc3339(*moment) : std::string();
}

}  // namespace

std::string picked_command(const Json& data) {
  std::string command(text::trim(data["command"].string_or("")));
  const auto ids = data["answers"].elements();
  if (command.empty() || ids.size() > kMostAnswers) return {};
  for (size_t at = 0; at < ids.size(); ++at) {
    const std::string id = ids[at].string_or("");
    std::string answer = answer_in(data, id);
    const bool timed = at + 1 < ids.size() && ids[at + 1].string_or("") == id + std::string(kTime);
    if (timed) answer = moment_of(answer, answer_in(data, ids[++at].string_or("")));
    if (answer.empty()) return {};
    command += " " + answer;
  }
  return command;
}

bool is_details(const Json& data) { return data["details"].integer().has_value() && data["key"].is_string(); }

DetailsPage details_page(const Json& data) {
  DetailsPage result;
  result.slot = data["key"].string_or("");
  result.page = static_cast<size_t>(std::clamp<int64_t>(data["details"].integer_or(0), 0, kMostPages));
  return result;
}

std::string form_context(std::string_view command) {
  JsonWriter w;
  w.begin_object().field("form", command).end_object();
  return w.take();
}

std::string command_of_form(const Json& data) { return std::string(text::trim(data["form"].string_or(""))); }

chat::FormAnswers form_answers(const Json& data, const chat::Form& form) {
  chat::FormAnswers answers;
  for (const auto& field : form.fields) {
    std::string answer = answer_in(data, field.name);
    if (field.kind == chat::FormField::Kind::time) {
      answer = moment_of(answer, answer_in(data, field.name + std::string(kTime)));
    }
    if (field.kind == chat::FormField::Kind::person && !answer.empty()) answer = "<@" + text::lower(answer) + ">";
    if (!answer.empty()) answers[field.name] = std::move(answer);
  }
  return answers;
}

}  // namespace vedette::teams
