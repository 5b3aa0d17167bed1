#pragma once
// A Microsoft Teams on loopback: the Connector's REST interface, as strict as the real one about tokens, ids, sizes, cards
// and rights, and the people, who do things and are told what the bot answered. It keeps every message, so that tests can
// say what stands where. Faults on request. io thread only. start() … stop(); stop before destruction.
//
// People reach the bot through an ActivityCarrier, whichever the way in; the Authorization header comes from a signer.
// Left out: everything Vedette does not call. Facts: learn.microsoft.com/azure/bot-service/rest-api/
// bot-framework-rest-connector-api-reference,
// learn.microsoft.com/microsoftteams/platform/bots/build-conversational-capability (errors), …/bots/how-to/rate-limit,
// …/agents-in-teams/targeted-messages, …/bots/streaming-ux; shapes of activities: recorded ones (microsoft/teams.net,
// microsoft/botbuilder-js).

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "bot/base/async.hpp"
#include "bot/net/http_server.hpp"
#include "tests/fakes/activity_carrier.hpp"

namespace vedette::test {

struct FakeTeamsOptions {
  uint16_t port = 0;
  std::string app_id = "11111111-aaaa-4bbb-8ccc-000000000001";  // as FakeMicrosoft's
  std::string tenant = "22222222-dddd-4eee-8fff-000000000002";
  std::string bot_name = "Vedette";
  // Whether a bearer token is good; empty: any is, but none is not.
  std::function<bool(const std::string& token)> token_is_good;
  std::chrono::seconds stream_life{120};
};

struct FakePerson {
  std::string name;     // by which tests call them: "ann"
  std::string address;  // "29:…"
  std::string object;   // aadObjectId
  std::string tenant;
  std::string role = "user";  // or "guest", "anonymous"
  bool installed = true;      // the app in their personal scope
};

struct FakeRoom {
  std::string id;
  std::string kind;  // channel, groupChat, personal
  std::string team;  // id
  std::string name;
  std::set<std::string> people;  // names
  bool bot_in = true;
  bool writes_blocked = false;
};

struct TeamsMessage {
  std::string id;         // "1759944781430"
  std::string legacy_id;  // "1:…": of a root that the bot began, in the answer to that
  std::string room;
  std::string root;         // channel: id of the thread's first message, its own included; else empty
  std::string from;         // a person's address or the bot's
  nlohmann::json activity;  // as it is now
  std::vector<nlohmann::json> earlier;
  std::string only_for;  // address
  int edits = 0;
  bool deleted = false;
  bool streaming = false;                                  // begun and not ended
  std::map<std::string, std::set<std::string>> reactions;  // by type, of whom
  std::map<std::string, nlohmann::json> shown_to;          // by person's name: the card an invoke brought them
};

struct TeamsRequest {
  std::string method;
  std::string path;     // below the service address, percent-encoded, with the query
  nlohmann::json body;  // null: none, or no JSON
  std::string raw;
  int status = 0;
  SteadyTime at;
};

// What happens to the next `times` calls of a kind: post (send and reply), create, edit, delete, member, members or *.
struct TeamsFault {
  std::string call = "*";
  // 401 | 403 | 412 | 429 | 500 | 502 | 503 | 504 | hang | slow | store_then_hang | store_then_500 | html |
  // error:STATUS:CODE; 403 is MessageWritesBlocked as recorded
  std::string kind;
  int times = 1;
  int retry_after = 0;                   // seconds, for 429; 0: not told
  std::chrono::milliseconds hold{5000};  // how long hang, slow and store_then_hang keep the caller waiting
};

// What a person did and what came of it.
struct TeamsAnswer {
  nlohmann::json activity;  // as it was carried; null: nothing was
  std::string message;      // id of the message it made, if any
  int status = 0;           // 0: nobody took it
  std::string body;
  nlohmann::json json() const { return nlohmann::json::parse(body, nullptr, false); }
  // Of a dialog that opened: its card.
  nlohmann::json dialog_card() const;
};

class FakeTeams {
 public:
  using Signer = std::function<std::string(const std::string& service_url)>;
  using Done = boost::asio::awaitable<TeamsAnswer>;

  FakeTeams(Executor executor, FakeTeamsOptions options);
  ~FakeTeams();
  FakeTeams(const FakeTeams&) = delete;
  FakeTeams& operator=(const FakeTeams&) = delete;

  Status start();
  boost::asio::awaitable<void> stop();
  uint16_t port() const;
  std::string base_url() const;     // what the config names: "http://127.0.0.1:PORT/teams/"
  std::string service_url() const;  // what activities name: the same with the tenant behind it
  std::string bot() const { return "28:" + options_.app_id; }
  const FakeTeamsOptions& options() const { return options_; }

  // --- Who and what there is
  FakePerson& add_person(const std::string& name, const std::string& role = "user");
  FakePerson& person(const std::string& name) { return people_.at(name); }
  // With a General channel of the same id, which is the answer.
  std::string add_team(const std::string& name, std::set<std::string> people);
  std::string add_channel(const std::string& team, const std::string& name);
  std::string add_group(std::set<std::string> people);
  std::string direct_with(const std::string& name);  // the chat of the two; made when there is none
  FakeRoom& room(const std::string& id) { return rooms_.at(id); }
  void disable_app(bool disabled = true) { disabled_ = disabled; }  // by an administrator

