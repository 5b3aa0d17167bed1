#pragma once
// Shows forms: the modal behind a button or shortcut whose command still wants to know something. The trigger that came with
// the press lives for three seconds and works once, so the form is asked for before anything else is done. Lives as long as
// the app; io thread only.

#include <deque>
#include <set>
#include <string>

#include "bot/chat/form.hpp"
#include "integrations/slack/forms_wire.hpp"
#include "integrations/slack/web_api.hpp"

namespace vedette::slack {

class FormDesk {
 public:
  FormDesk(WebApi& api, SlackOptions options) : api_(api), options_(std::move(options)) {}

  // Success: Slack shows it, or was asked to by an earlier copy of the same press. Errors: those of WebApi::call; too_large.
  Async<void> show(std::string key, std::string trigger, FormPlace place, chat::Form form);

 private:
  bool is_first(const std::string& key);

  WebApi& api_;
  SlackOptions options_;
  std::deque<std::string> shown_;  // keys of the latest presses, oldest first
  std::set<std::string> known_;    // the same
};

}  // namespace vedette::slack
