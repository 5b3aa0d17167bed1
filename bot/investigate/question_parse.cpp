// Question files: YAML into the catalogue, with file, line and column in every message.

#include <algorithm>
#include <initializer_list>
#include <set>

#include <fmt/format.h>
#include <yaml-cpp/yaml.h>

#include "bot/base/text.hpp"
#include "bot/investigate/question.hpp"

namespace vedette::investigate {
namespace {

// Thrown and caught in this file only: YAML nests, and a message must name the innermost place.
struct Complaint {
  std::string where;
  std::string what;
};

struct Reader {
  std::string file;

  [[noreturn]] void complain(const YAML::Node& node, const std::string& what) const {
    const auto mark = node.Mark();
    throw Complaint{mark.is_null() ? file : fmt::format("{}:{}:{}", file, mark.line + 1, mark.column + 1), what};
  }

  void only(const YAML::Node& node, std::initializer_list<std::string_view> names) const {
    if (!node.IsMap()) complain(node, "expected names and values");
    for (const auto& member : node) {
      const auto key = member.first.as<std::string>();
      if (std::find(names.begin(), names.end(), key) != names.end()) continue;
      std::string_view nearest = *names.begin();
      for (const auto name : names)
        if (text::edit_distance(name, key) < text::edit_distance(nearest, key)) nearest = name;
      complain(member.first, fmt::format("unknown name '{}'; did you mean '{}'?", key, nearest));
    }
  }

  std::string scalar(const YAML::Node& node) const {
    if (!node.IsScalar()) complain(node, "expected a text");
    return node.Scalar();
  }
  std::string scalar(const YAML::Node& map, const char* name, std::string fallback) const {
    const auto node = map[name];
    return node ? scalar(node) : std::move(fallback);
  }
  double number(const YAML::Node& map, const char* name, double fallback) const {
    const auto node = map[name];
    if (!node) return fallback;
    double value = 0;
    if (!node.IsScalar() || !YAML::convert<double>::decode(node, value)) complain(node, "expected a number");
    return value;
  }
  bool flag(const YAML::Node& map, const char* name, bool fallback) const {
    const auto node = map[name];
    if (!node) return fallback;
    bool value = false;
    if (!node.IsScalar() || !YAML::convert<bool>::decode(node, value)) complain(node, "expected true or false");
    return value;
  }
  std::vector<std::string> strings(const YAML::Node& node) const {
    std::vector<std::string> all;
    if (!node) return all;
    if (node.IsScalar()) return {node.Scalar()};
    if (!node.IsSequence()) complain(node, "expected a text or a list of texts");
    for (const auto& element : node) all.push_back(scalar(element));
    return all;
  }
  EntityType entity_type(const YAML::Node& node) const {
    const auto type = entity_type_from(scalar(node));
    if (!type) complain(node, fmt::format("'{}' is not a type of entity", node.Scalar()));
    return *type;
  }

  std::chrono::seconds offset(const YAML::Node& node) const {
    std::string_view spelled = node.Scalar();
    if (!node.IsScalar() || spelled.empty()) complain(node, "expected an offset such as -30d or +2h");
    int sign = 1;
    if (spelled.front() == '-' || spelled.front() == '+') {
      sign = spelled.front() == '-' ? -1 : 1;
      spelled.remove_prefix(1);
    }
    if (spelled == "0") return std::chrono::seconds(0);
    const auto length = parse_duration(spelled);
    if (!length) complain(node, "expected an offset such as -30d or +2h");
    return *length * sign;
  }

  Condition condition(const YAML::Node& node) const {
    only(node, {"field", "is", "not", "any_of", "prefix", "contains", "exists", "missing", "cidr"});
    if (!node["field"]) complain(node, "expected 'field'");
    if (node.size() != 2) complain(node, "expected 'field' and exactly one test");
    Condition made;
    made.field = scalar(node["field"]);
    const std::pair<const char*, Op> tests[] = {{"is", Op::equals},       {"not", Op::not_equals},    {"any_of", Op::any_of},
                                                {"prefix", Op::prefix},   {"contains", Op::contains}, {"exists", Op::exists},
                                                {"missing", Op::missing}, {"cidr", Op::cidr}};
    for (const auto& [name, op] : tests) {
      const auto value = node[name];
      if (!value) continue;
      made.op = op;
      if (op == Op::exists || op == Op::missing) {
        if (!flag(node, name, false)) complain(value, "expected true");
      } else {
        made.values = strings(value);
        if (made.values.empty() || (op != Op::any_of && made.values.size() != 1)) complain(value, "expected one value");
      }
    }
    return made;
  }
  std::vector<Condition> conditions(const YAML::Node& node) const {
    std::vector<Condition> all;
    if (!node) return all;
    if (!node.IsSequence()) complain(node, "expected a list of conditions");
    for (const auto& element : node) all.push_back(condition(element));
    return all;
  }

