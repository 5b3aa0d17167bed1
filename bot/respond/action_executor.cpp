#include "bot/respond/action_executor.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "bot/base/log.hpp"
#include "bot/base/secret.hpp"
#include "bot/base/text.hpp"
#include "bot/respond/action_audit.hpp"

namespace vedette::respond {
namespace {

constexpr size_t kBatch = 200;
constexpr size_t kReceiptCharacters = 300;

const Actor& vedette_itself() {
  static const Actor actor("vedette", "", "");
  return actor;
}

std::string receipt_text(std::string_view message) {
  return text::ellipsize(redact(text::displayable(message)), kReceiptCharacters);
}

// Errors by which a provider says: nothing of it happened.
bool surely_not_done(Code code) { return code == Code::unavailable || code == Code::rate_limited; }
// Errors after which asking again is no use, and which providers give before anything is sent.
bool refused_before_sending(Code code) {
  return code == Code::invalid_input || code == Code::unauthenticated || code == Code::forbidden ||
         code == Code::not_found || code == Code::too_large;
}

std::chrono::milliseconds wait_before(int attempt, const ExecutorOptions& options) {
  auto wait = options.first_wait;
  for (int i = 1; i < attempt && wait < options.longest_wait; ++i) wait *= 2;
  return std::min(wait, options.longest_wait);
}

}  // namespace

// A job that did not end in time is taken apart with the io_context, which may be after its executor.
struct ActionExecutor::Busy {
  Busy(ActionExecutor& owner_, ActionId id_) : owner(owner_), alive(owner_.alive_), id(id_) {}
  ~Busy() {
    if (*alive) owner.busy_.erase(id);
  }
  Busy(const Busy&) = delete;
  Busy& operator=(const Busy&) = delete;
  ActionExecutor& owner;
  std::shared_ptr<bool> alive;
  ActionId id;
};

// From its job's first step until its start is in the store.
struct ActionExecutor::Starting {
  Starting(ActionExecutor& owner_, std::string verb_) : owner(owner_), alive(owner_.alive_), verb(std::move(verb_)) {}
  ~Starting() { end(); }
  void end() {
    if (!ended && *alive) --owner.starting_[verb];
    ended = true;
  }
  Starting(const Starting&) = delete;
  Starting& operator=(const Starting&) = delete;
  ActionExecutor& owner;
  std::shared_ptr<bool> alive;
  std::string verb;
  bool ended = false;
};

ActionExecutor::ActionExecutor(Store& store, const policy::Policy& policy, const Providers& providers, const Clock& clock,
                               ExecutorOptions options)
    : store_(store),
      policy_(policy),
      providers_(providers),
      clock_(clock),
      options_(options),
      alive_(std::make_shared<bool>(true)) {}

ActionExecutor::~ActionExecutor() { *alive_ = false; }

void ActionExecutor::start(TaskGroup& group) {
  group_ = &group;
  work_ = std::make_unique<Signal>(group.executor());
  expiry_ = std::make_unique<Signal>(group.executor());
  store_.on_commit(Store::Topic::actions, [this, alive = alive_] {
    if (!*alive) return;
    work_->notify();
    expiry_->notify();
  });
  group.spawn("actions", work_loop());
  group.spawn("approvals", expiry_loop());
}

Job ActionExecutor::work_loop() {
  // What a former process left behind comes first; nothing of ours is executing yet.
  while (!group_->stopping()) {
    const bool stop = co_await cancelled();
    if (stop) co_return;
    co_await take_up_work();
    co_await work_->wait(options_.timer);
  }
}

boost::asio::awaitable<void> ActionExecutor::take_up_work() {
  // Verbs at their limit: whatever came later waits behind what was held back, so that the oldest is let go first.
  std::set<std::string> full;
  for (const auto state : {ActionState::executing, ActionState::unknown, ActionState::approved}) {
    auto actions = co_await store_.actions().in_state(state, kBatch);
    if (!actions) {
      if (actions.error().code != Code::cancelled)
        log::warning("respond", "cannot read actions: {}", actions.error().message);
      co_return;
    }
    for (auto& action : *actions) {
      if (group_->stopping() || busy_.contains(action.id)) continue;
      if (state != ActionState::approved) {
        spawn(action, resolve_unknown(action));
      } else {
        if (full.contains(action.plan.verb) && in_time(action)) continue;
        const bool may = co_await may_start(action);
        if (!may) full.insert(action.plan.verb);
        if (!may || group_->stopping()) continue;
        ++starting_[action.plan.verb];
        spawn(action, run_approved(action));
      }
    }
  }
}

void ActionExecutor::spawn(const Action& action, Job job) {
  busy_.insert(action.id);
  group_->spawn(to_string(action.id), std::move(job));
}

bool ActionExecutor::in_time(const Action& action) const { return !action.expires || clock_.now() < *action.expires; }

// What ran out is not let go, so it need not wait.
boost::asio::awaitable<bool> ActionExecutor::may_start(Action action) {
  const auto& verb = action.plan.verb;
  const int limit = verb.starts_with("block_") ? options_.blocks_per_window : options_.starts_per_window;
  if (limit <= 0 || undoes(verb) || !in_time(action)) co_return true;
  // Taken before the store is asked: a start that reaches it in between is counted twice rather than not at all.
  const int64_t starting = starting_[verb];
  const Time since = clock_.now() - options_.window + Duration(1);
  const auto started = co_await store_.actions().started_since(verb, since);
  if (!started) {
    if (started.error().code != Code::cancelled) log::warning("respond", "cannot count starts: {}", started.error().message);
    co_return false;
  }
  if (*started + starting >= limit) {
    if (held_.insert(action.id).second) {
      log::warning("respond", "{} waits: {} was started {} times within {} minutes", to_string(action.id), verb,
                   *started + starting, options_.window.count());
    }
    co_return false;
  }
  held_.erase(action.id);
  co_return true;
}

Async<Action> ActionExecutor::begin(Action action, bool runs) {
  // The cause makes a second start of the same approved plan impossible in the store as well.
  auto audit = action_audit(action, "action.begin", vedette_itself());
  audit.cause = "execute:" + execution_key(action);
  const ActionId id = action.id;
  co_return co_await store_.actions().begin(id, std::move(audit), runs);
}

Job ActionExecutor::run_approved(Action action) {
  const Busy busy(*this, action.id);
  bool threw = false;
  try {
    co_await begin_and_execute(action);
  } catch (const std::exception& e) {
    log::error("respond", "carrying out {} threw: {}", to_string(action.id), e.what());
    threw = true;
  }
  if (threw) co_await after_exception(action.id);
}

// What had begun may have been done; what had not is still approved and comes round again.
boost::asio::awaitable<void> ActionExecutor::after_exception(ActionId id) {
  auto now = co_await store_.actions().get(id);
  if (!now || now->state != ActionState::executing) co_return;
  std::string sentence = "Something went wrong inside Vedette while this ran, so whether it was done is being looked up.";
  co_await finish(*now, ActionState::unknown, std::move(sentence));
}

boost::asio::awaitable<void> ActionExecutor::begin_and_execute(Action action) {
  Starting starting(*this, action.plan.verb);
  const ActionId id = action.id;
  const bool late = !in_time(action);
  const auto gate = policy_.may_run(action);
  auto runnable = providers_.check(action.plan);

  const bool runs = !late && gate.allowed && runnable.has_value();
  auto begun = co_await begin(action, runs);
  starting.end();
  if (!begun) {
    // conflict: somebody else took it. Anything else: it is still approved and comes round again.
    if (begun.error().code != Code::conflict && begun.error().code != Code::cancelled) {
      log::warning("respond", "cannot start {}: {}", to_string(id), begun.error().message);
    }
  } else if (late) {
    std::string sentence =
        "The approval ran out before it could be started. Nothing was done; ask for it again if it is still wanted.";
    co_await finish(*begun, ActionState::failed, std::move(sentence));
  } else if (!gate.allowed) {
    std::string sentence = "Nothing was done: " + gate.reason;
    co_await finish(*begun, ActionState::failed, std::move(sentence));
  } else if (!runnable) {
    std::string sentence = "Nothing was done: " + runnable.error().message;
    co_await finish(*begun, ActionState::failed, std::move(sentence));
  } else {
    co_await execute(*begun);
  }
}

boost::asio::awaitable<void> ActionExecutor::execute(Action action) {
  auto* provider = providers_.find(action.plan.provider);
  const std::string key = execution_key(action);
  for (int attempt = 1;; ++attempt) {
    const auto attempted = clock_.steady_now();
    ActionPlan plan = action.plan;
    std::string attempt_key = key;
    const auto deadline = Deadline::after(options_.attempt);
    auto receipt = co_await provider->execute(std::move(plan), std::move(attempt_key), deadline);

    if (receipt && receipt->outcome == Outcome::done) {
      co_return co_await finish(action, ActionState::succeeded, receipt->message);
    }
    if (receipt && receipt->outcome == Outcome::not_done) {
      co_return co_await finish(action, ActionState::failed, receipt->message);
    }
    if (!receipt && refused_before_sending(receipt.error().code)) {
      std::string sentence = "Nothing was done: " + receipt.error().message;
      co_return co_await finish(action, ActionState::failed, std::move(sentence));
    }
    // Stopping: `executing` stays on disk and is looked up after the start.
    if (co_await cancelled()) co_return;
    if (receipt || !surely_not_done(receipt.error().code)) {
      std::string sentence = receipt ? receipt->message : receipt.error().message;
      log::warning("respond", "the outcome of {} is unknown", key);
      co_await finish(action, ActionState::unknown, std::move(sentence));
      co_return co_await look_up_until_known(action, attempted);
    }

    const Error error = receipt.error();
    const auto wait = std::max(error.retry_after.value_or(std::chrono::milliseconds(0)), wait_before(attempt, options_));
    const bool time_left = !action.expires || clock_.now() + wait < *action.expires;
    if (attempt >= options_.tries || !time_left) {
      std::string sentence =
          fmt::format("Nothing was done: {} {} in vain. Ask for it again when {} can be reached.", error.message,
                      attempt == 1 ? "Tried once" : fmt::format("Tried {} times", attempt), action.plan.provider);
      co_return co_await finish(action, ActionState::failed, std::move(sentence));
    }
    co_await sleep_for(wait);
    if (co_await cancelled()) co_return;
    const bool open = co_await still_open(action.id);
    if (!open) co_return;
  }
}

// False once somebody settled it: then there is nothing more to do about it.
boost::asio::awaitable<bool> ActionExecutor::still_open(ActionId id) {
  const auto now = co_await store_.actions().get(id);
  co_return !now || !is_final(now->state);
}

Job ActionExecutor::resolve_unknown(Action seen) {
  const Busy busy(*this, seen.id);
  bool threw = false;
  try {
    // The list it came from may be older than the end of the job that had it.
    auto now = co_await store_.actions().get(seen.id);
    if (now && (now->state == ActionState::executing || now->state == ActionState::unknown)) co_await resolve(*now);
  } catch (const std::exception& e) {
    log::error("respond", "looking up {} threw: {}", to_string(seen.id), e.what());
    threw = true;
  }
  // It is looked up again, but not at once.
  if (threw) co_await sleep_for(options_.longest_wait);
}

boost::asio::awaitable<void> ActionExecutor::resolve(Action action) {
  if (action.state == ActionState::executing) {
    std::string sentence = "Vedette was stopped while this ran, so whether it was done is being looked up.";
    co_await finish(action, ActionState::unknown, std::move(sentence));
  }
  // When it was sent is not known any more; `changed` is never before that.
  const auto age =
      std::clamp(clock_.now() - action.changed, Duration(0), std::chrono::duration_cast<Duration>(options_.settle));
  const auto attempted = clock_.steady_now() - age;
  co_await look_up_until_known(action, attempted);
}

boost::asio::awaitable<void> ActionExecutor::look_up_until_known(Action action, SteadyTime attempted) {
  const std::string key = execution_key(action);
  for (int attempt = 1;; ++attempt) {
    if (co_await cancelled()) co_return;
    auto* provider = providers_.find(action.plan.provider);
    if (provider == nullptr) {
      log::warning("respond", "{} cannot be looked up: no provider called {} is configured", key, action.plan.provider);
      co_return co_await sleep_for(options_.longest_wait);
    }
    ActionPlan plan = action.plan;
    std::string asked_key = key;
    const auto deadline = Deadline::after(options_.attempt);
    auto receipt = co_await provider->look_up(std::move(plan), std::move(asked_key), deadline);
    if (receipt && receipt->outcome == Outcome::done) {
      co_return co_await finish(action, ActionState::succeeded, receipt->message);
    }
    const bool settled = clock_.steady_now() - attempted >= options_.settle;
    if (receipt && receipt->outcome == Outcome::not_done && settled) {
      std::string sentence = receipt->message + " It was not repeated: ask for it again if it is still wanted.";
      co_return co_await finish(action, ActionState::failed, std::move(sentence));
    }
    co_await sleep_for(wait_before(attempt, options_));
    const bool open = co_await still_open(action.id);
    if (!open) co_return;
  }
}

// An outcome that happened must reach the disk: tried until it does or Vedette stops (then it is looked up at the next
// start).
boost::asio::awaitable<void> ActionExecutor::finish(Action action, ActionState state, std::string result) {
  const std::string sentence = receipt_text(result);
  for (int attempt = 1;; ++attempt) {
    const std::string what = "action." + std::string(to_string(state));
    auto audit = action_audit(action, what, vedette_itself(), sentence);
    std::string stored = sentence;
    const ActionId id = action.id;
    auto finished = co_await store_.actions().finish(id, state, std::move(stored), std::move(audit));
    if (finished) {
      log::info("respond", "{} {}", to_string(id), to_string(state));
      co_return;
    }
    const Code code = finished.error().code;
    if (code == Code::conflict && state != ActionState::unknown) {
      co_return co_await record_late_answer(std::move(action), state, sentence);
    }
    const bool stop = co_await cancelled();
    if (code == Code::conflict || code == Code::not_found || code == Code::cancelled || stop) {
      if (code != Code::cancelled)
        log::warning("respond", "{} is no longer ours: {}", to_string(id), finished.error().message);
      co_return;
    }
    log::error("respond", "cannot record that {} {}: {}", to_string(id), to_string(state), finished.error().message);
    co_await sleep_for(wait_before(attempt, options_));
  }
}

// Somebody settled it while the provider was still at work. Their word stays; what the provider said in the end may differ,
// and whoever looks at the action must see that.
boost::asio::awaitable<void> ActionExecutor::record_late_answer(Action action, ActionState state, std::string said) {
  const std::string_view outcome = state == ActionState::succeeded ? "done" : "not done";
  const std::string sentence = fmt::format("Afterwards {} answered that it was {}: {}", action.plan.provider, outcome, said);
  for (int attempt = 1;; ++attempt) {
    auto audit = action_audit(action, "action.late_answer", vedette_itself(), sentence);
    audit.cause = "late:" + execution_key(action);
    std::string answer = sentence;
    const ActionId id = action.id;
    const auto added = co_await store_.actions().add_answer(id, std::move(answer), std::move(audit));
    if (added) {
      log::warning("respond", "{} was settled as {}; {} answered afterwards: {}", to_string(id), to_string(added->state),
                   action.plan.provider, outcome);
      co_return;
    }
    const Code code = added.error().code;
    const bool stop = co_await cancelled();
    if (code == Code::conflict || code == Code::not_found || code == Code::cancelled || stop) co_return;
    log::error("respond", "cannot record a late answer to {}: {}", to_string(id), added.error().message);
    co_await sleep_for(wait_before(attempt, options_));
  }
}

Job ActionExecutor::expiry_loop() {
  while (!group_->stopping()) {
    const bool stop = co_await cancelled();
    if (stop) co_return;
    Duration wait = options_.timer;
    auto waiting = co_await store_.actions().pending(kBatch);
    if (waiting) {
      const Time now = clock_.now();
      bool over = false;
      for (const auto& action : *waiting) {
        if (!action.expires) continue;
        over = over || *action.expires <= now;
        if (*action.expires > now) wait = std::min(wait, *action.expires - now);
      }
      if (over) {
        auto expired = co_await store_.actions().expire(now);
        if (!expired && expired.error().code != Code::cancelled) {
          log::warning("respond", "cannot expire approvals: {}", expired.error().message);
        }
      }
    }
    co_await expiry_->wait(wait);
  }
}

}  // namespace vedette::respond
