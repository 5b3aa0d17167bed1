#include "bot/net/router.hpp"

#include <algorithm>
#include <stdexcept>

#include <fmt/format.h>

#include "bot/base/text.hpp"
#include "bot/net/url.hpp"

namespace vedette::net {
namespace {

constexpr size_t kMostParts = 64;
constexpr size_t kMostQueryFields = 200;

// The path of an origin-form or absolute-form target, without the query.
std::string_view raw_path(std::string_view target) {
  const size_t query = target.find('?');
  target = target.substr(0, query);
  const size_t scheme = target.find("://");
  if (!target.empty() && target.front() != '/' && scheme != std::string_view::npos) {
    const size_t slash = target.find('/', scheme + 3);
    return slash == std::string_view::npos ? std::string_view("/") : target.substr(slash);
  }
  return target;
}

std::vector<std::string_view> parts_of(std::string_view path) {
  std::vector<std::string_view> parts;
  if (path.empty() || path.front() != '/') return parts;
  path.remove_prefix(1);
  for (;;) {
    const size_t slash = path.find('/');
    parts.push_back(path.substr(0, slash));
    if (slash == std::string_view::npos || parts.size() > kMostParts) return parts;
    path.remove_prefix(slash + 1);
  }
}

bool same_text(std::string_view raw, std::string_view literal) {
  if (raw.find('%') == std::string_view::npos) return raw == literal;
  return percent_decode(raw) == literal;
}

}  // namespace

std::vector<Router::Part> Router::parse(std::string_view pattern) {
  if (pattern.empty() || pattern.front() != '/') throw std::logic_error(fmt::format("route {} must start with /", pattern));
  std::vector<Part> parts;
  for (const auto& text : text::split(pattern.substr(1), '/')) {
    Part part;
    part.text = text;
    if (text.size() > 2 && text.front() == '{' && text.back() == '}') {
      part.kind = Part::Kind::name;
      part.text = text.substr(1, text.size() - 2);
      if (part.text.ends_with("...")) {
        part.kind = Part::Kind::rest;
        part.text.resize(part.text.size() - 3);
      }
    }
    if (!parts.empty() && parts.back().kind == Part::Kind::rest) {
      throw std::logic_error(fmt::format("route {}: the part that takes the rest must be the last", pattern));
    }
    parts.push_back(std::move(part));
  }
  return parts;
}

void Router::add(std::string method, std::string_view pattern, Target target) {
  Entry entry{std::move(method), parse(pattern), std::move(target)};
  const auto shape_less = [](const Part& a, const Part& b) {
    if (a.kind != b.kind) return a.kind < b.kind;
    return a.kind == Part::Kind::literal && a.text < b.text;
  };
  const auto less = [&](const Entry& a, const Entry& b) {
    return std::lexicographical_compare(a.parts.begin(), a.parts.end(), b.parts.begin(), b.parts.end(), shape_less);
  };
  for (const auto& other : entries_) {
    if (other.method == entry.method && !less(other, entry) && !less(entry, other)) {
      throw std::logic_error(fmt::format("route {} {} stands twice", entry.method, pattern));
    }
  }
  entries_.insert(std::upper_bound(entries_.begin(), entries_.end(), entry, less), std::move(entry));
}

bool Router::matches(const Entry& entry, const std::vector<std::string_view>& raw, HttpRequest* request) {
  for (size_t i = 0; i < entry.parts.size(); ++i) {
    const Part& part = entry.parts[i];
    if (i >= raw.size()) return false;
    if (part.kind == Part::Kind::literal && !same_text(raw[i], part.text)) return false;
    if (part.kind == Part::Kind::name && raw[i].empty()) return false;
    if (part.kind == Part::Kind::name && request != nullptr) request->params[part.text] = percent_decode(raw[i]);
    if (part.kind == Part::Kind::rest) {
      if (request != nullptr) {
        std::string rest;
        for (size_t k = i; k < raw.size(); ++k) rest.append(k > i ? "/" : "").append(raw[k]);
        request->params[part.text] = percent_decode(rest);
      }
      return true;
    }
  }
  return raw.size() == entry.parts.size();
}

Router::Match Router::find(HttpRequest& request) const {
  Match match;
  const auto raw = parts_of(raw_path(request.target));
  if (raw.empty() || raw.size() > kMostParts) return match;
  const Entry* chosen = nullptr;
  for (const auto& entry : entries_) {
    if (!matches(entry, raw, nullptr)) continue;
    match.path_known = true;
    if (entry.method == request.method) {
      chosen = &entry;
      break;
    }
    if (chosen == nullptr && request.method == "HEAD" && entry.method == "GET") chosen = &entry;
    if (match.allow.find(entry.method) == std::string::npos) {
      match.allow += match.allow.empty() ? "" : ", ";
      match.allow += entry.method == "GET" ? "GET, HEAD" : entry.method;
    }
  }
  if (chosen == nullptr) return match;
  matches(*chosen, raw, &request);
  match.target = &chosen->target;
  return match;
}

bool split_target(HttpRequest& request) {
  const std::string_view path = raw_path(request.target);
  if (path.empty() || path.front() != '/') return false;
  request.path = percent_decode(path);
  if (request.path.find('\0') != std::string::npos) return false;
  const size_t mark = request.target.find('?');
  if (mark == std::string::npos) return true;
  size_t fields = 0;
  for (const auto& field : text::split(std::string_view(request.target).substr(mark + 1), '&')) {
    if (field.empty()) continue;
    if (++fields > kMostQueryFields) return false;
    const size_t equals = field.find('=');
    const std::string_view value =
        equals == std::string::npos ? std::string_view() : std::string_view(field).substr(equals + 1);
    request.query[percent_decode(std::string_view(field).substr(0, equals), true)] = percent_decode(value, true);
  }
  return true;
}

}  // namespace vedette::net
