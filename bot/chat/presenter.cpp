#include "bot/chat/presenter.hpp"

#include <algorithm>

#include "bot/base/log.hpp"
#include "bot/chat/case_cards.hpp"

namespace vedette::chat {
namespace {
constexpr size_t kBatch = 50;
// Commits wake the loop; the period only mends a wake-up that came while the store was away.
constexpr std::chrono::seconds kPeriod{30};
constexpr std::chrono::seconds kAfterError{2};
}  // namespace

Presenter::Presenter(Executor io, Store& store, std::vector<Route> routes, std::function<bool(const ActionPlan&)> runnable)
    : store_(store),
      routes_(std::move(routes)),
      runnable_(std::move(runnable)),
      changed_(std::make_shared<Signal>(std::move(io))) {
  // The store keeps its listeners to its end, which may be after ours: they share the signal, not this object.
  store_.on_commit(Store::Topic::cases, [signal = changed_] { signal->notify(); });
}

Job Presenter::run() {
  while (true) {
    const bool stop = co_await cancelled();
    if (stop) co_return;
    const auto drawn = co_await present_changed();
    if (!drawn && drawn.error().code == Code::cancelled) co_return;
    if (!drawn) log::warning("chat", "cases could not be drawn now: {}", drawn.error().message);
    const Duration wait = drawn ? Duration(kPeriod) : Duration(kAfterError);
    co_await changed_->wait(wait);
  }
}

Async<size_t> Presenter::present_changed() {
  size_t drawn = 0;
  while (true) {
    co_await store_.foreground().calm();
    CO_TRY(const auto ids, store_.cases().unpresented(kBatch));
    size_t now = 0;
    for (const auto id : ids) {
      const bool stop = co_await cancelled();
      if (stop) co_return drawn;
      co_await store_.foreground().calm();
      const bool ok = co_await try_present(id);
      if (ok) ++now;
    }
    drawn += now;
    // A batch of which nothing could be drawn would come back the same.
    if (ids.size() < kBatch || now == 0) {
      if (now < ids.size()) co_return Error(Code::unavailable, "some cases are still behind", true);
      co_return drawn;
    }
  }
}

boost::asio::awaitable<bool> Presenter::try_present(CaseId id) {
  Status status;
  try {
    status = co_await present(id);
  } catch (const std::exception& e) {
    status = Error(Code::internal, e.what());
  }
  if (!status) log::warning("chat", "{} could not be drawn: {}", to_string(id), status.error().message);
  co_return status.has_value();
}

Async<void> Presenter::present(CaseId id) {
  CO_TRY(auto view, store_.cases().view(id));
  for (auto& action : view.actions) {
    const auto undo = undo_of(action.plan);
    action.undo_offered = undo && runnable_(*undo);
    if (settings_ && action.state == ActionState::awaiting) action.settings = settings_(action.plan);
  }
  auto matching = routes_for(view, routes_);
  CO_TRY(const auto shown_in, targets(id, std::move(matching)));
  std::vector<OutboxMessage> messages;
  for (const auto& target : shown_in) {
    auto here = case_messages(view, target);
    CO_TRY(here, without_leftovers(id, std::move(here)));
    for (auto& message : here) messages.push_back(std::move(message));
  }
  co_return co_await store_.cases().presented(id, view.record.version, std::move(messages));
}

// An earlier round may have filled more parts of evidence than this one: what stands in them must not stay.
Async<std::vector<OutboxMessage>> Presenter::without_leftovers(CaseId id, std::vector<OutboxMessage> messages) {
  const auto is_part = [&](const OutboxMessage& message) { return message.slot.starts_with(evidence_slot(id, 0)); };
  auto parts = static_cast<size_t>(std::count_if(messages.begin(), messages.end(), is_part));
  while (parts > 0) {
    const auto& root = messages.front();
    CO_TRY(const auto row, store_.outbox().find(root.platform, root.channel, evidence_slot(id, parts)));
    if (!row) break;
    OutboxMessage message = row->message;
    message.card = to_json(empty_evidence_card(id, parts++));
    messages.push_back(std::move(message));
  }
  co_return messages;
}

// Where the case matches, and where it was shown before: a card whose route no longer matches (its severity went down) must
// not stay as it was.
Async<std::vector<Route>> Presenter::targets(CaseId id, std::vector<Route> matching) {
  std::vector<Route> result = std::move(matching);
  for (const auto& route : routes_) {
    const bool there = std::any_of(result.begin(), result.end(), [&](const Route& other) {
      return other.platform == route.platform && other.channel == route.channel;
    });
    if (there) continue;
    CO_TRY(const auto root, store_.outbox().find(route.platform, route.channel, root_slot(id)));
    if (root) result.push_back(route);
  }
  co_return result;
}

}  // namespace vedette::chat
