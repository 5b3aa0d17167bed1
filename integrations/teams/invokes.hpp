#pragma once
// What invokes are answered with (learn.microsoft.com/adaptive-cards/authoring-cards/universal-action-model#response-format,
// learn.microsoft.com/microsoftteams/platform/task-modules-and-cards/task-modules/task-modules-bots). Pure.

#include <string>
#include <string_view>

#include "integrations/teams/activity_taker.hpp"

namespace vedette::teams {

// Of adaptiveCard/action: a sentence, the card as it is now, or why not (status 400 to 599; HTTP says 200 all the same).
ActivityAnswer card_message(std::string_view sentence);
ActivityAnswer card_now(std::string_view card);  // JSON
ActivityAnswer card_error(int status, std::string_view code, std::string_view sentence);
// Of task/fetch and task/submit: a dialog to show ({"title","height","width","card"}), a sentence in one, or its end.
ActivityAnswer dialog(std::string_view value);  // JSON
ActivityAnswer dialog_message(std::string_view sentence);
ActivityAnswer dialog_end();
// Of message/submitAction: anything but an empty object is an error to Teams.
ActivityAnswer feedback_taken();

}  // namespace vedette::teams
