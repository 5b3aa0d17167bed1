#pragma once
// A Slack that runs on loopback: the Web API methods and the Socket Mode side that Vedette uses, as strict as the real one
// about tokens, limits and errors, with faults on request. A library for tests and a program (fake_slack_main.cpp) for
// whole-bot runs.
//
// It keeps every message, so that tests can say what was posted, and can keep them in a journal: a bot may then be killed
// and started again, or this program, without Slack forgetting. io thread only. start() … stop(); stop before destruction.
//
// Left out: everything Vedette does not call. Slack's facts: docs.slack.dev/reference/methods and
// docs.slack.dev/apis/events-api/using-socket-mode.

#include <cstdio>
#include <deque>
#include <map>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "bot/base/async.hpp"
#include "bot/net/http_client.hpp"
#include "bot/net/http_server.hpp"

namespace vedette::test {

struct FakeSlackOptions {
  uint16_t port = 0;
  std::string app_token = "xapp-fake-app-token";
  std::string bot_token = "xoxb-fake-bot-token";
  std::string journal;                          // file of messages, appended to and read at start; empty: memory only
  std::chrono::milliseconds channel_pace{0};    // posts closer together than this into one channel are answered 429
  std::chrono::milliseconds retry_after{3000};  // an event not acknowledged for so long is delivered again, three times
  std::chrono::milliseconds share_delay{0};     // a shared file is in its thread so much later than the answer
  bool newer_blocks = true;                     // plan, data_table and container are taken
  std::chrono::seconds lifetime{18060};         // approximate_connection_time in hello
  uint32_t seed = 1;                            // of the choice of a socket for each envelope
};

struct FakeMessage {
  std::string channel;
  std::string ts;
  std::string thread_ts;
  std::string user;    // who said it
  std::string bot_id;  // set for the bot's own
  std::string text;
  std::string only_for;     // ephemeral
  nlohmann::json blocks;    // null: none
  nlohmann::json metadata;  // null: none
  nlohmann::json files;     // null: none
  int edits = 0;
  bool streaming = false;  // begun and not ended
};

// What stands once in Slack: the delivery key of a message, the name of a file.
inline std::string name_of(const FakeMessage& message) {
  return message.files.is_array() ? message.files[0].value("name", "") : message.metadata.dump();
}

struct FakeFile {
  std::string id;
  std::string name;
  std::string title;
  std::string content;
  size_t length = 0;  // as announced
  bool uploaded = false;
  bool shared = false;
  bool token_seen = false;  // with the bytes, where none belongs
};

// What happens to the next `times` calls of a method ("*": any; "response_url": what is posted to one).
struct FakeFault {
  std::string method;
  std::string kind;  // 429 | 500 | hang | slow | store_then_hang | store_then_500 | html | error:NAME
  int times = 1;
  int retry_after = 1;                   // seconds, for 429
  std::chrono::milliseconds hold{5000};  // how long hang, slow and store_then_hang keep the caller waiting
};

// The Home tab of one person, as last published.
struct FakeHome {
  nlohmann::json view;
  std::string id;
  int published = 0;
};

// One envelope with all its deliveries.
struct FakeEnvelope {
  std::string id;  // of the latest delivery
  std::string type;
  nlohmann::json payload;
  int deliveries = 0;
  bool lost = false;                // there was no socket to give it to
  std::optional<SteadyTime> sent;   // the first time
  std::optional<SteadyTime> given;  // the latest time
  std::optional<SteadyTime> acked;
  std::string ack;      // the frame
  int swallowed = 0;    // deliveries that a ghost took
  uint64_t socket = 0;  // it was last given to
  struct Handing {
    uint64_t socket = 0;
    SteadyTime at;
  };
  std::vector<Handing> handed;  // every time it was given to a socket
};

class FakeSlack {
 public:
  FakeSlack(Executor executor, FakeSlackOptions options);
  ~FakeSlack();
  FakeSlack(const FakeSlack&) = delete;
  FakeSlack& operator=(const FakeSlack&) = delete;

  Status start();
  boost::asio::awaitable<void> stop();
  uint16_t port() const;
  std::string api_url() const;

