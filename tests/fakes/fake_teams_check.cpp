#include "tests/fakes/fake_teams_check.hpp"

#include <array>
#include <optional>
#include <set>

#include "bot/base/text.hpp"
#include "tests/support/files.hpp"
#include "tests/support/json_schema.hpp"

namespace vedette::test {
namespace {

using json = nlohmann::json;

constexpr const char* kCardType = "application/vnd.microsoft.card.adaptive";
constexpr size_t kMostRefreshers = 60;
constexpr size_t kMostCitations = 20;

const std::optional<json>& card_schema() {
  static const std::optional<json> schema = []() -> std::optional<json> {
    if (!corpus()) return std::nullopt;
    return json::parse(read_file(*corpus() / "teams" / "adaptive-card-1.5.0.json"));
  }();
  return schema;
}

// Calls `visit` with every object in it, outer ones first.
template <class Visit>
void each_object(const json& value, const Visit& visit) {
  if (value.is_object()) visit(value);
  if (!value.is_structured()) return;
  for (const auto& part : value) each_object(part, visit);
}

std::string text_at(const json& object, const char* name) {
  const auto found = object.is_object() ? object.find(name) : object.end();
  return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

std::string action_fault(const json& action) {
  const std::string type = text_at(action, "type");
  if (type == "Action.OpenUrl" && text_at(action, "url").rfind("https://", 0) != 0) return "Action.OpenUrl without https";
  if (type == "Action.Execute" && action.contains("fallback") && action["fallback"].is_object()) {
    const std::string fallback = text_at(action["fallback"], "type");
    if (fallback != "Action.Submit") return "the fallback of an Action.Execute is an " + fallback;
  }
  return {};
}

// learn.microsoft.com/microsoftteams/platform/bots/how-to/bot-messages-ai-generated-content
std::string ai_entity_fault(const json& entity, const json& activity) {
  if (text_at(entity, "@type") != "Message" || text_at(entity, "@context") != "https://schema.org") {
    return "the root entity lacks @type or @context";
  }
  if (!entity.contains("citation")) return {};
  if (!entity["citation"].is_array() || entity["citation"].size() > kMostCitations) return "too many citations";
  const std::string text = text_at(activity, "text");
  std::set<int> positions;
  for (const auto& claim : entity["citation"]) {
    if (text_at(claim, "@type") != "Claim" || !claim.contains("position") || !claim["position"].is_number_integer()) {
      return "a citation is no Claim with a position";
    }
    const int position = claim["position"];
    if (!positions.insert(position).second) return "a position is cited twice";
    if (!text.empty() && text.find("[" + std::to_string(position) + "]") == std::string::npos) {
      return "citation " + std::to_string(position) + " is not in the text";
    }
    const json& work = claim.value("appearance", json::object());
    if (text_at(work, "@type") != "DigitalDocument" || text_at(work, "name").empty()) return "a citation without a document";
    if (text::characters(text_at(work, "name")) > 80) return "a citation's name is too long";
    if (text_at(work, "abstract").empty()) return "a citation without an abstract";
    if (text::characters(text_at(work, "abstract")) > 160) return "a citation's abstract is too long";
    const json keywords = work.value("keywords", json::array());
    if (!keywords.is_array() || keywords.size() > 3) return "a citation has too many keywords";
    for (const auto& keyword : keywords) {
      if (!keyword.is_string() || text::characters(keyword.get<std::string>()) > 28) return "a keyword is too long";
    }
  }
  return {};
}

std::string entities_fault(const json& activity) {
  if (!activity.contains("entities")) return {};
  if (!activity["entities"].is_array()) return "entities are no list";
  int roots = 0;
  for (const auto& entity : activity["entities"]) {
    const std::string type = text_at(entity, "type");
    if (type.empty()) return "an entity without a type";
    if (type == "mention") {
      const std::string marked = text_at(entity, "text");
      if (marked.empty() || text_at(activity, "text").find(marked) == std::string::npos) {
        bool in_card = false;
        for (const auto& card : cards_in(activity)) in_card = in_card || card.dump().find(marked) != std::string::npos;
        if (marked.empty() || !in_card) return "a mention that is not in the text";
      }
    }
    if (type == "https://schema.org/Message") {
      if (++roots > 1) return "more than one root entity";
      if (auto fault = ai_entity_fault(entity, activity); !fault.empty()) return fault;
    }
  }
  return {};
}

std::string attachments_fault(const json& activity) {
  const json attachments = activity.value("attachments", json::array());
  if (!attachments.is_array() || attachments.size() > 10) return "attachments are no list of at most ten";
  for (const auto& attachment : attachments) {
    const std::string type = text_at(attachment, "contentType");
    if (type == kCardType) {
      if (auto fault = card_fault(attachment.value("content", json())); !fault.empty()) return fault;
    } else if (type.rfind("application/vnd.microsoft.", 0) != 0 && type.rfind("image/", 0) != 0) {
      return "an attachment of type '" + type + "'";
    }
  }
  return {};
}

std::string task_fault(const json& body) {
  const json task = body.value("task", json());
  if (!task.is_object()) return "no task";
  const std::string type = text_at(task, "type");
  if (type == "message") return task.value("value", json()).is_string() ? "" : "a message that is no text";
  if (type != "continue") return "a task of type '" + type + "'";
  const json value = task.value("value", json());
  if (!value.is_object()) return "a task without a value";
  if (value.contains("url") == value.contains("card")) return "a task needs a card or an address";
  if (!value.contains("card")) return {};
  if (text_at(value["card"], "contentType") != kCardType) return "a task's card is no Adaptive Card";
  for (const char* side : {"height", "width"}) {
    if (!value.contains(side)) continue;
    static const std::set<json> names = {"small", "medium", "large"};
    if (!value[side].is_number_integer() && !names.contains(value[side])) return std::string("a task's ") + side;
  }
  return card_fault(value["card"].value("content", json()));
}

std::string card_answer_fault(const json& body) {
  if (!body.contains("statusCode") || !body["statusCode"].is_number_integer()) return "no statusCode";
  const std::string type = text_at(body, "type");
  const int status = body["statusCode"];
  const json value = body.value("value", json());
  if (status >= 400) {
    if (type != "application/vnd.microsoft.error") return "an error of type '" + type + "'";
    return value.is_object() && !text_at(value, "code").empty() && !text_at(value, "message").empty()
               ? ""
               : "an error without code and message";
  }
  if (type == kCardType) return card_fault(value);
  if (type == "application/vnd.microsoft.activity.message") return value.is_string() ? "" : "a message that is no text";
  return "an answer of type '" + type + "'";
}

}  // namespace

size_t utf16_size(const std::string& utf8) {
  size_t units = 0;
  for (const char c : utf8) {
    const auto byte = static_cast<unsigned char>(c);
    if ((byte & 0xC0) != 0x80) units += byte >= 0xF0 ? 2 : 1;
  }
  return 2 * units;
}

std::string card_fault(const json& card) {
  if (!card.is_object() || text_at(card, "type") != "AdaptiveCard") return "no Adaptive Card";
  static const std::set<std::string> versions = {"1.0", "1.1", "1.2", "1.3", "1.4", "1.5"};
  if (!versions.contains(text_at(card, "version"))) return "version '" + text_at(card, "version") + "' of Adaptive Cards";
  if (card_schema()) {
    json bare = card;
    bare.erase(
        "msteams");  // width and entities: Teams' own (learn.microsoft.com/microsoftteams/platform/task-modules-and-cards)
    if (auto fault = schema_violation(*card_schema(), bare); !fault.empty()) return fault;
  }
  std::string fault;
  std::set<std::string> inputs;
  each_object(card, [&](const json& object) {
    const std::string type = text_at(object, "type");
    if (type.rfind("Action.", 0) == 0 && fault.empty()) fault = action_fault(object);
    if (type.rfind("Input.", 0) == 0 && !inputs.insert(text_at(object, "id")).second) fault = "two inputs of the same id";
  });
  if (card.contains("refresh")) {
    const json& refresh = card["refresh"];
    if (text_at(refresh.value("action", json::object()), "type") != "Action.Execute")
      fault = "refresh without Action.Execute";
    if (refresh.contains("userIds") && refresh["userIds"].size() > kMostRefreshers) fault = "too many userIds in refresh";
    for (const auto& user : refresh.value("userIds", json::array())) {
      if (!user.is_string() || user.get<std::string>().rfind("29:", 0) != 0) fault = "a userId that is no member's id";
    }
  }
  return fault;
}

std::string activity_fault(const json& activity) {
  if (!activity.is_object()) return "no JSON object";
  const std::string type = text_at(activity, "type");
  if (type != "message" && type != "typing") return "an activity of type '" + type + "'";
  if (auto fault = entities_fault(activity); !fault.empty()) return fault;
  if (type == "typing") return {};
  const bool text = !text_at(activity, "text").empty();
  const bool attachments = activity.contains("attachments") && !activity["attachments"].empty();
  if (!text && !attachments) return "a message without text and attachments";
  static const std::set<std::string> formats = {"", "plain", "markdown", "xml"};
  if (!formats.contains(text_at(activity, "textFormat"))) return "textFormat '" + text_at(activity, "textFormat") + "'";
  const json data = activity.value("channelData", json::object());
  if (data.contains("feedbackLoop")) {
    const std::string loop = text_at(data["feedbackLoop"], "type");
    if (loop != "default" && loop != "custom") return "a feedbackLoop of type '" + loop + "'";
  }
  return attachments_fault(activity);
}

std::string invoke_answer_fault(const std::string& name, const std::string& body) {
  if (name == "message/submitAction") {
    const json parsed = json::parse(body, nullptr, false);
    return body.empty() || parsed == json::object() ? "" : "the answer to feedback is not empty";
  }
  if (name == "task/submit" && body.empty()) return {};
  const json parsed = json::parse(body, nullptr, false);
  if (!parsed.is_object()) return "the answer is no JSON object";
  if (name == "adaptiveCard/action") return card_answer_fault(parsed);
  if (name == "task/submit" && parsed.empty()) return {};
  if (name == "task/fetch" || name == "task/submit" || name == "message/fetchTask") return task_fault(parsed);
  return {};
}

bool is_split(const json& activity) {
  return text_at(activity, "type") == "message" && !text_at(activity, "text").empty() && !cards_in(activity).empty();
}

std::vector<json> cards_in(const json& activity) {
  std::vector<json> cards;
  for (const auto& attachment : activity.value("attachments", json::array())) {
    if (text_at(attachment, "contentType") == kCardType) cards.push_back(attachment.value("content", json()));
  }
  return cards;
}

std::vector<json> actions_in(const json& card) {
  std::vector<json> actions;
  const auto collect = [&](const auto& self, const json& value) -> void {
    if (value.is_object() && text_at(value, "type").rfind("Action.", 0) == 0) actions.push_back(value);
    if (!value.is_structured()) return;
    for (const auto& [name, part] : value.items()) {
      if (name != "fallback" && name != "refresh" && name != "data") self(self, part);
    }
  };
  collect(collect, card);
  return actions;
}

json initial_inputs(const json& card) {
  json inputs = json::object();
  each_object(card, [&](const json& object) {
    const std::string type = text_at(object, "type");
    if (type.rfind("Input.", 0) != 0) return;
    const std::string id = text_at(object, "id");
    const std::string value = text_at(object, "value");
    if (!value.empty()) inputs[id] = value;
    if (type == "Input.Toggle" && value.empty()) {
      inputs[id] = text_at(object, "valueOff").empty() ? "false" : text_at(object, "valueOff");
    }
  });
  return inputs;
}

}  // namespace vedette::test
