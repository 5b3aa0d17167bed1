#include "integrations/teams/invokes.hpp"

#include "bot/base/json.hpp"

namespace vedette::teams {
namespace {
constexpr const char* kMessage = "application/vnd.microsoft.activity.message";
constexpr const char* kCard = "application/vnd.microsoft.card.adaptive";
constexpr const char* kError = "application/vnd.microsoft.error";
}  // namespace

ActivityAnswer card_message(std::string_view sentence) {
  JsonWriter w;
  w.begin_object().field("statusCode", 200).field("type", kMessage).field("value", sentence).end_object();
  return ActivityAnswer(200, w.take());
}

ActivityAnswer card_now(std::string_view card) {
  JsonWriter w;
  w.begin_object().field("statusCode", 200).field("type", kCard).key("value").json(card).end_object();
  return ActivityAnswer(200, w.take());
}

ActivityAnswer card_error(int status, std::string_view code, std::string_view sentence) {
  JsonWriter w;
  w.begin_object().field("statusCode", status).field("type", kError).key("value");
  w.begin_object().field("code", code).field("message", sentence).end_object().end_object();
  return ActivityAnswer(200, w.take());
}

ActivityAnswer dialog(std::string_view value) {
  JsonWriter w;
  w.begin_object().key("task").begin_object().field("type", "continue").key("value").json(value).end_object().end_object();
  return ActivityAnswer(200, w.take());
}

ActivityAnswer dialog_message(std::string_view sentence) {
  JsonWriter w;
  w.begin_object().key("task").begin_object().field("type", "message").field("value", sentence).end_object().end_object();
  return ActivityAnswer(200, w.take());
}

ActivityAnswer dialog_end() { return ActivityAnswer(200); }

ActivityAnswer feedback_taken() { return ActivityAnswer(200, "{}"); }

}  // namespace vedette::teams