  // --- What was said
  // -------------------------------------------------------------------------------------------------------
  const std::deque<FakeMessage>& messages() const { return messages_; }
  std::vector<FakeMessage> by_key(const std::string& delivery_key) const;
  const std::map<std::string, FakeFile>& files() const { return files_; }  // by id
  void disown_files(const std::string& user);                              // as if this person had shared all files
  void refuse_newer_blocks(bool refuse = true) { options_.newer_blocks = !refuse; }
  int calls(const std::string& method) const;
  int unanswered(const std::string& method) const;  // calls that were taken and not answered yet
  // As if a person had said it, without telling the bot.
  std::string say(const std::string& user, const std::string& channel, const std::string& text,
                  const std::string& thread_ts = "");
  void set_user(const std::string& id, nlohmann::json fields);  // merged into a plain member's record
  void forget_user(const std::string& id) { missing_users_.insert(id); }
  std::string direct_with(const std::string& user);  // the channel of the two; made when there is none
  void forget_channel(const std::string& id) { missing_channels_.insert(id); }
  void leave_channel(const std::string& id) { left_channels_.insert(id); }  // the bot sees it but is no member
  void archive_channel(const std::string& id) { archived_channels_.insert(id); }
  void set_scopes(std::string scopes) { scopes_ = std::move(scopes); }  // of the bot token, for x-oauth-scopes
  void set_group(const std::string& id, std::vector<std::string> users) { groups_[id] = std::move(users); }
  void forget_group(const std::string& id) { groups_.erase(id); }
  void set_plan_has_groups(bool has) { plan_has_groups_ = has; }          // free workspaces have no user groups
  bool erase_message(const std::string& channel, const std::string& ts);  // as a person deletes it

  // --- What people do: each answers a handle for the questions below
  // --------------------------------------------------------
  size_t slash(const std::string& user, const std::string& channel, const std::string& text);
  size_t mention(const std::string& user, const std::string& channel, const std::string& text,
                 const std::string& thread_ts = "");
  size_t direct(const std::string& user, const std::string& channel, const std::string& text);
  // Presses the button with this value (or label) under a message; nothing when there is none.
  std::optional<size_t> click(const std::string& user, const std::string& channel, const std::string& ts,
                              const std::string& value);
  // Puts an emoji ("+1::skin-tone-2") on a message, or takes it off.
  size_t react(const std::string& user, const std::string& channel, const std::string& ts, const std::string& emoji,
               bool added = true);
  size_t open_home(const std::string& user, const std::string& tab = "home");
  // Presses the button with this value (or label) in the person's Home tab; nothing when there is none.
  std::optional<size_t> click_home(const std::string& user, const std::string& value);
  const FakeHome* home(const std::string& user) const;
  // A message's shortcut, or with an empty ts the global one.
  size_t shortcut(const std::string& user, const std::string& callback, const std::string& channel = "",
                  const std::string& ts = "");
  // The modals that stand open, by id, in the order they were opened; each is what the bot sent.
  const std::map<std::string, nlohmann::json>& views() const { return views_; }
  // Sends an open modal with these values by block id (of a select: the option's value; empty: left as it was). Nothing when
  // there is no such view or field. Acknowledged without errors, the view is closed.
  std::optional<size_t> submit_view(const std::string& user, const std::string& view,
                                    const std::map<std::string, std::string>& values);
  std::optional<size_t> close_view(const std::string& user, const std::string& view);
  // The statuses that an agent's session in this thread was given, in order.
  std::vector<std::string> session(const std::string& channel, const std::string& thread) const;
  // Slack's stop button: ends what is being streamed into the thread and tells the bot.
  size_t press_stop(const std::string& user, const std::string& channel, const std::string& thread);
  void end_streams();   // as Slack ends by itself, after some minutes, what is being streamed; tells nobody
  void age_triggers();  // three seconds pass for every trigger id
  size_t send(const std::string& type, nlohmann::json payload);
  void send_again(size_t handle);  // the same envelope once more, with the same id
  const FakeEnvelope& envelope(size_t handle) const { return envelopes_.at(handle); }
  boost::asio::awaitable<bool> wait_acked(size_t handle, std::chrono::milliseconds at_most);
  size_t envelopes() const { return envelopes_.size(); }
  size_t lost() const;

  // --- The Events API over HTTP
  // ---------------------------------------------------------------------------------------------
  // From now on envelopes go as signed requests to the app's addresses below this URL; empty: over the sockets again.
  void deliver_over_http(std::string app_url, std::string signing_secret);
  // What came back from the app, in order: "events 200", "interactions 503", "commands no answer".
  const std::vector<std::string>& http_answers() const { return http_answers_; }