  std::vector<Pattern> patterns(const YAML::Node& node) const {
    std::vector<Pattern> all;
    if (!node) return all;
    if (!node.IsSequence()) complain(node, "expected a list of patterns");
    for (const auto& element : node) {
      only(element, {"field", "matches"});
      auto fields = strings(element["field"]);
      if (fields.empty() || !element["matches"]) complain(element, "expected 'field' and 'matches'");
      std::string joined = text::join(strings(element["matches"]), "|");
      auto made = Pattern::compile(std::move(fields), joined);
      if (!made) complain(element["matches"], made.error().message);
      all.push_back(std::move(made).value());
    }
    return all;
  }

  QueryTemplate query(const YAML::Node& node) const {
    only(node, {"from", "to", "dataset", "all", "any", "if_known", "text", "group_by", "distinct", "sum", "limit", "order",
                "keep", "drop", "unless_routine"});
    QueryTemplate made;
    if (node["from"]) made.window.from = offset(node["from"]);
    if (node["to"]) made.window.to = offset(node["to"]);
    if (made.window.from >= made.window.to) complain(node, "'from' must be before 'to'");
    made.dataset = scalar(node, "dataset", "");
    made.all = conditions(node["all"]);
    made.any = conditions(node["any"]);
    made.if_known = conditions(node["if_known"]);
    made.text = scalar(node, "text", "");
    made.group_by = scalar(node, "group_by", "");
    made.distinct_field = scalar(node, "distinct", "");
    made.sum_field = scalar(node, "sum", "");
    const double limit = number(node, "limit", 20);
    if (limit < 1 || limit > 1000) complain(node["limit"], "expected 1 to 1000");
    made.limit = static_cast<size_t>(limit);
    const auto order = scalar(node, "order", "newest");
    if (order != "newest" && order != "oldest") complain(node["order"], "expected newest or oldest");
    made.newest_first = order == "newest";
    made.keep = patterns(node["keep"]);
    made.unless_routine = scalar(node, "unless_routine", "");
    made.drop = patterns(node["drop"]);
    if (made.all.empty() && made.any.empty() && made.text.empty())
      complain(node, "expected a condition: a query must not read the whole log");
    return made;
  }

  Comparison comparison(const YAML::Node& node, std::string_view part) const {
    const auto words = text::split(std::string(text::trim(part)), ' ');
    if (words.size() != 3) complain(node, fmt::format("expected 'metric >= number', not '{}'", part));
    static const std::set<std::string, std::less<>> kMetrics = {"total",
                                                                "scanned",
                                                                "distinct",
                                                                "top",
                                                                "days",
                                                                "age_days",
                                                                "sum_mb",
                                                                "baseline",
                                                                "baseline_distinct",
                                                                "baseline_days",
                                                                "true_positives",
                                                                "dismissed",
                                                                "malicious",
                                                                "benign",
                                                                "good",
                                                                "bad"};
    if (!kMetrics.contains(words[0])) complain(node, fmt::format("unknown metric '{}'", words[0]));
    static const std::pair<std::string_view, Comparison::Op> kOps[] = {
        {"==", Comparison::Op::equal},      {"!=", Comparison::Op::not_equal}, {"<", Comparison::Op::less},
        {"<=", Comparison::Op::less_equal}, {">", Comparison::Op::greater},    {">=", Comparison::Op::greater_equal}};
    Comparison made;
    made.metric = words[0];
    const auto* const op =
        std::find_if(std::begin(kOps), std::end(kOps), [&](const auto& known) { return known.first == words[1]; });
    if (op == std::end(kOps)) complain(node, fmt::format("unknown comparison '{}'", words[1]));
    made.op = op->second;
    if (!YAML::convert<double>::decode(YAML::Node(words[2]), made.value))
      complain(node, fmt::format("expected a number, not '{}'", words[2]));
    return made;
  }

  Outcome outcome(const YAML::Node& node, const std::string& family) const {
    only(node, {"if", "says", "weight", "family", "hard", "clears", "finding", "technique", "pivot", "not_checked"});
    Outcome made;
    if (const auto when = node["if"]) {
      std::string rest = scalar(when);
      for (const auto& part : text::split(text::replace_all(std::move(rest), " and ", "&"), '&'))
        made.when.push_back(comparison(when, part));
    }
    made.says = scalar(node, "says", "");
    if (made.says.empty()) complain(node, "expected 'says': the answer in one sentence");
    made.weight = number(node, "weight", 0);
    if (made.weight < -6 || made.weight > 6) complain(node["weight"], "expected a weight from -6 to 6");
    made.family = scalar(node, "family", family);
    made.hard = flag(node, "hard", false);
    if (made.hard && made.weight <= 0) complain(node["hard"], "only an answer that weighs towards malicious can be hard");
    made.clears = strings(node["clears"]);
    made.tags = strings(node["finding"]);
    made.techniques = strings(node["technique"]);
    made.not_checked = scalar(node, "not_checked", "");
    if (const auto pivots = node["pivot"]) {
      if (!pivots.IsMap()) complain(pivots, "expected 'type: field'");
      for (const auto& member : pivots)
        for (const auto& field : strings(member.second)) made.pivots.push_back({entity_type(member.first), field});
    }
    return made;
  }

