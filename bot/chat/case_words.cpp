#include "bot/chat/case_words.hpp"

#include <algorithm>
#include <chrono>

#include <fmt/format.h>

#include "bot/base/text.hpp"

namespace vedette::chat {
namespace {

struct Civil {
  int year;
  unsigned month;
  unsigned day;
  long hour;
  long minute;
  long second;
};

Civil civil(Time time) {
  const auto day = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::year_month_day date(day);
  const auto seconds = std::chrono::floor<std::chrono::seconds>(time - day).count();
  return {static_cast<int>(date.year()),
          static_cast<unsigned>(date.month()),
          static_cast<unsigned>(date.day()),
          seconds / 3600,
          seconds / 60 % 60,
          seconds % 60};
}

// Whether a word, without the punctuation around it, is something a chat client could make a link of.
bool linkable(std::string_view word) {
  return word.find("://") != std::string_view::npos || text::lower(word.substr(0, 4)) == "www." || is_ip(word) ||
         (word.find('@') != std::string_view::npos && word.size() > 2);
}

std::string defang_word(std::string_view word) {
  constexpr std::string_view kAround = "\"'`()<>[]{},;:!?“”";
  const size_t begin = std::min(word.find_first_not_of(kAround), word.size());
  size_t end = word.size();
  while (end > begin && (kAround.find(word[end - 1]) != std::string_view::npos || word[end - 1] == '.')) --end;
  const std::string_view core = word.substr(begin, end - begin);
  // "203.0.113.7:443" and "198.51.100.0/24" hold an address too.
  const std::string_view host = core.substr(0, core.find_first_of(":/"));
  if (!linkable(core) && !is_ip(host)) return std::string(word);
  return std::string(word.substr(0, begin)) + text::defang(core) + std::string(word.substr(end));
}

bool defanged(EntityType type) {
  return type == EntityType::ip || type == EntityType::url || type == EntityType::domain || type == EntityType::mail;
}

}  // namespace

std::string utc_second(Time time) {
  const auto c = civil(time);
  return fmt::format("{:04}-{:02}-{:02} {:02}:{:02}:{:02} UTC", c.year, c.month, c.day, c.hour, c.minute, c.second);
}

std::string utc_minute(Time time) {
  const auto c = civil(time);
  return fmt::format("{:04}-{:02}-{:02} {:02}:{:02} UTC", c.year, c.month, c.day, c.hour, c.minute);
}

std::string utc_day(Time time) { return utc_second(time).substr(0, 10); }
std::string utc_time_of_day(Time time) { return utc_second(time).substr(11, 8); }

std::string utc_window(Time from, Time to) {
  const std::string begin = utc_minute(from);
  const std::string end = utc_minute(to);
  const bool same_day = begin.substr(0, 10) == end.substr(0, 10);
  return begin.substr(0, 16) + " to " + (same_day ? end.substr(11) : end);
}

std::string thousands(int64_t number) {
  std::string digits = std::to_string(number);
  const size_t first = digits.starts_with('-') ? 1 : 0;
  for (size_t at = digits.size(); at > first + 3;) {
    at -= 3;
    digits.insert(at, ",");
  }
  return digits;
}

std::string counted(int64_t number, std::string_view singular, std::string_view plural) {
  return fmt::format("{} {}", thousands(number), number == 1 ? singular : plural);
}

std::string upper(std::string_view word) {
  std::string out(word);
  for (auto& c : out) {
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  }
  return out;
}

std::string_view words_for(Label label) {
  switch (label) {
    case Label::malicious: return "Likely malicious";
    case Label::suspicious: return "Suspicious";
    case Label::benign: return "Likely benign";
    case Label::inconclusive: return "Inconclusive";
  }
  return "Inconclusive";
}

std::string_view words_for(EntityType type) {
  switch (type) {
    case EntityType::host: return "Host";
    case EntityType::user: return "User";
    case EntityType::ip: return "IP address";
    case EntityType::domain: return "Domain";
    case EntityType::url: return "URL";
    case EntityType::hash: return "File hash";
    case EntityType::mail: return "E-mail";
    case EntityType::process: return "Process";
    case EntityType::key: return "Access key";
    case EntityType::resource: return "Resource";
  }
  return "Resource";
}

std::string shown(const Entity& entity) {
  const std::string value = text::displayable(entity.value);
  return defanged(entity.type) ? text::defang(value) : value;
}

std::string shown_title(const ActionPlan& plan) {
  std::string title = plan.title();
  if (!plan.target.value.empty() && title.ends_with(plan.target.value))
    title.resize(title.size() - plan.target.value.size());
  return text::displayable(title) + shown(plan.target);
}

std::string prose(std::string_view sentence, const std::vector<Entity>& entities, size_t limit) {
  // A bound before any work: what comes in may be a megabyte.
  std::string line = text::displayable(sentence.substr(0, 16 * limit));
  std::string out;
  for (const auto& word : text::split(text::trim(line), ' ')) {
    if (word.empty()) continue;
    if (!out.empty()) out += ' ';
    std::string piece = defang_word(word);
    if (piece == word && word.find('.') != std::string::npos) {
      for (const auto& entity : entities) {
        if (entity.type != EntityType::domain || entity.value.empty()) continue;
        if (text::icontains(word, entity.value)) {
          piece = text::defang(word);
          break;
        }
      }
    }
    out += piece;
  }
  return text::ellipsize(out, limit);
}

std::string verbatim(std::string_view content) { return text::displayable(content, true); }

std::string who(std::string_view person) {
  if (person.empty() || person == "vedette" || person == "system") return "Vedette";
  return text::ellipsize(text::displayable(person), 60);
}

}  // namespace vedette::chat
