#pragma once
// What Slack sends, as types: Socket Mode frames (docs.slack.dev/apis/events-api/using-socket-mode) and the payloads of
// events, interactions and slash commands, which are the same over HTTP. Pure. Unknown fields and kinds are no errors.

#include <set>
#include <string>
#include <string_view>
#include <variant>

#include "bot/base/json.hpp"
#include "bot/base/result.hpp"
#include "bot/chat/interaction.hpp"

namespace vedette::slack {

struct Hello {
  int64_t connections = 0;           // sockets Slack counts for the app, ours and any other
  std::chrono::seconds lifetime{0};  // after which Slack will close the link; 0: not said
};
struct Disconnect {
  std::string reason;  // warning, refresh_requested, link_disabled, too_many_websockets; others may come
};
struct Envelope {
  std::string id;
  std::string type;  // events_api, interactive, slash_commands; others may come
  Json payload;
  bool accepts_response = false;
  int64_t retry = 0;  // events only: how often it was delivered before
};
struct OtherFrame {
  std::string type;
};
using Frame = std::variant<Hello, Disconnect, Envelope, OtherFrame>;

// Errors: invalid_input or too_large; then there is nothing to acknowledge.
Result<Frame> parse_frame(std::string_view text);
// {"envelope_id":…}, with "payload" where there is one (JSON). Small by construction: Slack drops or punishes frames over
// 20,480 bytes; a payload that would make one is left out.
std::string ack_frame(std::string_view envelope_id, std::string_view payload = {});

// Who we are, from auth.test; empty while unknown.
struct Self {
  std::string user;        // U…
  std::string bot;         // B…
  std::string team;        // T…
  std::string enterprise;  // E…, in Enterprise Grid only
};

struct Ignored {
  std::string reason;  // for the log at debug level and for tests; never holds text from the payload
};
// Somebody opened the app's Home tab, or their direct conversation with us.
struct HomeOpened {
  Identity who;
  std::string channel;    // D…: the direct conversation; may be empty
  bool messages = false;  // it is the conversation that was opened
};
// Somebody pressed Slack's stop button while we worked on a question.
struct SessionStopped {
  std::string channel;
  std::string thread;
  std::set<std::string> streams;  // ts of the messages of ours that Slack has ended
};
using Meaning = std::variant<chat::Interaction, HomeOpened, SessionStopped, Ignored>;

// `type` and `payload` as in an Envelope. The key of an interaction is the same for every redelivery and every second copy:
// messages go by channel and timestamp, because Slack sends a mention as app_mention and message, and repeats one with a new
// event id (node-slack-sdk#2141); buttons by message or view, user and action timestamp; reactions by message, user, emoji
// and event timestamp; slash commands by trigger id.
Meaning interpret(std::string_view type, const Json& payload, const Self& self);

// Who pressed or sent it, in the payloads of interactions.
Identity who_acted(const Json& payload);

// A typed message as a command: links and channels as their visible text, entities undone, typographic quotes and dashes as
// typed ones, spaces trimmed. User mentions stay as <@U123>.
std::string plain_command(std::string_view text);

}  // namespace vedette::slack
