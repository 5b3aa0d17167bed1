#include "bot/investigate/names.hpp"

namespace vedette::investigate {

std::string_view alert_value(const Alert& alert, std::string_view name) {
  if (name == "alert.title") return alert.title;
  if (name == "alert.description") return alert.description;
  if (name == "alert.rule") return alert.rule;
  if (name == "alert.rule_name") return alert.rule_name;
  if (name == "alert.category") return alert.category;
  if (name == "alert.source") return alert.source;
  if (name == "alert.severity") return to_string(alert.severity);
  const auto field = alert.fields.find(std::string(name));
  return field == alert.fields.end() ? std::string_view() : std::string_view(field->second);
}

PhraseLookup case_names(const Ask& ask, const Dossier& dossier) {
  return [&ask, &dossier](std::string_view name) -> std::optional<PhraseValue> {
    if (name == "subject" && ask.subject) return PhraseValue(ask.subject->value);
    constexpr std::string_view kAlert = "alert.";
    if (name.starts_with(kAlert)) {
      // "alert.process.name" is the field process.name; "alert.title" the title itself.
      auto value = dossier.alert_field(name);
      if (value.empty()) value = dossier.alert_field(name.substr(kAlert.size()));
      if (value.empty()) return std::nullopt;
      return PhraseValue(std::string(value), true);
    }
    const bool shortened = name.starts_with("short:");
    const auto type = entity_type_from(shortened ? name.substr(6) : name);
    if (!type) return std::nullopt;
    const bool is_subject = ask.subject && ask.subject->type == *type;
    const Entity* const entity = is_subject ? &*ask.subject : dossier.first_of(*type);
    if (entity == nullptr) return std::nullopt;
    return PhraseValue(shortened ? entity->value.substr(0, entity->value.find('.')) : entity->value, !is_subject);
  };
}

}  // namespace vedette::investigate
