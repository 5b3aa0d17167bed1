#pragma once
// Reading what comes back from cards and dialogs: the data we put into an action, with the values of the inputs beside it
// (learn.microsoft.com/adaptive-cards/authoring-cards/input-validation). Pure, total and bounded; nothing in it gives a
// right: the command it becomes is checked like a typed one.
//
//   a button        {"command":"ack C-12","key":"case/12/root"}
//   a choice        the same with "answers":["answer-1","answer-1-time"]: ids of inputs whose values come behind the command
//   a dialog's form {"form":"close C-12"} and the fields by name ("NAME" and "NAME-time" for a point in time)
//   a page          {"details":2,"key":"case/12/root"}, from 0

#include <string>
#include <string_view>

#include "bot/base/json.hpp"
#include "bot/chat/form.hpp"

namespace vedette::teams {

// The command, completed with the answers; empty: there is none, or an answer it needs was left open.
std::string picked_command(const Json& data);

struct DetailsPage {
  std::string slot;
  size_t page = 0;
};
bool is_details(const Json& data);
DetailsPage details_page(const Json& data);

// What a form's button carries, as a JSON object; comes back as the data of task/submit, with the fields.
std::string form_context(std::string_view command);
std::string command_of_form(const Json& data);
// Points in time as RFC 3339 in UTC, people as <@OBJECT-ID>; what was left open is absent.
chat::FormAnswers form_answers(const Json& data, const chat::Form& form);

}  // namespace vedette::teams