  // --- Sockets
  // --------------------------------------------------------------------------------------------------------------
  size_t sockets() const;  // that said hello and still live
  std::vector<uint64_t> socket_ids() const;
  uint64_t opened() const { return opened_; }
  boost::asio::awaitable<bool> wait_sockets(size_t count, std::chrono::milliseconds at_most);
  // The time during which no socket was there since the first one was, and how often that began.
  std::chrono::milliseconds time_without_socket() const;
  int times_without_socket() const { return bare_times_; }
  void disconnect(uint64_t socket, const std::string& reason, std::chrono::milliseconds close_after);
  void kill(uint64_t socket);       // the connection goes without a word
  void half_open(uint64_t socket);  // stays, but after its next frame reads and answers nothing any more, pings neither
  void deafen(int times) { deafen_ = times; }                   // the next sockets say hello and are half-open from then on
  void prefer_socket(uint64_t socket) { preferred_ = socket; }  // all envelopes to this one while it lives; 0: any
  void raw_frame(uint64_t socket, std::string text);
  // Dead connections that hello still counts. Where they swallow, each is as good as a living one for Slack, and what is
  // given to one is gone (python-slack-sdk#1940).
  void set_ghosts(int count, bool swallow = false) { ghosts_ = count, ghosts_swallow_ = swallow; }
  void set_lifetime(std::chrono::seconds lifetime) { options_.lifetime = lifetime; }
  void refuse_upgrades(int times, int status) { refuse_upgrades_ = times, refuse_status_ = status; }
  void withhold_hello(int times) { withhold_hello_ = times; }
  void greet_with(const std::string& reason, int times) { greeting_ = reason, greetings_ = times; }  // disconnect, not hello

  // Every event once more, `copies` times, each with an event id of its own and no sign of being a repetition
  // (node-slack-sdk#2141); a mention also as the plain message that `message.channels` brings.
  void repeat_events(int copies) { copies_ = copies; }
  // No more than `calls` of a method in `window`; those beyond are answered 429 and what they wanted is not done.
  void limit_method(const std::string& method, int calls, std::chrono::milliseconds window) {
    rates_[method] = {calls, window, {}};
  }
  // Calls of a method that came before the end of a Retry-After.
  int impatient() const { return impatient_; }
  void add_fault(FakeFault fault) { faults_.push_back(std::move(fault)); }
  void clear_faults() { faults_.clear(); }
  size_t pending_faults() const;  // ordered and not met yet, those of upgrades and greetings included
  void refuse_block(std::string type) { refused_block_ = std::move(type); }  // a workspace that has this kind not yet

 private:
  struct Socket;
  using SocketPtr = std::shared_ptr<Socket>;
  using Form = std::map<std::string, std::string>;
  struct Answer {
    int status = 200;
    nlohmann::json body;
    int retry_after = 0;
  };

  void add_routes();
  boost::asio::awaitable<net::HttpResponse> on_call(net::HttpRequest request);
  boost::asio::awaitable<net::HttpResponse> on_response(net::HttpRequest request);
  std::string response_url(const std::string& user, const std::string& channel);
  boost::asio::awaitable<net::HttpResponse> on_control(net::HttpRequest request);
  nlohmann::json control(const std::string& what, const nlohmann::json& body);
  void control_socket(const nlohmann::json& body);
  std::optional<FakeFault> next_fault(const std::string& method);
  Answer dispatch(const std::string& method, const std::string& token, const Form& form);
  net::HttpResponse too_many(const std::string& method, int retry_after);
  std::optional<int> over_limit(const std::string& method);
  bool taken_by_ghost();
  Answer connections_open();
  Answer post_message(const Form& form);
  Answer update_message(const Form& form);
  Answer post_ephemeral(const Form& form);
  Answer history(const Form& form, bool replies);
  Answer users_info(const Form& form);
  Answer group_users(const Form& form) const;
  Answer conversations_info(const Form& form) const;
  Answer open_direct(const Form& form);
  Answer delete_message(const Form& form);
  Answer start_stream(const Form& form);
  Answer append_stream(const Form& form);
  Answer stop_stream(const Form& form);
  std::optional<std::string> stream_chunks(const Form& form, FakeMessage& message);
  Answer set_session_status(const Form& form);
  Answer set_prompts(const Form& form);
  std::optional<std::string> closed_to_us(const std::string& channel) const;
  std::optional<Answer> no_files() const;
  Answer upload_url(const Form& form);
  boost::asio::awaitable<net::HttpResponse> on_upload(net::HttpRequest request);
  Answer complete_upload(const Form& form);
  Job show_file(FakeMessage message);
  Answer publish_view(const Form& form);
  Answer open_view(const Form& form);
  nlohmann::json view_payload(const std::string& kind, const std::string& user, const std::string& view) const;
  std::string new_trigger();
  static Answer fail(const std::string& error);
  static nlohmann::json as_posted(const FakeMessage& message);
  std::optional<std::string> read_content(const Form& form, FakeMessage& message, nlohmann::json* details) const;
  FakeMessage* find_message(const std::string& channel, const std::string& ts);
  bool known_channel(const std::string& channel) const;
  std::string next_ts();
  void store(FakeMessage message);
  void write_journal(const FakeMessage& message);
  void read_journal();

