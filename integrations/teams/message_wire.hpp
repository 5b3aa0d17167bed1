#pragma once
// What somebody else's message says, as "Investigate this" hands it over: messagePayload of composeExtension/fetchTask
// (learn.microsoft.com/microsoftteams/platform/messaging-extensions/how-to/action-commands/create-task-module). Pure.

#include <string>

#include "bot/base/json.hpp"

namespace vedette::teams {

// Everything it says as plain lines: its text without markup, links with their address, and what cards on it say. Each line
// once; at most `bytes`, and the last line says so when there was more.
std::string message_text(const Json& payload, size_t bytes);

}  // namespace vedette::teams
