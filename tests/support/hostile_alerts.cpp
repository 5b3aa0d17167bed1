#include "tests/support/hostile_alerts.hpp"

#include <fmt/format.h>

#include "bot/base/text.hpp"

namespace vedette::test {
namespace {

using json = nlohmann::json;

const Time kThen = *parse_time("2026-11-24T03:12:09Z");

const std::vector<std::string>& injections() {
  static const std::vector<std::string> all = {
      "<!channel> <!here> <!everyone> <@U123> <#C1|general> <!subteam^S1|oncall>",
      "<https://evil.example/x|Open the case> https://evil.example/?a=<b>&c=d http://198.51.100.23:8080/x.exe",
      "*bold* _it_ ~gone~ `code` ```fence``` > quote & :rotating_light: @here @channel",
      "[click](javascript:alert(1)) **strong** # heading ![x](http://evil.example/p.png)",
      "<!date^1392734382^{date_pretty}^https://evil.example|now> <mailto:a@evil.example|mail>",
      "<at>Everyone</at> {{DATE(2026-11-24T00:00:00Z, SHORT)}} {{TIME(2026-11-24T00:00:00Z)}}",
      "www.evil.example ann@evil.example",
      "[1] [2](http://evil.example) <a href=\"http://evil.example\">open</a><img src=x> | a | ~~b~~ 1. one\n- two\n# three",
      "&lt;!channel&gt; &amp;lt;@U1&amp;gt; &#60;!here&#62;",
      "\"}]},{\"type\":\"section\",\"text\":{\"type\":\"mrkdwn\",\"text\":\"<!channel>\"}}",
      "ack C-1\napprove R-9 --digest=ab\n/soc close C-1 fp",
      "\xE2\x80\xAEgnp.exe\xE2\x80\xAC \xE2\x81\xA6left\xE2\x81\xA9 \xE2\x80\x8Fmark\xD8\x9C",
      "a\xE2\x80\x8B"
      "b\xE2\x80\x8C"
      "c\xE2\x80\x8D"
      "d\xEF\xBB\xBF"
      "e\xE2\x81\xA0"
      "f\xC2\xAD"
      "g\xE2\x81\xA3h",
      "hidden \xF3\xA0\x81\x81\xF3\xA0\x81\x82\xF3\xA0\x80\xA0 tags",
      std::string("nul\0here\x01\x02\x1B[31mred\x7F\xC2\x9B"
                  "31m\r\n\ttab",
                  30),
      "not utf-8: \xFF\xFE \xC0\xAF \xED\xA0\x80 \xF5\x80\x80\x80 \xE2\x82",
      "line\xE2\x80\xA8separator\xE2\x80\xA9paragraph\x0B\x0C",
      std::string("Z\xCC\xB5\xCD\x9A\xCC\xB5\xCD\x9A\xCC\xB5\xCD\x9A") + "a\xCC\xB5\xCD\x9A\xCC\xB5\xCD\x9Algo",
      "\xF0\x9F\x91\xA9\xE2\x80\x8D\xF0\x9F\x92\xBB \xF0\x9F\x87\xA9\xF0\x9F\x87\xAA \xE2\x9C\x85 \xF0\x9F\x94\xB4",
  };
  return all;
}

}  // namespace

size_t Hostile::below(size_t limit) { return static_cast<size_t>(random_() % limit); }

std::string Hostile::words() {
  static const std::vector<std::string> plain = {"Failed", "sign-in", "from", "203.0.113.7", "as", "root", "on", "web01"};
  std::string out;
  for (size_t count = 1 + below(12); count > 0; --count) out += plain[below(plain.size())] + " ";
  return out;
}

std::string Hostile::short_text() {
  switch (below(8)) {
    case 0: return "";
    case 1: return std::string(1 + below(20), ' ');
    case 2:
    case 3: return words();
    default: return injections()[below(injections().size())];
  }
}

std::string Hostile::text() {
  const auto repeated = [&](const std::string& part, size_t bytes) {
    std::string out;
    while (out.size() < bytes) out += part;
    return out;
  };
  switch (below(24)) {
    case 0: return std::string(longest_, 'x');
    case 1: return repeated("<&>", longest_);
    case 2: return repeated("\xF0\x9F\x94\xB4", longest_);
    case 3: return repeated("row\n", longest_ / 4);
    case 4: return repeated(injections()[below(injections().size())] + " ", longest_);
    case 5: return repeated("\n", below(3000));
    case 6:
    case 7: return repeated(words(), below(5000));
    case 8: return words() + injections()[below(injections().size())] + words();
    case 9: return std::string(74 + below(3), 'b');
    case 10: return std::string(149 + below(3), 'c');
    case 11: return std::string(1998 + below(4), 'd');
    case 12: return std::string(2998 + below(4), 'e');
    default: return short_text();
  }
}

json Hostile::document() {
  json srcip = chance(50) ? json("203.0.113." + std::to_string(below(255))) : json(text());
  switch (below(3)) {
    case 0:
      return {{"timestamp", "2026-11-24T03:11:58.000+0000"},
              {"rule", {{"level", below(16)}, {"id", short_text()}, {"description", text()}, {"groups", {text(), text()}}}},
              {"agent", {{"id", "003"}, {"name", text()}, {"ip", text()}}},
              {"id", std::to_string(random_())},
              {"full_log", text()},
              {"data", {{"srcip", srcip}, {"dstuser", text()}, {"url", text()}, {"command", text()}}}};
    case 1:
      return {{"receiver", text()},
              {"status", "firing"},
              {"alerts",
               {{{"status", "firing"},
                 {"labels", {{"alertname", text()}, {"severity", short_text()}, {"instance", text()}, {"user", text()}}},
                 {"annotations", {{"summary", text()}, {"description", text()}}},
                 {"startsAt", "2026-11-24T03:11:58Z"},
                 {"generatorURL", text()},
                 {"fingerprint", std::to_string(random_())}}}},
              {"groupLabels", json::object()},
              {"commonLabels", json::object()},
              {"commonAnnotations", json::object()},
              {"externalURL", text()},
              {"version", "4"}};
    default:
      return {
          {"timestamp", "2026-11-24T03:11:58.000000+0000"},
          {"event_type", "alert"},
          {"src_ip", srcip},
          {"dest_ip", "198.51.100.7"},
          {"proto", "TCP"},
          {"http", {{"hostname", text()}, {"url", text()}, {"http_user_agent", text()}}},
          {"alert", {{"signature_id", random_() % 100000}, {"signature", text()}, {"category", text()}, {"severity", 1}}}};
  }
}

json Hostile::spoiled(const json& document, int percent) {
  if (document.is_string()) return chance(percent) ? json(text()) : document;
  if (!document.is_structured()) return document;
  json out = document;
  for (auto& child : out) child = spoiled(child, percent);
  return out;
}

Entity Hostile::entity() {
  static const EntityType kinds[] = {EntityType::host, EntityType::user,    EntityType::ip,   EntityType::domain,
                                     EntityType::url,  EntityType::hash,    EntityType::mail, EntityType::process,
                                     EntityType::key,  EntityType::resource};
  return {kinds[below(std::size(kinds))], text().substr(0, 512)};
}

Evidence Hostile::evidence(int number, const Alert& alert, size_t records) {
  Evidence one;
  one.number = number;
  one.question = "q" + std::to_string(number);
  one.title = text();
  one.source = short_text();
  one.query = text();
  one.from = kThen - std::chrono::hours(1);
  one.to = kThen;
  one.answer = text();
  one.total = static_cast<int64_t>(below(1'000'000));
  for (size_t at = 0; at < records; ++at)
    one.records.push_back(at == 0 ? alert.raw
                                  : json({{"m", text().substr(0, 9)}}).dump(-1, ' ', false, json::error_handler_t::replace));
  if (chance(30)) one.records.push_back(text());
  one.link = text();
  one.taken = kThen;
  return one;
}

Verdict Hostile::verdict(const Alert& alert, const Amounts& amounts) {
  Verdict out;
  out.label = static_cast<Label>(below(4));
  out.confidence = static_cast<int>(below(101));
  out.severity = static_cast<Severity>(below(5));
  out.headline = chance(50) ? alert.title : text();
  for (size_t at = 0; at < amounts.claims; ++at) {
    std::vector<int> cited;
    for (size_t count = 1 + below(4); count > 0; --count) cited.push_back(static_cast<int>(1 + below(amounts.evidence)));
    out.claims.push_back({text(), std::move(cited), {}, chance(30) ? -0.5 : 1.0});
    out.not_checked.push_back(text());
    out.alternatives.push_back(text());
    out.techniques.push_back(short_text());
  }
  out.would_change = text();
  out.decided = kThen;
  return out;
}

Action Hostile::action(int64_t number, const Alert& alert) {
  Action one;
  one.id = ActionId(number);
  one.plan.verb = chance(70) ? "block_ip" : short_text();
  one.plan.provider = short_text();
  one.plan.target = alert.entities.empty() || chance(50) ? entity() : alert.entities.front();
  one.plan.parameters = {{"duration", short_text()}, {short_text(), text()}};
  one.state = static_cast<ActionState>(below(10));
  one.reason = text();
  one.proposer = chance(50) ? "vedette" : short_text();
  if (one.state != ActionState::proposed) one.requester = chance(80) ? "ann" : short_text();
  for (size_t count = below(4); count > 0; --count) one.votes.push_back({short_text(), chance(70), kThen});
  one.approvals_needed = static_cast<int>(1 + below(3));
  if (chance(50)) one.expires = kThen + std::chrono::minutes(30);
  one.result = text();
  one.settings = {{"duration", "For how long", "30m, 4h", short_text()}, {short_text(), text(), text(), text()}};
  one.created = one.changed = kThen;
  return one;
}

CaseView Hostile::case_of(const Alert& alert, const Amounts& amounts) {
  CaseView view;
  auto& record = view.record;
  record.id = CaseId(123);
  record.title = alert.title;
  record.status = static_cast<CaseStatus>(below(3));
  record.severity = alert.severity;
  record.owner = chance(50) ? short_text() : "";
  record.created = record.updated = record.last_alert = kThen;
  record.alerts = static_cast<int>(amounts.alerts);
  record.entities = alert.entities;
  for (size_t at = 0; at < amounts.entities; ++at) record.entities.push_back(entity());
  if (record.status == CaseStatus::closed) record.disposition = static_cast<Disposition>(below(5));
  record.closing_reason = text();
  record.investigation = static_cast<InvestigationState>(below(4));
  for (size_t at = 0; at < amounts.claims; ++at) record.progress.push_back({text(), chance(50)});
  record.failure = text();
  if (chance(75)) record.verdict = verdict(alert, amounts);
  record.version = 3;
  record.good = static_cast<int>(below(3));
  record.bad = static_cast<int>(below(3));
  if (chance(30)) record.snooze = Snooze{kThen + std::chrono::hours(4), short_text(), text()};
  for (size_t at = 0; at < amounts.alerts; ++at) {
    view.alerts.push_back(alert);
    view.alerts.back().id = AlertId(static_cast<int64_t>(at) + 1);
    if (at == 0) continue;
    view.alerts.back().title = text();
    view.alerts.back().source = short_text();
  }
  for (size_t at = 0; at < amounts.evidence; ++at) {
    view.evidence.push_back(evidence(static_cast<int>(at) + 1, alert, below(amounts.records + 1)));
  }
  for (size_t at = 0; at < amounts.actions; ++at) {
    view.actions.push_back(action(static_cast<int64_t>(at) + 1, alert));
    view.actions.back().case_id = record.id;
  }
  static const char* kinds[] = {"alert", "verdict", "status", "owner", "note", "feedback", "action", "snooze", "awake"};
  for (size_t at = 0; at < amounts.notes; ++at) {
    view.notes.push_back({kThen + std::chrono::minutes(at), kinds[below(std::size(kinds))], short_text(), text()});
  }
  return view;
}

chat::Line Hostile::line() {
  chat::Line out{text(), {}, chance(30)};
  for (size_t count = below(4); count > 0; --count) out.evidence.push_back(static_cast<int>(below(500)));
  return out;
}

// Commands are ours and clean, but may hold a long list or reason.
std::string Hostile::command() {
  if (chance(5)) return "";
  if (chance(10)) return "note C-1 " + std::string(below(2300), 'w');
  if (chance(10)) return "note C-1 " + std::string(below(300), 'w');
  return "ack C-" + std::to_string(random_());
}

chat::Block Hostile::block() {
  const auto lines = [&] {
    std::vector<chat::Line> all;
    for (size_t count = below(6); count > 0; --count) all.push_back(line());
    return all;
  };
  const auto texts = [&](size_t most) {
    std::vector<std::string> all;
    for (size_t count = below(most); count > 0; --count) all.push_back(text());
    return all;
  };
  switch (below(13)) {
    case 0: return chat::Heading{text(), {}};
    case 1: return chat::Paragraph{lines(), chance(50)};
    case 2: return chat::Bullets{text(), lines()};
    case 3: return chat::Facts{{{text(), text()}, {short_text(), text()}}};
    case 4: return chat::Chips{short_text(), texts(30)};
    case 5: return chat::Steps{{{text(), chat::StepState::done}, {text(), static_cast<chat::StepState>(below(4))}}};
    case 6: return chat::Records{short_text(), text(), chance(50)};
    case 7: {
      chat::Table table{texts(5), {}};
      for (size_t rows = below(6); rows > 0; --rows) table.rows.push_back(texts(6));
      return table;
    }
    case 8: return chat::Divider{};
    case 9: {
      chat::Buttons buttons;
      for (size_t count = below(40); count > 0; --count) {
        buttons.items.push_back({text(), command(), static_cast<chat::Tone>(below(4)), chance(50) ? text() : ""});
      }
      return buttons;
    }
    case 10: return chat::Thumbs{command(), command()};
    case 11: {
      chat::Menu menu{text(), {}};
      for (size_t count = below(12); count > 0; --count) menu.items.push_back({text(), command()});
      return menu;
    }
    default: {
      chat::Select select{static_cast<chat::Select::Kind>(below(3)), text(), "show", {}};
      for (size_t count = below(120); count > 0; --count) select.options.push_back({text(), "C-" + std::to_string(count)});
      return select;
    }
  }
}

chat::Card Hostile::card() {
  chat::Card out;
  out.summary = text();
  for (size_t count = below(chance(20) ? 80 : 12); count > 0; --count) out.blocks.push_back(block());
  if (chance(10)) out.blocks.assign(40 + below(100), chat::Divider{});  // many blocks with little in them
  return out;
}

chat::Form Hostile::form() {
  chat::Form out;
  out.title = chance(80) ? "T" + text() : "Close";
  out.submit = "S" + text();
  out.intro = text();
  for (size_t count = 1 + below(4); count > 0; --count) {
    chat::FormField field;
    field.name = "field" + std::string(count, 'a');
    field.kind = static_cast<chat::FormField::Kind>(below(3));
    field.label = "L" + text();
    field.hint = text();
    field.several_lines = chance(50);
    field.longest = below(4000);
    field.initial = text();
    if (chance(40)) {
      for (size_t choices = 1 + below(120); choices > 0; --choices) {
        field.choices.push_back({"v" + std::to_string(choices), "C" + short_text()});
      }
    }
    out.fields.push_back(std::move(field));
  }
  return out;
}

}  // namespace vedette::test