  boost::asio::awaitable<net::HttpResponse> check_upgrade(net::HttpRequest request);
  Job on_socket(net::HttpRequest request, std::unique_ptr<net::WebSocket> socket);
  Job read_socket(SocketPtr socket);
  Job write_socket(SocketPtr socket, std::string text);
  Job disconnect_later(SocketPtr socket, std::string reason, std::chrono::milliseconds close_after);
  Job redeliver(size_t handle);
  Job call_app(size_t handle, int retry);
  void on_ack(Socket& socket, const std::string& text);
  void show_answer(const FakeEnvelope& envelope, const nlohmann::json& payload);
  void deliver(size_t handle, bool new_id);
  SocketPtr choose_socket();
  SocketPtr find_socket(uint64_t id) const;
  void count_sockets();
  size_t send_event(nlohmann::json event);

  FakeSlackOptions options_;
  std::unique_ptr<net::HttpServer> server_;
  TaskGroup jobs_;
  std::deque<FakeMessage> messages_;
  std::map<std::string, int> calls_;
  std::map<std::string, int> unanswered_;
  std::map<std::string, nlohmann::json> users_;
  std::set<std::string> missing_users_;
  std::map<std::string, std::string> directs_;  // by user, the channel
  std::set<std::string> missing_channels_;
  std::set<std::string> left_channels_;
  std::set<std::string> archived_channels_;
  std::string scopes_;
  std::map<std::string, std::vector<std::string>> groups_;
  bool plan_has_groups_ = true;
  std::map<std::string, SteadyTime> last_post_;
  std::deque<FakeEnvelope> envelopes_;
  std::map<std::string, size_t> envelope_of_;  // every id ever delivered
  std::vector<FakeFault> faults_;
  std::string refused_block_;
  struct Rate {
    int calls = 0;
    std::chrono::milliseconds window{0};
    std::deque<SteadyTime> taken;
  };
  std::map<std::string, Rate> rates_;
  struct Held {
    SteadyTime told, until;
  };
  std::map<std::string, Held> held_;  // by method, after a 429
  int impatient_ = 0;
  int copies_ = 0;
  bool ghosts_swallow_ = false;
  std::set<std::string> tickets_;
  std::unique_ptr<net::HttpClient> client_;  // to the app
  std::string app_url_;
  std::string signing_secret_;
  std::vector<std::string> http_answers_;
  struct Response {  // what a response_url stands for
    std::string user;
    std::string channel;
    int uses = 0;
  };
  std::map<std::string, Response> responses_;
  std::map<std::string, std::vector<std::string>> sessions_;  // by channel/thread, the statuses
  std::map<std::string, FakeFile> files_;
  std::map<std::string, FakeHome> homes_;  // by user
  struct Trigger {
    SteadyTime made;
    bool used = false;
  };
  std::map<std::string, Trigger> triggers_;
  std::map<std::string, nlohmann::json> views_;
  std::vector<SocketPtr> sockets_;
  uint64_t opened_ = 0;
  uint64_t next_id_ = 1;
  uint64_t preferred_ = 0;
  int ghosts_ = 0;
  int bare_times_ = 0;
  int refuse_upgrades_ = 0;
  int refuse_status_ = 503;
  int withhold_hello_ = 0;
  int deafen_ = 0;
  int greetings_ = 0;
  std::string greeting_;
  std::optional<SteadyTime> bare_since_;
  std::chrono::milliseconds bare_{0};
  int64_t last_micros_ = 0;
  std::minstd_rand random_;
  std::unique_ptr<std::FILE, int (*)(std::FILE*)> journal_{nullptr, &std::fclose};
};

// Ids of the one workspace there is.
inline constexpr const char* kFakeTeam = "T0FAKE";
inline constexpr const char* kFakeBotUser = "U0BOT";
inline constexpr const char* kFakeBotId = "B0BOT";
inline constexpr const char* kFakeApp = "A0FAKE";

}  // namespace vedette::test
