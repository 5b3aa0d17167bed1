#include "bot/investigate/proposals.hpp"

#include <algorithm>
#include <array>
#include <optional>

#include <fmt/format.h>

#include "bot/investigate/analysis.hpp"

namespace vedette::investigate {
namespace {

constexpr size_t kMost = 4;
constexpr int kSuspiciousEnough = 70;

struct Rule {
  std::string_view verb;
  EntityType target;
  bool malicious_only;
};
// In the order in which they are offered: the narrowest measure first.
constexpr std::array<Rule, 5> kRules = {{{"block_ip", EntityType::ip, false},
                                         {"block_domain", EntityType::domain, false},
                                         {"disable_key", EntityType::key, true},
                                         {"suspend_user", EntityType::user, true},
                                         {"isolate_host", EntityType::host, true}}};

bool is_protected(const Entity& entity, const Dossier& dossier, const std::vector<KnownGood>& known_good) {
  return std::any_of(known_good.begin(), known_good.end(), [&](const KnownGood& entry) {
    return covers(entry, entity, dossier.first_alert()) || covers(entry, entity, dossier.last_alert());
  });
}

bool is_machine_account(const std::string& user) {
  return user.ends_with('$') || user == "system" || user == "local service" || user == "network service" || user == "root";
}

bool can_be_aimed_at(const Entity& entity) {
  if (entity.type == EntityType::ip) return !is_internal_ip(entity.value);
  if (entity.type == EntityType::user) return !is_machine_account(entity.value);
  return true;
}

// The strongest answer that speaks against this very entity, or that found it.
const Contribution* against(const Entity& entity, const std::vector<Contribution>& all) {
  for (const auto& contribution : all) {
    const auto& pivots = contribution.finding->pivots;
    const bool about =
        contribution.finding->subject == entity || std::find(pivots.begin(), pivots.end(), entity) != pivots.end();
    if (about && contribution.weight >= 0.5) return &contribution;
  }
  return nullptr;
}

std::optional<Entity> target_of(const Rule& rule, const Dossier& dossier, const std::vector<Contribution>& all,
                                const std::vector<KnownGood>& known_good, const Contribution** why) {
  for (const auto& subject : dossier.subjects) {
    if (subject.entity.type != rule.target || !can_be_aimed_at(subject.entity)) continue;
    if (is_protected(subject.entity, dossier, known_good)) continue;
    *why = against(subject.entity, all);
    // What the alert itself names may also be aimed at for the strongest answer of the case, where that is about the whole
    // case.
    if (*why == nullptr && !subject.followed && !all.empty() && all.front().weight >= 1.0) *why = &all.front();
    if (*why != nullptr) return subject.entity;
  }
  return std::nullopt;
}

std::string sentence(std::string text) {
  while (text.ends_with('.')) text.pop_back();
  return text;
}

}  // namespace

std::vector<ProposedAction> propose(const Dossier& dossier, const Verdict& verdict, const AvailableVerbs& verbs,
                                    const std::vector<KnownGood>& known_good) {
  std::vector<ProposedAction> proposals;
  const bool malicious = verdict.label == Label::malicious;
  const bool suspicious = verdict.label == Label::suspicious && verdict.confidence >= kSuspiciousEnough;
  if (!malicious && !suspicious) return proposals;
  const auto all = contributions(dossier);
  for (const auto& rule : kRules) {
    const auto provider = verbs.find(std::string(rule.verb));
    if (provider == verbs.end() || (rule.malicious_only && !malicious) || proposals.size() == kMost) continue;
    const Contribution* why = nullptr;
    const auto target = target_of(rule, dossier, all, known_good, &why);
    if (!target) continue;
    ProposedAction proposal;
    proposal.plan.verb = rule.verb;
    proposal.plan.provider = provider->second;
    proposal.plan.target = *target;
    proposal.reason = fmt::format("{} [E{}]", sentence(why->finding->text), why->finding->evidence);
    proposals.push_back(std::move(proposal));
  }
  return proposals;
}

}  // namespace vedette::investigate
