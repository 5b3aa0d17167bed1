#pragma once
// Vedette put together: makes every part from the configuration, starts them in order and stops them in the opposite one.
// Used on the io thread of the executor it is given.

#include <memory>
#include <string>

#include "bot/app/config.hpp"

namespace vedette::app {

class App {
 public:
  App(Executor io, Config config, const Clock& clock = system_clock());
  ~App();
  App(const App&) = delete;
  App& operator=(const App&) = delete;

  // Opens the store, binds the port, starts the workers. An Error means nothing is left running.
  Status start();
  // Stops accepting, lets running work end, closes the store; within the deadline. False when something did not end: its
  // coroutines still stand, so this App must not be destroyed; everything accepted is on disk all the same.
  boost::asio::awaitable<bool> stop(Deadline deadline);

  uint16_t port() const;
  Store& store();
  net::HttpClient& http();
  // What the console and the API are reached by on this machine: "http://127.0.0.1:8080".
  std::string local_url() const;

 private:
  struct Parts;
  Executor io_;
  Config config_;
  const Clock& clock_;
  std::unique_ptr<Parts> parts_;
};

}  // namespace vedette::app
