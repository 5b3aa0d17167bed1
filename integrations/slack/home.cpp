#include "integrations/slack/home.hpp"

#include <algorithm>

#include "bot/base/log.hpp"
#include "integrations/slack/render.hpp"

namespace vedette::slack {
namespace {

constexpr size_t kViewers = 200;
constexpr auto kWatch = std::chrono::hours(1);
constexpr std::chrono::milliseconds kLongestWait = std::chrono::seconds(60);  // for Slack's own "not before"

// A view takes 100 blocks and 250 kB; the limit on the text of a message is not one of views.
RenderLimits view_limits(bool plain) {
  RenderLimits limits;
  limits.blocks = 100;
  limits.characters = 40'000;
  limits.plain = plain;
  limits.feedback_buttons = false;
  limits.newer = {};  // Slack shows them in messages; the tab holds nothing they are for
  return limits;
}

}  // namespace

HomeTab::HomeTab(Executor executor, WebApi& api, chat::HomePages* pages, const Clock& clock, SlackOptions options)
    : api_(api),
      pages_(pages),
      clock_(clock),
      options_(std::move(options)),
      changed_(std::make_shared<Signal>(executor)),
      jobs_(executor, "slack home") {}

void HomeTab::start() {
  if (pages_ != nullptr) jobs_.spawn("watch", watch());
}

boost::asio::awaitable<void> HomeTab::stop(Deadline deadline) { co_await jobs_.stop(deadline); }

std::function<void()> HomeTab::change_listener() const {
  return [signal = changed_] { signal->notify(); };
}

void HomeTab::opened(const HomeOpened& by) { look(by.who, by.channel); }

void HomeTab::pressed(const chat::Interaction& button) { look(button.who, button.channel); }

void HomeTab::look(const Identity& who, const std::string& channel) {
  if (pages_ == nullptr || jobs_.stopping()) return;
  auto& viewer = viewers_[who.user];
  if (!viewer) viewer = std::make_shared<Viewer>();
  viewer->who = who;
  if (!channel.empty()) viewer->channel = channel;
  viewer->seen = clock_.steady_now();
  viewer->view.clear();  // published whether it changed or not
  want(viewer);
  if (viewers_.size() > kViewers) make_room();
}

// Forgets those who looked last the longest ago; their tab stays as it is until they open it again.
void HomeTab::make_room() {
  while (viewers_.size() > kViewers) {
    const auto oldest = std::min_element(viewers_.begin(), viewers_.end(),
                                         [](const auto& a, const auto& b) { return a.second->seen < b.second->seen; });
    viewers_.erase(oldest);
  }
}

void HomeTab::want(ViewerPtr viewer) {
  viewer->due = true;
  if (viewer->working) return;
  viewer->working = true;
  jobs_.spawn("publish", keep_up(std::move(viewer)));
}

Job HomeTab::watch() {
  while (true) {
    const bool stop = co_await cancelled();
    if (stop) co_return;
    const bool changed = co_await changed_->wait(kWatch);
    const auto now = clock_.steady_now();
    std::erase_if(viewers_, [&](const auto& entry) { return now - entry.second->seen > options_.home_watch; });
    if (!changed || viewers_.empty()) continue;
    for (const auto& [user, viewer] : viewers_) want(viewer);
    co_await sleep_for(options_.home_pace);  // what changes meanwhile is one more change
  }
}

std::chrono::milliseconds HomeTab::wait_for(const Viewer& viewer) const {
  if (!viewer.published) return std::chrono::milliseconds(0);
  const auto next = *viewer.published + options_.home_pace;
  return std::chrono::ceil<std::chrono::milliseconds>(next - clock_.steady_now());
}

Job HomeTab::keep_up(ViewerPtr viewer) {
  while (viewer->due) {
    const auto wait = wait_for(*viewer);
    if (wait.count() > 0) co_await sleep_for(wait);
    const bool stop = co_await cancelled();
    if (stop) break;
    viewer->due = false;
    Status done;
    try {
      done = co_await publish(viewer);
    } catch (const std::exception& e) {
      done = Error(Code::internal, e.what());
    }
    viewer->published = clock_.steady_now();
    if (done) continue;
    const Error& error = done.error();
    if (error.code == Code::cancelled) break;
    log::warning("slack", "the Home tab of {} could not be shown: {}", viewer->who.text(), error.message);
    if (error.code != Code::rate_limited) continue;
    const auto wait_more = std::min(error.retry_after.value_or(options_.home_pace), kLongestWait);
    co_await sleep_for(wait_more);
    viewer->due = true;
  }
  viewer->working = false;
}

Async<void> HomeTab::publish(ViewerPtr viewer) {
  Identity who = viewer->who;
  CO_TRY(const auto card, pages_->home_of(std::move(who)));
  JsonWriter memory;
  memory.begin_object().field("channel", viewer->channel).end_object();
  NewView view;
  view.user = viewer->who.user;
  view.private_metadata = memory.take();
  view.blocks = render(card, view_limits(options_.classic_blocks)).blocks;
  if (view.blocks == viewer->view) co_return Status();
  const std::string shown = view.blocks;
  const Deadline deadline = Deadline::after(options_.call_wait);
  NewView usual = view;
  auto done = co_await api_.publish_home(std::move(usual), deadline);
  if (!done && done.error().code == Code::too_large) {
    log::warning("slack", "{}; showing the Home tab in plain blocks", done.error().message);
    view.blocks = render(card, view_limits(true)).blocks;
    done = co_await api_.publish_home(std::move(view), deadline);
  }
  if (done) viewer->view = shown;
  co_return done;
}

}  // namespace vedette::slack
