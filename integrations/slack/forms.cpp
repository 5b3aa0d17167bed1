#include "integrations/slack/forms.hpp"

#include <algorithm>

#include "bot/base/text.hpp"
#include "integrations/slack/render_form.hpp"

namespace vedette::slack {
namespace {
constexpr size_t kRemembered = 1000;
// What is left of the trigger's and the acknowledgement's three seconds is for the way that is taken otherwise.
constexpr std::chrono::milliseconds kShowWait(2000);
}  // namespace

bool FormDesk::is_first(const std::string& key) {
  if (!known_.insert(key).second) return false;
  shown_.push_back(key);
  if (shown_.size() > kRemembered) {
    known_.erase(shown_.front());
    shown_.pop_front();
  }
  return true;
}

Async<void> FormDesk::show(std::string key, std::string trigger, FormPlace place, chat::Form form) {
  const std::string metadata = to_metadata(place);
  if (text::characters(metadata) > kMostMetadata) co_return Error(Code::too_large, "too long a command for a Slack form");
  if (trigger.empty()) co_return Error(Code::invalid_input, "a press without its trigger");
  if (!is_first(key)) co_return Status();
  Fields fields = {{"trigger_id", std::move(trigger)}, {"view", render_form(form, metadata)}};
  const Deadline deadline = Deadline::after(std::min(options_.ack_wait, kShowWait));
  CO_TRY_VOID(api_.call("views.open", std::move(fields), Repeat::once, deadline));
  co_return Status();
}

}  // namespace vedette::slack
