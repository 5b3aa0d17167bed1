#include "integrations/console/live.hpp"

#include <deque>

#include "bot/base/json.hpp"
#include "integrations/console/message_json.hpp"

namespace vedette::console {

struct LiveHub::Client {
  Client(Executor io, SignedIn signed_in, std::unique_ptr<net::WebSocket> live)
      : who(std::move(signed_in)), socket(std::move(live)), wake(std::move(io)) {}
  SignedIn who;
  std::unique_ptr<net::WebSocket> socket;
  Signal wake;
  std::deque<std::shared_ptr<const std::string>> queue;
  bool ending = false;
  uint16_t close_code = 1000;
};

namespace {
std::shared_ptr<const std::string> only_type(std::string_view type) {
  JsonWriter w;
  w.begin_object().field("type", type).end_object();
  return std::make_shared<const std::string>(w.take());
}
}  // namespace

LiveHub::LiveHub(Executor io, SignInDesk& desk, const Directory& directory, std::chrono::milliseconds heartbeat)
    : desk_(desk), directory_(directory), heartbeat_(heartbeat), io_(io), writers_(io, "console live") {}
LiveHub::~LiveHub() = default;

void LiveHub::push(Client& client, std::shared_ptr<const std::string> text) {
  if (client.ending) return;
  if (client.queue.size() >= kLiveQueue) {
    client.queue.clear();
    text = only_type("resync");
  }
  client.queue.push_back(std::move(text));
  client.wake.notify();
}

void LiveHub::end(Client& client, uint16_t code) {
  if (client.ending) return;
  client.ending = true;
  client.close_code = code;
  client.wake.notify();
}

void LiveHub::publish(const OutboxRow& row, bool edit) {
  std::shared_ptr<const std::string> text;  // written once, and only if somebody is there
  for (const auto& client : clients_) {
    if (!row.message.only_for.empty() && row.message.only_for != client->who.person->id) continue;
    if (!text) {
      JsonWriter w;
      w.begin_object().field("type", edit ? "edit" : "message").key("message");
      write_message(w, row, directory_);
      w.end_object();
      text = std::make_shared<const std::string>(w.take());
    }
    push(*client, text);
  }
}

void LiveHub::end_session(const std::string& session) {
  for (const auto& client : clients_) {
    if (client->who.session == session) end(*client, kSessionOver);
  }
}

Job LiveHub::serve(SignedIn who, std::unique_ptr<net::WebSocket> socket) {
  if (full() || writers_.stopping()) {
    co_await socket->close(1013, Deadline::after(std::chrono::seconds(2)));  // "try again later"
    co_return;
  }
  const auto client = std::make_shared<Client>(io_, std::move(who), std::move(socket));
  clients_.insert(client);
  push(*client, only_type("hello"));
  writers_.spawn("writer", write(client));
  // Pages say nothing of interest; reading notices when they go.
  while (!client->ending) {
    const auto message = co_await client->socket->read();
    if (!message) break;
  }
  end(*client, 1000);
  clients_.erase(client);
}

Job LiveHub::write(std::shared_ptr<Client> client) {
  while (!client->ending) {
    if (!co_await send_queued(client)) break;
    if (client->ending) break;
    const bool woken = co_await client->wake.wait(heartbeat_);
    if (woken || client->ending) continue;
    if (writers_.stopping()) break;
    co_await heartbeat(client);
  }
  const uint16_t code = writers_.stopping() ? 1001 : client->close_code;
  end(*client, code);
  co_await client->socket->close(code, Deadline::after(std::chrono::seconds(2)));
}

boost::asio::awaitable<bool> LiveHub::send_queued(std::shared_ptr<Client> client) {
  while (!client->queue.empty() && !client->ending) {
    const auto next = client->queue.front();
    client->queue.pop_front();
    const auto sent = co_await client->socket->write(*next);
    if (!sent) co_return false;
  }
  co_return true;
}

boost::asio::awaitable<void> LiveHub::heartbeat(std::shared_ptr<Client> client) {
  const auto over = co_await desk_.session_over(client->who.session);
  if (over) {
    end(*client, kSessionOver);
  } else {
    push(*client, only_type("heartbeat"));
  }
}

boost::asio::awaitable<void> LiveHub::stop(Deadline deadline) {
  for (const auto& client : clients_) end(*client, 1001);
  co_await writers_.stop(deadline);
}

}  // namespace vedette::console
