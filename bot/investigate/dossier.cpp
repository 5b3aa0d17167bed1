#include "bot/investigate/dossier.hpp"

#include <algorithm>
#include <tuple>

#include <fmt/format.h>
#include <boost/asio/ip/address.hpp>
#include <boost/asio/ip/network_v4.hpp>
#include <boost/asio/ip/network_v6.hpp>

#include "bot/base/json.hpp"
#include "bot/base/text.hpp"
#include "bot/investigate/names.hpp"

namespace vedette::investigate {
namespace {

bool in_network(std::string_view network, const std::string& address) {
  namespace ip = boost::asio::ip;
  boost::system::error_code error;
  const auto host = ip::make_address(address, error);
  if (error) return false;
  if (host.is_v4()) {
    const auto wide = ip::make_network_v4(std::string(network), error);
    return !error && ip::network_v4(host.to_v4(), wide.prefix_length()).canonical() == wide.canonical();
  }
  const auto wide = ip::make_network_v6(std::string(network), error);
  return !error && ip::network_v6(host.to_v6(), wide.prefix_length()).canonical() == wide.canonical();
}

constexpr size_t kRawKept = size_t{16} << 10;

std::string alert_record(const Alert& alert) {
  JsonWriter w;
  w.begin_object().field("alert", to_string(alert.id)).field("source", alert.source).field("title", alert.title);
  w.field("rule", alert.rule).field("rule_name", alert.rule_name).field("category", alert.category);
  w.field("severity", to_string(alert.severity)).field("time", to_rfc3339(alert.time));
  w.key("techniques").begin_array();
  for (const auto& technique : alert.techniques) w.value(technique);
  w.end_array().key("entities").begin_array();
  for (const auto& entity : alert.entities) w.value(to_text(entity));
  w.end_array().key("fields").begin_object();
  for (const auto& [name, value] : alert.fields) w.field(name, value);
  w.end_object();
  if (!alert.raw.empty() && alert.raw.size() <= kRawKept) {
    w.key("raw");
    if (Json::parse(alert.raw))
      w.json(alert.raw);
    else
      w.value(alert.raw);
  }
  w.end_object();
  return w.take();
}

void add_subject(Dossier& dossier, const Entity& entity, bool followed) {
  size_t of_type = 0;
  for (const auto& subject : dossier.subjects) {
    if (subject.entity == entity) return;
    if (subject.entity.type == entity.type) ++of_type;
  }
  if (of_type < kSubjectsPerType) dossier.subjects.push_back({entity, followed});
}

}  // namespace

bool covers(const KnownGood& entry, const Entity& entity, Time at) {
  if (entry.from && at < *entry.from) return false;
  if (entry.to && at > *entry.to) return false;
  return std::any_of(entry.entities.begin(), entry.entities.end(), [&](const std::string& listed) {
    if (listed.find('/') != std::string::npos && entity.type == EntityType::ip) {
      const std::string_view network = std::string_view(listed).substr(listed.starts_with("ip:") ? 3 : 0);
      if (in_network(network, entity.value)) return true;
    }
    if (listed.ends_with('*'))
      return to_text(entity).starts_with(text::lower(std::string_view(listed).substr(0, listed.size() - 1)));
    const auto parsed = parse_entity(listed);
    return parsed && *parsed == entity;
  });
}

std::string Ask::key() const { return subject ? question->id + " " + to_text(*subject) : question->id; }

Time Dossier::first_alert() const { return alerts.empty() ? Time() : alerts.front().time; }
Time Dossier::last_alert() const { return alerts.empty() ? Time() : alerts.back().time; }

std::string_view Dossier::alert_field(std::string_view name) const {
  const Alert* best = nullptr;
  std::string_view found;
  for (const auto& alert : alerts) {
    const auto value = alert_value(alert, name);
    if (value.empty() || (best != nullptr && alert.severity <= best->severity)) continue;
    best = &alert;
    found = value;
  }
  return found;
}

const Entity* Dossier::first_of(EntityType type) const {
  for (const auto& subject : subjects)
    if (subject.entity.type == type) return &subject.entity;
  return nullptr;
}

void Dossier::note_not_checked(std::string line) {
  if (std::find(not_checked.begin(), not_checked.end(), line) == not_checked.end()) not_checked.push_back(std::move(line));
}

Dossier open_dossier(const CaseView& view, int round) {
  Dossier dossier;
  dossier.id = view.record.id;
  dossier.round = round;
  dossier.alerts = view.alerts;
  const auto earlier = [](const Alert& a, const Alert& b) {
    return std::tie(a.time, a.source, a.dedup_key, a.id) < std::tie(b.time, b.source, b.dedup_key, b.id);
  };
  std::sort(dossier.alerts.begin(), dossier.alerts.end(), earlier);
  if (dossier.alerts.size() > kAlertsRead) {
    // The most severe are read, then the earliest.
    std::sort(dossier.alerts.begin(), dossier.alerts.end(), [&](const Alert& a, const Alert& b) {
      return a.severity != b.severity ? a.severity > b.severity : earlier(a, b);
    });
    dossier.alerts.resize(kAlertsRead);
    std::sort(dossier.alerts.begin(), dossier.alerts.end(), earlier);
  }
  dossier.more_alerts = std::max(0, view.record.alerts - static_cast<int>(dossier.alerts.size()));
  for (const auto& alert : dossier.alerts)
    for (const auto& entity : alert.entities) add_subject(dossier, entity, false);
  for (const auto& entity : view.record.entities) add_subject(dossier, entity, false);
  return dossier;
}

Evidence alert_evidence(const Dossier& dossier, Time now) {
  Evidence evidence;
  evidence.case_id = dossier.id;
  evidence.question = kAlertQuestion;
  evidence.title = "What did the detector say?";
  evidence.source = "alert";
  evidence.query = fmt::format("alerts of {}, round {}, {} of them", to_string(dossier.id), dossier.round,
                               static_cast<int>(dossier.alerts.size()) + dossier.more_alerts);
  evidence.from = dossier.first_alert();
  evidence.to = dossier.last_alert();
  evidence.total = static_cast<int64_t>(dossier.alerts.size()) + dossier.more_alerts;
  evidence.taken = now;
  for (const auto& alert : dossier.alerts) {
    evidence.records.push_back(alert_record(alert));
    if (!evidence.link.empty()) continue;
    evidence.link = alert.link;
  }
  if (!dossier.alerts.empty()) {
    const auto& lead = dossier.alerts.front();
    evidence.answer = fmt::format("{} reported \"{}\" with severity {}{}.", text::displayable(lead.source),
                                  text::ellipsize(text::displayable(lead.title), 160), to_string(lead.severity),
                                  evidence.total > 1 ? fmt::format(", first of {} alerts", evidence.total) : "");
  }
  return evidence;
}

void add_finding(Dossier& dossier, const Ask& ask, Finding finding) {
  dossier.asked.insert(ask.key());
  for (const auto& tag : finding.tags) dossier.tags.insert(tag);
  for (const auto& pivot : finding.pivots) add_subject(dossier, pivot, true);
  if (!finding.not_checked.empty()) dossier.note_not_checked(finding.not_checked);
  if (ask.question->opens && ask.subject) {
    dossier.seen[*ask.subject] = finding.total > 0;
    dossier.names[*ask.subject] = finding.names;
  }
  dossier.findings.push_back(std::move(finding));
}

}  // namespace vedette::investigate
