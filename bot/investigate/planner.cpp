#include "bot/investigate/planner.hpp"

#include <algorithm>
#include <cmath>

#include "bot/base/text.hpp"

namespace vedette::investigate {
namespace {

bool names_technique(const Dossier& dossier, const std::string& technique) {
  return std::any_of(dossier.alerts.begin(), dossier.alerts.end(), [&](const Alert& alert) {
    return std::any_of(alert.techniques.begin(), alert.techniques.end(),
                       [&](const std::string& named) { return named == technique || named.starts_with(technique + "."); });
  });
}

bool has_word(const Dossier& dossier, const std::string& word) {
  return std::any_of(dossier.alerts.begin(), dossier.alerts.end(), [&](const Alert& alert) {
    return text::icontains(alert.title, word) || text::icontains(alert.category, word) ||
           text::icontains(alert.rule_name, word) || text::icontains(alert.rule, word) ||
           text::icontains(alert.description, word);
  });
}

// An answer can bear out what the detector named: such a question is worth twice.
double relevance(const Question& question, const Dossier& dossier) {
  for (const auto& outcome : question.outcomes)
    for (const auto& technique : outcome.techniques)
      if (names_technique(dossier, technique.substr(0, technique.find('.')))) return 2;
  return 1;
}

double worth(const Question& question, size_t rank, bool followed, const Dossier& dossier) {
  double value = std::max(question.reach(), 0.3) * relevance(question, dossier) / question.cost;
  if (question.opens) value += 100;
  value *= std::pow(0.8, static_cast<double>(rank));
  return followed ? value * 0.5 : value;
}

}  // namespace

bool applies_to(const Question& question, const std::optional<Entity>& subject, const Dossier& dossier) {
  const auto& when = question.applies;
  const auto all = [](const auto& list, auto test) { return std::all_of(list.begin(), list.end(), test); };
  const auto any = [](const auto& list, auto test) { return list.empty() || std::any_of(list.begin(), list.end(), test); };
  if (!all(when.alert_has, [&](const auto& field) { return !dossier.alert_field(field).empty(); })) return false;
  if (!all(when.alert_lacks, [&](const auto& field) { return dossier.alert_field(field).empty(); })) return false;
  if (!when.is_field.empty()) {
    const auto named = subject ? make_entity(subject->type, dossier.alert_field(when.is_field)) : std::nullopt;
    if (!named || *named != *subject) return false;
  }
  if (!all(when.tags, [&](const auto& tag) { return dossier.tags.contains(tag); })) return false;
  if (!all(when.without, [&](const auto& tag) { return !dossier.tags.contains(tag); })) return false;
  if (!all(when.entities, [&](EntityType type) { return dossier.first_of(type) != nullptr; })) return false;
  if (!any(when.techniques, [&](const auto& technique) { return names_technique(dossier, technique); })) return false;
  if (!any(when.words, [&](const auto& word) { return has_word(dossier, word); })) return false;
  if (when.external && subject && is_internal_ip(subject->value) == *when.external) return false;
  if (question.whom == Whom::events && subject && !question.opens) {
    const auto seen = dossier.seen.find(*subject);
    if (seen != dossier.seen.end() && !seen->second) return false;
  }
  return true;
}

std::optional<Ask> next_ask(const Catalogue& catalogue, const Dossier& dossier, const Budget& budget) {
  if (dossier.asked.size() >= budget.questions) return std::nullopt;
  std::optional<Ask> best;
  double best_worth = 0;
  const auto consider = [&](const Question& question, const std::optional<Entity>& subject, size_t rank, bool followed) {
    const double value = worth(question, rank, followed, dossier);
    if (best && value <= best_worth) return;  // the earlier one wins a tie
    Ask ask{&question, subject};
    if (dossier.asked.contains(ask.key()) || !applies_to(question, subject, dossier)) return;
    best = std::move(ask);
    best_worth = value;
  };
  for (const auto& question : catalogue.questions) {
    if (!question.about) {
      consider(question, std::nullopt, 0, false);
      continue;
    }
    size_t rank = 0;
    for (const auto& subject : dossier.subjects) {
      if (subject.entity.type != *question.about || (subject.followed && !question.follow)) continue;
      consider(question, subject.entity, rank++, subject.followed);
    }
  }
  return best;
}

}  // namespace vedette::investigate