  Applies applies(const YAML::Node& node) const {
    Applies made;
    if (!node) return made;
    only(node, {"alert_has", "alert_lacks", "technique", "words", "finding", "without", "entities", "external", "is_field"});
    made.alert_has = strings(node["alert_has"]);
    made.alert_lacks = strings(node["alert_lacks"]);
    made.is_field = scalar(node, "is_field", "");
    made.techniques = strings(node["technique"]);
    for (auto& word : strings(node["words"])) made.words.push_back(text::lower(word));
    made.tags = strings(node["finding"]);
    made.without = strings(node["without"]);
    if (const auto entities = node["entities"]) {
      if (!entities.IsSequence()) complain(entities, "expected a list of entity types");
      for (const auto& element : entities) made.entities.push_back(entity_type(element));
    }
    if (node["external"]) made.external = flag(node, "external", false);
    return made;
  }

  Question question(const YAML::Node& node, const std::string& family) const {
    only(node, {"id", "ask", "about", "title", "when", "cost", "opens", "follow", "query", "baseline", "patterns", "list",
                "same", "answers"});
    Question made;
    made.file = file;
    made.id = scalar(node, "id", "");
    if (made.id.empty()) complain(node, "expected 'id'");
    made.title = scalar(node, "title", "");
    if (made.title.empty()) complain(node, "expected 'title': the question in words");
    const auto whom = scalar(node, "ask", "events");
    if (whom == "events")
      made.whom = Whom::events;
    else if (whom == "alert")
      made.whom = Whom::alert;
    else if (whom == "cases")
      made.whom = Whom::cases;
    else if (whom == "known_good")
      made.whom = Whom::known_good;
    else
      complain(node["ask"], "expected events, alert, cases or known_good");
    if (node["about"] && scalar(node["about"]) != "case") made.about = entity_type(node["about"]);
    made.applies = applies(node["when"]);
    made.cost = number(node, "cost", made.whom == Whom::events ? 1.0 : 0.2);
    if (made.cost <= 0) complain(node["cost"], "expected a number above 0");
    made.opens = flag(node, "opens", false);
    made.follow = flag(node, "follow", true);
    read_whom(node, made);
    const auto answers = node["answers"];
    if (!answers || !answers.IsSequence() || answers.size() == 0) complain(node, "expected 'answers'");
    for (const auto& answer : answers) made.outcomes.push_back(outcome(answer, family));
    if (!made.outcomes.back().when.empty())
      complain(answers, "the last answer must have no 'if': it is the one for everything else");
    return made;
  }

  void read_whom(const YAML::Node& node, Question& made) const {
    if (made.whom == Whom::events) {
      if (!node["query"]) complain(node, "expected 'query'");
      made.query = query(node["query"]);
      if (node["baseline"]) made.baseline = query(node["baseline"]);
    } else if (node["query"] || node["baseline"]) {
      complain(node, "'query' goes with ask: events");
    }
    made.patterns = patterns(node["patterns"]);
    if ((made.whom == Whom::alert) != !made.patterns.empty()) complain(node, "'patterns' go with ask: alert");
    made.list = scalar(node, "list", "");
    if ((made.whom == Whom::known_good) != !made.list.empty()) complain(node, "'list' goes with ask: known_good");
    const auto same = scalar(node, "same", "entity");
    if (same != "entity" && same != "rule") complain(node["same"], "expected entity or rule");
    made.by_rule = same == "rule";
    if (made.opens && (!made.about || made.whom != Whom::events))
      complain(node, "only a question to the events about an entity can open");
  }
};

void read_file(const QuestionFile& file, Catalogue& into) {
  const Reader reader{file.name};
  YAML::Node root;
  try {
    root = YAML::Load(file.content);
  } catch (const YAML::ParserException& error) {
    throw Complaint{fmt::format("{}:{}:{}", file.name, error.mark.line + 1, error.mark.column + 1), error.msg};
  }
  // `patterns` is a place for anchors that the questions of the file share.
  reader.only(root, {"family", "patterns", "questions"});
  const auto family = reader.scalar(root, "family", "");
  if (family.empty()) reader.complain(root, "expected 'family'");
  const auto questions = root["questions"];
  if (!questions || !questions.IsSequence()) reader.complain(root, "expected a list 'questions'");
  for (const auto& node : questions) {
    auto question = reader.question(node, family);
    if (into.find(question.id)) reader.complain(node, fmt::format("there is another question '{}'", question.id));
    into.questions.push_back(std::move(question));
  }
}

}  // namespace

Result<Catalogue> parse_questions(const std::vector<QuestionFile>& files) {
  Catalogue catalogue;
  try {
    for (const auto& file : files) read_file(file, catalogue);
  } catch (const Complaint& complaint) {
    return Error(Code::invalid_input, complaint.where + ": " + complaint.what);
  } catch (const YAML::Exception& error) {
    return Error(Code::invalid_input, std::string("question files: ") + error.what());
  }
  return catalogue;
}

}  // namespace vedette::investigate
