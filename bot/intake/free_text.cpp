#include "bot/intake/free_text.hpp"

#include <algorithm>
#include <array>

#include "bot/base/text.hpp"
#include "bot/intake/reading.hpp"

namespace vedette::intake {
namespace {

constexpr size_t kMostEntities = 50;
constexpr size_t kTitleCharacters = 120;
constexpr size_t kLongestWord = 2000;

// Names of files that look like names of hosts.
constexpr std::array<std::string_view, 34> kFileEndings = {
    "dll",  "sys",  "bat",  "cmd",  "vbs",  "ps1", "psm1", "js",  "jse", "hta",  "lnk", "doc",
    "docx", "docm", "xls",  "xlsx", "xlsm", "ppt", "pdf",  "txt", "log", "json", "xml", "yml",
    "yaml", "csv",  "conf", "ini",  "html", "php", "py",   "jar", "png", "jpg"};

struct Keyword {
  std::string_view word;
  EntityType type;
};
constexpr std::array<Keyword, 14> kKeywords = {{{"host", EntityType::host},
                                                {"hostname", EntityType::host},
                                                {"computer", EntityType::host},
                                                {"machine", EntityType::host},
                                                {"server", EntityType::host},
                                                {"device", EntityType::host},
                                                {"endpoint", EntityType::host},
                                                {"agent", EntityType::host},
                                                {"user", EntityType::user},
                                                {"username", EntityType::user},
                                                {"account", EntityType::user},
                                                {"login", EntityType::user},
                                                {"process", EntityType::process},
                                                {"domain", EntityType::domain}}};

std::optional<EntityType> keyword_of(std::string_view word) {
  const std::string lower = text::lower(word);
  for (const auto& keyword : kKeywords) {
    if (keyword.word == lower) return keyword.type;
  }
  return std::nullopt;
}

std::string refanged(std::string_view given) {
  std::string out(given);
  for (const auto& [from, to] :
       {std::pair{"[.]", "."}, {"(.)", "."}, {"{.}", "."}, {"[dot]", "."}, {"[:]", ":"}, {"[@]", "@"}, {"[at]", "@"}}) {
    out = text::replace_all(std::move(out), from, to);
  }
  for (const auto& [from, to] : {std::pair{"hxxp", "http"}, {"hXXp", "http"}, {"[://]", "://"}}) {
    out = text::replace_all(std::move(out), from, to);
  }
  return out;
}

std::vector<std::string> words_in(std::string_view text) {
  std::vector<std::string> words;
  std::string word;
  const auto end = [&] {
    if (!word.empty() && word.size() <= kLongestWord) words.push_back(word);
    word.clear();
  };
  for (const char c : text) {
    if (static_cast<unsigned char>(c) <= 0x20 || std::string_view("<>\"'`(){}[]|,;*").find(c) != std::string_view::npos) {
      end();
    } else {
      word += c;
    }
  }
  end();
  return words;
}

std::string_view without_punctuation(std::string_view word) {
  while (!word.empty() && std::string_view(".!?:=").find(word.back()) != std::string_view::npos) word.remove_suffix(1);
  return word;
}

bool is_domain_name(std::string_view name) {
  const size_t dot = name.rfind('.');
  if (dot == std::string_view::npos) return false;
  const std::string top = text::lower(name.substr(dot + 1));
  if (std::find(kFileEndings.begin(), kFileEndings.end(), top) != kFileEndings.end()) return false;
  bool label = false;  // something stands since the last dot
  for (const char c : name) {
    const bool letter = (c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z') || c == '-' || c == '_';
    if (!letter && (c != '.' || !label)) return false;
    label = letter;
  }
  const auto entity = parse_entity(name);
  return entity && entity->type == EntityType::domain;
}

void add_url(std::vector<Entity>& found, std::string_view word) {
  std::string_view host = word.substr(word.find("://") + 3);
  host = host.substr(0, host.find_first_of("/?#"));
  if (host.empty()) return;
  add_unique(found, make_entity(EntityType::url, word));
  if (const size_t at = host.rfind('@'); at != std::string_view::npos) host.remove_prefix(at + 1);
  const std::string address = address_of(host);
  if (!address.empty()) {
    add_unique(found, make_entity(EntityType::ip, address));
  } else if (is_domain_name(host.substr(0, host.find(':')))) {
    add_unique(found, make_entity(EntityType::domain, host.substr(0, host.find(':'))));
  }
}

void add_by_looks(std::vector<Entity>& found, std::string_view given) {
  const std::string_view word = without_punctuation(given);
  if (word.empty()) return;
  if (word.find("://") != std::string_view::npos) {
    const std::string lower = text::lower(word.substr(0, 8));
    if (lower.starts_with("http://") || lower.starts_with("https://") || lower.starts_with("ftp://")) add_url(found, word);
    return;
  }
  if (const std::string address = address_of(word); !address.empty()) {
    return add_unique(found, make_entity(EntityType::ip, address));
  }
  const size_t at = word.find('@');
  if (at != std::string_view::npos) {
    if (at > 0 && is_domain_name(word.substr(at + 1))) add_unique(found, make_entity(EntityType::mail, word));
    return;
  }
  if (text::lower(word).ends_with(".exe")) {
    const std::string program = base_name(word);
    if (program.size() > 4) add_unique(found, make_entity(EntityType::process, program));
    return;
  }
  const auto entity = parse_entity(word);
  if (!entity) return;
  const bool certain =
      entity->type == EntityType::hash || entity->type == EntityType::key || entity->type == EntityType::resource;
  if (certain || is_domain_name(word)) add_unique(found, entity);
}

// "user=ann" and "user:ann", where the first part says what the second one is. False: it is something else.
bool add_named(std::vector<Entity>& found, std::string_view word) {
  const size_t sign = word.find_first_of("=:");
  if (sign == std::string_view::npos || sign + 1 >= word.size() || word.substr(sign).starts_with("://")) return false;
  const std::string_view value = without_punctuation(word.substr(sign + 1));
  if (const auto type = keyword_of(word.substr(0, sign))) {
    add_unique(found, make_entity(*type, value));
    return true;
  }
  if (word[sign] == '=') {
    add_by_looks(found, value);
    return true;
  }
  const auto type = entity_type_from(text::lower(word.substr(0, sign)));
  if (!type) return false;
  add_unique(found, make_entity(*type, value));
  return true;
}

}  // namespace

std::vector<Entity> entities_in(std::string_view given) {
  std::vector<Entity> found;
  const auto words = words_in(refanged(given));
  std::optional<EntityType> named;  // the word before said what this one is
  for (size_t at = 0; at < words.size() && found.size() < kMostEntities; ++at) {
    const std::string& word = words[at];
    if (word == ":" || word == "=") continue;
    if (named) {
      add_unique(found, make_entity(*named, without_punctuation(word)));
      named.reset();
      continue;
    }
    const bool marked = word.ends_with(':') || word.ends_with('=') ||
                        (at + 1 < words.size() && (words[at + 1] == ":" || words[at + 1] == "="));
    if (marked) named = keyword_of(without_punctuation(word));
    if (!named && !add_named(found, word)) add_by_looks(found, word);
  }
  if (found.empty() && words.size() == 1 && !named) {
    const auto entity = parse_entity(without_punctuation(words.front()));
    const bool name =
        entity && entity->type == EntityType::host && entity->value.find_first_of(":/@#=") == std::string::npos;
    if (name) add_unique(found, entity);
  }
  return found;
}

Alert alert_from_text(std::string_view given) {
  Alert alert;
  const std::string_view whole = text::trim(given);
  const std::string first(text::trim(whole.substr(0, whole.find('\n'))));
  alert.title = text::ellipsize(first, kTitleCharacters);
  alert.description = std::string(whole);
  alert.entities = entities_in(whole);
  put(alert.fields, "message", whole);
  return alert;
}

}  // namespace vedette::intake
