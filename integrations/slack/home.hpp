#pragma once
// The app's Home tab (docs.slack.dev/surfaces/app-home): published when somebody opens it, and again, for those who looked
// at it a short while ago, when something changed. At most once in `home_pace` for each person. It holds nothing that is
// not in the store: a publish that fails is logged, and the next time the tab is opened makes up for it.
//
// Lives as long as the app; io thread only.

#include <functional>
#include <map>
#include <memory>
#include <string>

#include "bot/base/async.hpp"
#include "bot/chat/home.hpp"
#include "integrations/slack/events_wire.hpp"
#include "integrations/slack/web_api.hpp"

namespace vedette::slack {

class HomeTab {
 public:
  // Without pages nothing is ever published.
  HomeTab(Executor executor, WebApi& api, chat::HomePages* pages, const Clock& clock, SlackOptions options);

  void start();
  boost::asio::awaitable<void> stop(Deadline deadline);

  void opened(const HomeOpened& by);
  // They pressed something there, so they see what becomes of it there.
  void pressed(const chat::Interaction& button);
  // To be called when something changed that the page may show; may be called as often as one likes, and after our end.
  std::function<void()> change_listener() const;

  // How many people it is kept up to date for.
  size_t viewers() const { return viewers_.size(); }

 private:
  struct Viewer {
    Identity who;
    std::string channel;  // their direct conversation with us
    SteadyTime seen{};
    std::optional<SteadyTime> published;
    std::string view;  // as published; empty: not by us, or not surely
    bool due = false;
    bool working = false;
  };
  using ViewerPtr = std::shared_ptr<Viewer>;

  void look(const Identity& who, const std::string& channel);
  void make_room();
  void want(ViewerPtr viewer);
  std::chrono::milliseconds wait_for(const Viewer& viewer) const;
  Job watch();
  Job keep_up(ViewerPtr viewer);
  Async<void> publish(ViewerPtr viewer);

  WebApi& api_;
  chat::HomePages* pages_;
  const Clock& clock_;
  SlackOptions options_;
  std::shared_ptr<Signal> changed_;
  std::map<std::string, ViewerPtr> viewers_;  // by user
  TaskGroup jobs_;
};

}  // namespace vedette::slack
