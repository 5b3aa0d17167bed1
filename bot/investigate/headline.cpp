// Who did what to what, from the fields of the gravest alert.

#include <algorithm>

#include <fmt/format.h>

#include "bot/base/text.hpp"
#include "bot/investigate/analysis.hpp"

namespace vedette::investigate {
namespace {

class Fields {
 public:
  explicit Fields(const Alert& alert) : alert_(alert) {}
  std::string operator()(std::string_view name) const {
    const auto found = alert_.fields.find(std::string(name));
    return found == alert_.fields.end() ? std::string() : shown(found->second);
  }
  std::string entity(EntityType type, size_t nth = 0) const {
    for (const auto& entity : alert_.entities)
      if (entity.type == type && nth-- == 0) return shown(entity.value);
    return {};
  }
  static std::string shown(std::string_view value) { return text::ellipsize(text::displayable(text::trim(value)), 80); }

 private:
  const Alert& alert_;
};

std::string first(std::string a, std::string b) { return a.empty() ? std::move(b) : std::move(a); }

std::string base_name(const std::string& path) {
  const size_t slash = path.find_last_of("\\/");
  return slash == std::string::npos ? path : path.substr(slash + 1);
}

std::string cloud(const Fields& f, const std::string& who) {
  const auto action = f("event.action");
  const auto provider = f("event.provider");
  if (action.empty() || who.empty() || provider.find("amazonaws") == std::string::npos) return {};
  const auto from = f("source.ip");
  return fmt::format("{} called {} ({}){}{}", who, action, provider.substr(0, provider.find('.')),
                     from.empty() ? "" : " from ", from);
}

std::string process(const Fields& f, const std::string& who, const std::string& host) {
  const auto program = first(f("process.name"), base_name(f("process.executable")));
  if (program.empty()) return {};
  const auto parent = first(f("process.parent.name"), base_name(f("process.parent.executable")));
  std::string line = who.empty() ? program + " ran" : who + " ran " + program;
  if (!host.empty()) line += " on " + host;
  if (!parent.empty()) line += ", started by " + parent;
  return line;
}

std::string mail(const Fields& f) {
  const auto from = f("email.from.address");
  if (from.empty()) return {};
  const auto to = f("email.to.address");
  return fmt::format("{} sent mail{}{}", from, to.empty() ? "" : " to ", to);
}

std::string sign_in(const Fields& f, const std::string& who, const std::string& host) {
  const auto category = f("event.category") + " " + f("event.action");
  const bool is_sign_in = text::icontains(category, "authentication") || text::icontains(category, "logon") ||
                          text::icontains(category, "login");
  if (!is_sign_in || who.empty()) return {};
  const auto from = f("source.ip");
  std::string line = who + (f("event.outcome") == "failure" ? " failed to sign in" : " signed in");
  if (!host.empty()) line += " to " + host;
  if (!from.empty()) line += " from " + from;
  return line;
}

std::string network(const Fields& f, const std::string& host) {
  const auto source = first(f("source.ip"), host);
  const auto target = first(first(f("url.domain"), f("dns.question.name")), f("destination.ip"));
  if (source.empty() || target.empty()) return {};
  const auto port = f("destination.port");
  return fmt::format("{} contacted {}{}{}", source, target, port.empty() ? "" : " on port ", port);
}

}  // namespace

std::string headline_of(const Dossier& dossier) {
  if (dossier.alerts.empty()) return "No alert of this case could be read";
  const auto& lead = *std::max_element(dossier.alerts.begin(), dossier.alerts.end(),
                                       [](const Alert& a, const Alert& b) { return a.severity < b.severity; });
  const Fields fields(lead);
  const auto who = first(fields("user.name"), fields.entity(EntityType::user));
  const auto host = first(fields("host.name"), fields.entity(EntityType::host));
  std::string what;
  for (auto& line :
       {cloud(fields, who), process(fields, who, host), sign_in(fields, who, host), mail(fields), network(fields, host)})
    if (what.empty()) what = line;
  const auto title = text::ellipsize(text::displayable(lead.title), 120);
  if (what.empty()) {
    what = title;
    if (!who.empty() && !text::icontains(what, who)) what += ", " + who;
    if (!host.empty() && !text::icontains(what, host)) what += ", " + host;
  } else if (!title.empty()) {
    what += ": " + title;
  }
  const auto more = dossier.alerts.size() + static_cast<size_t>(std::max(dossier.more_alerts, 0)) - 1;
  if (more > 0) what += fmt::format(" (and {} more alert{})", more, more == 1 ? "" : "s");
  return what;
}

}  // namespace vedette::investigate