  // --- What was said and asked
  const std::deque<TeamsMessage>& messages() const { return messages_; }
  TeamsMessage* find(const std::string& room, const std::string& id);  // nullptr: none; also by legacy id
  std::vector<TeamsMessage> in_room(const std::string& room) const;    // not deleted, those of the bot alone
  // Those of the bot whose card or channelData holds this delivery key anywhere, deleted ones left out.
  std::vector<TeamsMessage> by_key(const std::string& key) const;
  const std::deque<TeamsRequest>& requests() const { return requests_; }
  // The same as JSON: [{"method","path","body","status"}]. Also in GET /test/world.
  nlohmann::json record() const;
  int calls(const std::string& call) const;  // of a kind, faults counted too
  // Answers of the bot to invokes that Teams would not take, and why.
  const std::vector<std::string>& problems() const { return problems_; }

  // --- Faults and limits
  void add_fault(TeamsFault fault) { faults_.push_back(std::move(fault)); }
  void clear_faults() { faults_.clear(); }
  size_t pending_faults() const;
  void keep_limits(bool keep = true) { limits_ = keep; }  // Microsoft's, per conversation and tenant
  void allow_streaming(bool allow) { streaming_ = allow; }

  // --- What people do
  void connect(ActivityCarrier carrier, Signer signer);
  // In a channel: below `root`, or as a new thread. Without a mention, Teams does not tell a bot what is said in channels
  // and groups: nothing is carried. `text` is what is typed behind the mention.
  Done say(std::string who, std::string room, std::string text, std::string root = {}, bool mention = true);
  // Presses the button with this command, or title, under a message, with these values in the card's inputs. Of an
  // Action.Execute, an old client takes the fallback.
  Done press(std::string who, std::string room, std::string message, std::string button, nlohmann::json inputs = {},
             bool old_client = false);
  // Looks at a message whose card refreshes by itself for this person.
  Done look_at(std::string who, std::string room, std::string message);
  enum class FeedbackShape { plain, json_text, object };
  // A thumb under a message with a feedback loop: "like" or "dislike".
  Done thumb(std::string who, std::string room, std::string message, std::string reaction, std::string words = {},
             FeedbackShape shape = FeedbackShape::json_text, bool tell_message = true);
  Done ask_feedback_form(std::string who, std::string room, std::string message, std::string reaction);
  Done react(std::string who, std::string room, std::string message, std::string type = "like", bool added = true);
  // Presses the button with this title (empty: the first) in a dialog that an answer has opened.
  Done submit_dialog(std::string who, std::string room, TeamsAnswer opened, nlohmann::json inputs, std::string title = {});
  // Adds the app to a room or takes it out: what Teams tells of it, in its order; the last answer.
  Done install(std::string who, std::string room, bool added = true);
  Done join(std::string who, std::string room, bool added = true);  // a person comes or goes
  Done invoke(std::string who, std::string room, std::string name, nlohmann::json value);
  Done again(TeamsAnswer before);       // the same activity once more, as Teams does after 15 s
  Done carry(nlohmann::json activity);  // any activity
  // The skeleton of an activity by this person in this room, for carry().
  nlohmann::json activity_of(const std::string& who, const std::string& room, const std::string& type,
                             const std::string& root = {});

 private:
  struct Asked;   // a request to the Connector, taken apart
  struct Answer;  // status, body, headers
  using Work = std::function<Answer(Asked&)>;

  void add_routes();
  boost::asio::awaitable<net::HttpResponse> tell_world() const;
  void add(const std::string& method, const std::string& pattern, const std::string& call, Work work);
  boost::asio::awaitable<net::HttpResponse> serve(std::string call, net::HttpRequest request, Work work);
  std::optional<TeamsFault> next_fault(const std::string& call);
  std::optional<Answer> before(const std::string& call, Asked& asked);
  static Answer fail(int status, const std::string& code, const std::string& message);
  static Answer answer_of(const TeamsFault& fault);
  std::optional<int> over_limit(const std::string& call, const std::string& room);
  std::optional<Answer> closed(const FakeRoom* room) const;
  Answer send(Asked& asked);
  Answer create(Asked& asked);
  Answer create_direct(Asked& asked);
  Answer update(Asked& asked);
  Answer remove(Asked& asked);
  Answer get_member(Asked& asked);
  Answer get_members(Asked& asked);
  Answer get_page(Asked& asked);
  Answer store(FakeRoom& room, const std::string& root, Asked& asked);
  std::optional<Answer> stream(FakeRoom& room, const nlohmann::json& activity);
  std::optional<Answer> no_target(const FakeRoom& room, const nlohmann::json& activity) const;
  std::string put(FakeRoom& room, std::string root, std::string from, nlohmann::json activity);
  nlohmann::json member_json(const FakePerson& person) const;
  FakePerson* by_id(const std::string& id);
  std::string new_id();
  std::string new_guid();
  FakeRoom& make_room(FakeRoom room);
  Done press_action(std::string who, TeamsMessage* message, nlohmann::json action, nlohmann::json data, bool old_client);
  std::pair<std::string, std::string> place_of(const std::string& conversation) const;

  FakeTeamsOptions options_;
  std::unique_ptr<net::HttpServer> server_;
  ActivityCarrier carrier_;
  Signer signer_;
  std::map<std::string, FakePerson> people_;
  std::map<std::string, FakeRoom> rooms_;
  std::deque<TeamsMessage> messages_;
  std::deque<TeamsRequest> requests_;
  std::map<std::string, int> calls_;
  std::vector<TeamsFault> faults_;
  std::vector<std::string> problems_;
  struct Stream {
    std::string message;
    int sequence = 0;
    bool informative = true;  // nothing of the text has come
    SteadyTime begun;
  };
  std::map<std::string, Stream> streams_;
  std::map<std::string, std::deque<SteadyTime>> taken_;
  bool limits_ = false;
  bool disabled_ = false;
  bool streaming_ = true;
  bool stopping_ = false;
  int64_t last_id_ = 0;
  uint64_t numbers_ = 0;
};

}  // namespace vedette::test
