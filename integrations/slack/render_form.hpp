#pragma once
// A neutral form as a Slack modal (docs.slack.dev/reference/views/modal-views): an input block a field, whose block_id is
// the field's name. Pure; total: what is longer than Slack takes (title and buttons 24, label 2000, an option's text 75) is
// shortened with an ellipsis.

#include <string>
#include <string_view>

#include "bot/chat/form.hpp"

namespace vedette::slack {

std::string render_form(const chat::Form& form, std::string_view metadata);

}  // namespace vedette::slack
