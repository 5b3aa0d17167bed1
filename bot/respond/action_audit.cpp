#include "bot/respond/action_audit.hpp"

#include "bot/base/json.hpp"

namespace vedette::respond {

AuditEntry action_audit(const Action& action, std::string_view what, const Actor& actor, std::string_view note) {
  JsonWriter w;
  w.begin_object()
      .field("case", to_string(action.case_id))
      .field("verb", action.plan.verb)
      .field("provider", action.plan.provider)
      .field("target", to_text(action.plan.target));
  w.key("parameters").begin_object();
  for (const auto& [name, value] : action.plan.parameters) w.field(name, value);
  w.end_object().field("digest", action.plan.digest(action.case_id));
  if (!note.empty()) w.field("note", note);
  w.end_object();

  AuditEntry entry;
  entry.actor = actor.person;
  entry.identity = actor.identity;
  entry.action = std::string(what);
  entry.subject = to_string(action.id);
  entry.detail = w.take();
  entry.cause = actor.cause;
  return entry;
}

std::string execution_key(const Action& action) {
  return to_string(action.id) + "/" + action.plan.digest(action.case_id).substr(0, 8);
}

}  // namespace vedette::respond
