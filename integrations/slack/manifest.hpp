#pragma once
// What Vedette asks of Slack: scopes, events, commands and shortcuts, each with what it is for. The one list behind
// `vedette manifest slack`, `vedette doctor` and the table in docs/slack.md. Whoever uses something new of Slack adds it
// here. Pure. Format and limits: docs.slack.dev/reference/app-manifest.

#include <string>
#include <string_view>
#include <vector>

#include "bot/base/result.hpp"

namespace vedette::slack {

// What somebody who opens the conversation with Vedette is offered to ask, as Slack takes it: [{"title", "message"}].
std::string prompts_json();

struct Scope {
  std::string_view name;
  std::string_view purpose;  // for people: "to …"
};
// Of the bot token.
const std::vector<Scope>& needed_scopes();

struct Event {
  std::string_view name;
  std::string_view scope;  // without which Slack does not send it; empty: none
};
const std::vector<Event>& needed_events();

struct ManifestOptions {
  std::string request_url;  // https://vedette.example: the Events API over HTTP; empty: Socket Mode
};

// An app manifest as indented JSON, to be pasted at api.slack.com/apps → Create New App → From a manifest. Errors:
// invalid_input when the URL is not one that Slack can call.
Result<std::string> manifest(const ManifestOptions& options);

}  // namespace vedette::slack
