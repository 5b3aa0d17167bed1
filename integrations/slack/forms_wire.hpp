#pragma once
// Reading what comes of forms and shortcuts: view_submission, shortcut and message_action payloads
// (docs.slack.dev/reference/interaction-payloads), and writing what they carry and are answered with. Pure.

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "bot/base/clock.hpp"
#include "bot/base/json.hpp"
#include "bot/base/result.hpp"
#include "bot/chat/form.hpp"
#include "bot/domain/person.hpp"

namespace vedette::slack {

inline constexpr const char* kFormCallback = "form";
inline constexpr size_t kMostMetadata = 3000;  // characters, Slack's limit of private_metadata

// What a view remembers of the press it came from. Slack keeps it as private_metadata and hands it back; nothing in it gives
// a right: the command it becomes is checked like a typed one.
struct FormPlace {
  FormPlace() = default;
  FormPlace(std::string of_button, std::string in_channel, std::string in_thread)
      : command(std::move(of_button)), channel(std::move(in_channel)), thread(std::move(in_thread)) {}
  std::string command;  // of the button: "close C-3"
  std::string channel;
  std::string thread;  // message_ref of the thread's root; may be empty
};
std::string to_metadata(const FormPlace& place);
Result<FormPlace> place_from(std::string_view metadata);

struct FormSubmission {
  std::string key;  // the same for every delivery of one submission
  Identity who;
  FormPlace place;
  chat::FormAnswers answers;
  std::string first_field;  // where to show what concerns the whole
};
// invalid_input for what is no form of ours.
Result<FormSubmission> read_submission(const Json& payload);
// The acknowledgement's payload that keeps the form open and shows sentences at its fields. A few kilobytes at most.
std::string errors_answer(const std::map<std::string, std::string>& errors);

struct Shortcut {
  std::string key;
  std::string callback;
  std::string trigger;
  Identity who;
  bool of_message = false;  // else from anywhere: no channel, no message
  std::string channel;
  std::string message_ts;
  Time message_time;
  std::string text;  // what the message says, see message_text()
  std::string reply_url;
};
// invalid_input without its user, trigger or message.
Result<Shortcut> read_shortcut(const Json& payload);

// Everything a message says, as plain lines: its text, what its attachments add and what its blocks add; links with their
// address. Each line once; at most `bytes`, and the last line says so when there was more.
std::string message_text(const Json& message, size_t bytes);

}  // namespace vedette::slack
