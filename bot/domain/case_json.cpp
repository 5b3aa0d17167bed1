#include "bot/domain/case_json.hpp"

#include "bot/base/json.hpp"

namespace vedette {
namespace {

void write_strings(JsonWriter& w, std::string_view name, const std::vector<std::string>& values) {
  w.key(name).begin_array();
  for (const auto& value : values) w.value(value);
  w.end_array();
}

void write_entities(JsonWriter& w, const std::vector<Entity>& entities) {
  w.key("entities").begin_array();
  for (const auto& entity : entities) {
    w.begin_object().field("type", to_string(entity.type)).field("value", entity.value).end_object();
  }
  w.end_array();
}

void write_verdict(JsonWriter& w, const Verdict& verdict) {
  w.begin_object()
      .field("label", to_string(verdict.label))
      .field("confidence", verdict.confidence)
      .field("probability", verdict.probability)
      .field("severity", to_string(verdict.severity))
      .field("headline", verdict.headline);
  w.key("claims").begin_array();
  for (const auto& claim : verdict.claims) {
    w.begin_object().field("text", claim.text).field("weight", claim.weight);
    w.key("evidence").begin_array();
    for (const int number : claim.evidence) w.value(number);
    w.end_array();
    write_strings(w, "quoted", claim.quoted);
    w.end_object();
  }
  w.end_array();
  write_strings(w, "not_checked", verdict.not_checked);
  w.field("would_change", verdict.would_change);
  write_strings(w, "techniques", verdict.techniques);
  write_strings(w, "alternatives", verdict.alternatives);
  w.field("decided", to_rfc3339(verdict.decided)).end_object();
}

void write_case(JsonWriter& w, const Case& record) {
  w.field("id", to_string(record.id))
      .field("title", record.title)
      .field("status", to_string(record.status))
      .field("severity", to_string(record.severity))
      .field("owner", record.owner)
      .field("created", to_rfc3339(record.created))
      .field("updated", to_rfc3339(record.updated))
      .field("alert_count", record.alerts);
  write_entities(w, record.entities);
  if (record.disposition) w.field("disposition", to_string(*record.disposition));
  if (!record.closing_reason.empty()) w.field("closing_reason", record.closing_reason);
  if (record.snooze) {
    w.key("snooze").begin_object().field("until", to_rfc3339(record.snooze->until)).field("by", record.snooze->by);
    w.field("reason", record.snooze->reason).end_object();
  }
  w.field("investigation", to_string(record.investigation));
  w.key("progress").begin_array();
  const bool going_on =
      record.investigation == InvestigationState::queued || record.investigation == InvestigationState::running;
  for (const auto& step : going_on ? record.progress : std::vector<InvestigationStep>())
    w.begin_object().field("text", step.text).field("done", step.done).end_object();
  w.end_array();
  if (!record.failure.empty()) w.field("failure", record.failure);
  if (record.verdict) {
    w.key("verdict");
    write_verdict(w, *record.verdict);
  }
  w.field("good", record.good).field("bad", record.bad).field("version", record.version);
}

void write_alert(JsonWriter& w, const Alert& alert) {
  w.begin_object()
      .field("id", to_string(alert.id))
      .field("source", alert.source)
      .field("format", alert.format)
      .field("title", alert.title)
      .field("rule", alert.rule)
      .field("severity", to_string(alert.severity))
      .field("time", to_rfc3339(alert.time))
      .field("received", to_rfc3339(alert.received))
      .field("state", to_string(alert.state))
      .field("link", alert.link);
  write_entities(w, alert.entities);
  write_strings(w, "techniques", alert.techniques);
  w.end_object();
}

void write_evidence(JsonWriter& w, const Evidence& evidence) {
  w.begin_object()
      .field("number", evidence.number)
      .field("question", evidence.question)
      .field("title", evidence.title)
      .field("source", evidence.source)
      .field("query", evidence.query)
      .field("from", to_rfc3339(evidence.from))
      .field("to", to_rfc3339(evidence.to))
      .field("answer", evidence.answer)
      .field("total", evidence.total)
      .field("link", evidence.link)
      .field("taken", to_rfc3339(evidence.taken));
  write_strings(w, "records", evidence.records);
  w.end_object();
}

void write_action(JsonWriter& w, const Action& action, CaseId case_id) {
  w.begin_object()
      .field("id", to_string(action.id))
      .field("title", action.plan.title())
      .field("verb", action.plan.verb)
      .field("provider", action.plan.provider)
      .field("target", to_text(action.plan.target));
  w.key("parameters").begin_object();
  for (const auto& [name, value] : action.plan.parameters) w.field(name, value);
  w.end_object();
  w.field("digest", action.plan.digest(case_id))
      .field("state", to_string(action.state))
      .field("reason", action.reason)
      .field("proposer", action.proposer)
      .field("requester", action.requester)
      .field("approvals_needed", action.approvals_needed);
  w.key("votes").begin_array();
  for (const auto& vote : action.votes) {
    w.begin_object()
        .field("person", vote.person)
        .field("approve", vote.approve)
        .field("at", to_rfc3339(vote.at))
        .end_object();
  }
  w.end_array();
  if (action.expires) w.field("expires", to_rfc3339(*action.expires));
  if (action.replaced_by) w.field("replaced_by", to_string(action.replaced_by));
  if (action.replaces) w.field("replaces", to_string(action.replaces)).field("editor", action.editor);
  w.field("result", action.result)
      .field("created", to_rfc3339(action.created))
      .field("changed", to_rfc3339(action.changed))
      .end_object();
}

std::vector<std::string> read_strings(const Json& list) {
  std::vector<std::string> values;
  for (const auto& element : list.elements()) values.push_back(element.string_or(""));
  return values;
}

}  // namespace

std::string to_json(const Case& record) {
  JsonWriter w;
  w.begin_object();
  write_case(w, record);
  w.end_object();
  return w.take();
}

std::string to_json(const CaseView& view) {
  JsonWriter w;
  w.begin_object();
  write_case(w, view.record);
  w.key("alerts").begin_array();
  for (const auto& alert : view.alerts) write_alert(w, alert);
  w.end_array().key("evidence").begin_array();
  for (const auto& evidence : view.evidence) write_evidence(w, evidence);
  w.end_array().key("actions").begin_array();
  for (const auto& action : view.actions) write_action(w, action, view.record.id);
  w.end_array().key("notes").begin_array();
  for (const auto& note : view.notes) {
    w.begin_object()
        .field("at", to_rfc3339(note.at))
        .field("kind", note.kind)
        .field("author", note.author)
        .field("text", note.text)
        .end_object();
  }
  w.end_array().end_object();
  return w.take();
}

std::string to_json(const Evidence& evidence) {
  JsonWriter w;
  write_evidence(w, evidence);
  return w.take();
}

std::string to_json(const Action& action, CaseId case_id) {
  JsonWriter w;
  write_action(w, action, case_id);
  return w.take();
}

std::string to_json(const Verdict& verdict) {
  JsonWriter w;
  write_verdict(w, verdict);
  return w.take();
}

Result<Verdict> verdict_from_json(std::string_view bytes) {
  JsonLimits limits;
  limits.bytes = 16 << 20;
  TRY(const Json json, Json::parse(bytes, limits));
  const auto label = label_from(json["label"].string_or(""));
  const auto severity = severity_from(json["severity"].string_or(""));
  const auto decided = parse_time(json["decided"].string_or(""));
  if (!label || !severity || !decided) return Error(Code::invalid_input, "a stored verdict cannot be read");
  Verdict verdict;
  verdict.label = *label;
  verdict.severity = *severity;
  verdict.decided = *decided;
  verdict.confidence = static_cast<int>(json["confidence"].integer_or(0));
  verdict.probability = json["probability"].number().value_or(0);
  verdict.headline = json["headline"].string_or("");
  for (const auto& element : json["claims"].elements()) {
    Claim claim;
    claim.text = element["text"].string_or("");
    claim.weight = element["weight"].number().value_or(0);
    for (const auto& number : element["evidence"].elements())
      claim.evidence.push_back(static_cast<int>(number.integer_or(0)));
    claim.quoted = read_strings(element["quoted"]);
    verdict.claims.push_back(std::move(claim));
  }
  verdict.not_checked = read_strings(json["not_checked"]);
  verdict.would_change = json["would_change"].string_or("");
  verdict.techniques = read_strings(json["techniques"]);
  verdict.alternatives = read_strings(json["alternatives"]);
  return verdict;
}

}  // namespace vedette
