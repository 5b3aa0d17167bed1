#pragma once
// What Teams sends, as types: the Activity
// (learn.microsoft.com/azure/bot-service/rest-api/bot-framework-rest-connector-api-reference#activity-object) and what each
// kind of it means to us. Pure. Unknown fields and kinds are no errors. Nothing in an activity gives a right: who acts is
// `from.aadObjectId` of a tenant that the token check has allowed, never a name.

#include <functional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "bot/base/json.hpp"
#include "bot/base/result.hpp"
#include "bot/chat/conversations.hpp"
#include "bot/chat/interaction.hpp"
#include "integrations/teams/trust.hpp"

namespace vedette::teams {

inline constexpr const char* kPlatform = "teams";
inline constexpr const char* kInvestigate = "investigate";  // id of the message action in the app's manifest

struct Activity {
  std::string type;  // "message", "invoke", "messageReaction", …
  std::string name;  // of an invoke: "adaptiveCard/action"
  std::string id;
  std::string channel_id;  // "msteams"
  std::string service_url;
  std::string tenant;
  std::string conversation;  // without the thread
  std::string thread;        // of a channel: id of the thread's root message; empty: none
  chat::Conversation::Kind kind = chat::Conversation::Kind::channel;
  std::string reply_to;  // id of the message it is about; may be empty
  std::string address;   // of who sent it: "29:…"
  std::string user;      // the same by aadObjectId, lower case; empty for a few system activities
  std::string bot;       // our own id there: "28:…"
  Json json;             // all of it
};

// Errors: invalid_input, too_large (1 MiB).
Result<Activity> read_activity(std::string_view bytes);
ClaimedOrigin origin_of(const Activity& activity);
Identity who_acted(const Activity& activity);

// A conversation of ours and a person in it, as this activity shows them.
chat::Conversation conversation_of(const Activity& activity);
chat::Conversation person_of(const Activity& activity);

struct Ignored {
  std::string reason;  // for the log at debug level and for tests; never holds text from the activity
};
// We were added to a conversation or removed from it.
struct Membership {
  bool added = true;
};
// Pressed on a card, or looked at one that asks for its present state by itself.
struct CardAction {
  chat::Interaction interaction;  // text: the command; empty where only the card is wanted
  std::string slot;               // of the message, as we sent it
  bool refresh = false;           // show the card as it is now, do nothing else
};
// A dialog that is to be opened or whose answer came.
struct DialogFetch {
  chat::Interaction interaction;  // text: the button's command
  Json data;
};
struct DialogSubmit {
  chat::Interaction interaction;  // text empty: the dialog's data say what it becomes
  Json data;
};
// A thumb under a message: interaction.text is "good" or "bad «REASON»".
struct Feedback {
  chat::Interaction interaction;
};
// Teams asks for a form behind a thumb (feedbackLoop "custom").
struct FeedbackForm {
  bool good = false;
};
// "Investigate this" on somebody's message. interaction.text is empty: `text` is what the message says.
struct Shortcut {
  chat::Interaction interaction;
  std::string text;
};
struct UnknownInvoke {};
using Meaning = std::variant<Ignored, chat::Interaction, Membership, CardAction, DialogFetch, DialogSubmit, Feedback,
                             FeedbackForm, Shortcut, UnknownInvoke>;

// `object_of` tells the aadObjectId of a member's address, for mentions of other people; empty: not known.
using ObjectOf = std::function<std::string(const std::string& address)>;

// The key of an interaction is the same for every redelivery: Teams repeats an activity that was answered late, up to four
// times and with new timestamps but the same id (github.com/microsoft/BotFramework-Services/issues/59).
Meaning interpret(const Activity& activity, const ObjectOf& object_of);

// What was typed, as a command: the mention of us taken out by its entity, others as <@OBJECT-ID>, blanks and typographic
// quotes as typed.
std::string typed_command(const Activity& activity, const ObjectOf& object_of);
// Of the three shapes Teams' feedback comes in: a plain text, a JSON text, an object. One line; at most 450 characters.
std::string feedback_text(const Json& feedback);

}  // namespace vedette::teams
