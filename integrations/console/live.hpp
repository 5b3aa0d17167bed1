#pragma once
// The open pages, and what they are told. Each connection has a bounded queue and one writer; a page that cannot keep up is
// told to read again ("resync") instead of being fed from an ever longer queue. Every 20 seconds of silence a heartbeat goes
// out, so that a page notices a dead line, and the session is looked at again: when it is over the connection is closed with
// 4401.
//
// Used on the io thread. stop() before the executor goes.

#include <memory>
#include <set>
#include <string>

#include "bot/base/async.hpp"
#include "bot/domain/person.hpp"
#include "bot/net/websocket.hpp"
#include "bot/store/outbox_store.hpp"
#include "integrations/console/sign_in.hpp"

namespace vedette::console {

inline constexpr size_t kLiveConnections = 512;
inline constexpr size_t kLiveQueue = 256;
inline constexpr uint16_t kSessionOver = 4401;  // private close code, RFC 6455 section 7.4.2

class LiveHub {
 public:
  LiveHub(Executor io, SignInDesk& desk, const Directory& directory,
          std::chrono::milliseconds heartbeat = std::chrono::seconds(20));
  ~LiveHub();

  // To everyone who may see the row. `edit`: it was seen before.
  void publish(const OutboxRow& row, bool edit);
  // Serves one connection until it ends.
  Job serve(SignedIn who, std::unique_ptr<net::WebSocket> socket);
  // Ends the connections of a session that was signed out.
  void end_session(const std::string& session);
  bool full() const { return clients_.size() >= kLiveConnections; }
  size_t connections() const { return clients_.size(); }
  boost::asio::awaitable<void> stop(Deadline deadline);

 private:
  struct Client;
  Job write(std::shared_ptr<Client> client);
  boost::asio::awaitable<bool> send_queued(std::shared_ptr<Client> client);
  boost::asio::awaitable<void> heartbeat(std::shared_ptr<Client> client);
  static void push(Client& client, std::shared_ptr<const std::string> text);
  static void end(Client& client, uint16_t code);

  SignInDesk& desk_;
  const Directory& directory_;
  std::chrono::milliseconds heartbeat_;
  Executor io_;
  TaskGroup writers_;
  std::set<std::shared_ptr<Client>> clients_;
};

}  // namespace vedette::console
