#include "integrations/slack/platform.hpp"

#include <algorithm>

#include "bot/base/log.hpp"

namespace vedette::slack {
namespace {

// Slack accepts neither blocks nor text, for whatever reason. Another look may do.
bool not_accepted(const Result<std::string>& done) { return !done && done.error().code == Code::too_large; }

bool has_thumbs(const chat::Card& card) {
  return std::any_of(card.blocks.begin(), card.blocks.end(),
                     [](const chat::Block& block) { return std::holds_alternative<chat::Thumbs>(block); });
}

const chat::File* file_of(const chat::Card& card) {
  for (const auto& block : card.blocks) {
    if (const auto* file = std::get_if<chat::File>(&block)) return file;
  }
  return nullptr;
}

// What Slack has always taken.
RenderLimits plain_look() {
  RenderLimits look;
  look.characters = 6000;
  look.plain = true;
  return look;
}

// The id of a file, and no ts of a message.
bool is_file(const std::string& message_ref) { return message_ref.starts_with("F"); }

SharedFile shared_file(const chat::Outgoing& message, const chat::File& file) {
  SharedFile result;
  result.channel = message.channel;
  result.thread_ts = message.thread_ref;
  result.name = file.name;
  result.title = file.title;
  result.text = file.text;
  result.key = message.key;
  result.perhaps_there = !message.message_ref.empty();
  return result;
}

}  // namespace

SlackPlatform::SlackPlatform(WebApi& api, SlackOptions options, Streams* streams, AgentSessions* sessions)
    : api_(api), streams_(streams), sessions_(sessions), options_(std::move(options)), files_(api, options_) {}

bool SlackPlatform::fits(const chat::Card& card) const {
  if (options_.classic_blocks) return render(card, plain_look()).missing_lines == 0;
  RenderLimits newer;
  newer.newer = NewerBlocks::all();
  return render(card).missing_lines == 0 && render(card, newer).missing_lines == 0;
}

bool SlackPlatform::refused(std::optional<SteadyTime>& since) const {
  if (since && api_.clock().steady_now() - *since >= options_.newer_again) since.reset();
  return since.has_value();
}

NewerBlocks SlackPlatform::usable() {
  NewerBlocks kinds;
  kinds.plan = !refused(refused_.plan);
  kinds.data_table = !refused(refused_.data_table);
  kinds.container = !refused(refused_.container);
  return kinds;
}

void SlackPlatform::do_without(const NewerBlocks& kinds) {
  const auto now = api_.clock().steady_now();
  if (kinds.plan) refused_.plan = now;
  if (kinds.data_table) refused_.data_table = now;
  if (kinds.container) refused_.container = now;
  log::warning("slack", "Slack does not take {}{}{}here; classic blocks say the same for the next {} min",
               kinds.plan ? "plan blocks " : "", kinds.data_table ? "data tables " : "",
               kinds.container ? "containers " : "",
               std::chrono::duration_cast<std::chrono::minutes>(options_.newer_again).count());
}

Async<std::string> SlackPlatform::attempt(chat::Outgoing message, RenderLimits look, Deadline deadline) {
  const bool stream = !look.plain && message.only_for.empty() && streams_ != nullptr && streams_->wanted(message);
  if (stream) look.newer = {};  // which of them a stream takes is not documented
  Message rendered = render(message.card, look);
  NewMessage content;
  content.channel = message.channel;
  content.thread_ts = message.thread_ref;
  content.text = std::move(rendered.text);
  content.blocks = std::move(rendered.blocks);
  content.key = message.key;
  if (!message.only_for.empty()) {
    ResponseUrl way;
    way.url = message.reply_url;
    way.from = message.reply_from;
    way.uses = message.reply_uses;
    co_return co_await api_.answer(std::move(content), message.only_for, std::move(way), deadline);
  }
  if (stream) {
    CO_TRY(auto streamed, streams_->say(message, content.blocks, deadline));
    if (streamed) co_return std::move(*streamed);
  }
  if (message.message_ref.empty()) {
    auto posted = co_await api_.post_message(std::move(content), deadline);
    if (posted && sessions_ != nullptr && !message.asked_by.user.empty())
      sessions_->answered(message.channel, message.thread_ref);
    co_return posted;
  }
  CO_TRY_VOID(api_.update_message(std::move(content), message.message_ref, deadline));
  co_return message.message_ref;
}

Async<std::string> SlackPlatform::deliver(chat::Outgoing message, Deadline deadline) {
  const chat::File* file = message.only_for.empty() ? file_of(message.card) : nullptr;
  if (file == nullptr) co_return co_await deliver_message(std::move(message), deadline);
  chat::File copy = *file;
  co_return co_await deliver_file(std::move(message), std::move(copy), deadline);
}

// Slack changes what it accepts now and then, and workspaces get its newer elements at different times. A plainer message is
// better than none.
Async<std::string> SlackPlatform::deliver_message(chat::Outgoing message, Deadline deadline) {
  RenderLimits look = options_.classic_blocks ? plain_look() : RenderLimits();
  if (look.plain) co_return co_await attempt(std::move(message), look, deadline);
  look.newer = usable();
  look.feedback_buttons = feedback_buttons_;
  auto done = co_await attempt(message, look, deadline);
  if (!not_accepted(done)) co_return done;
  const NewerBlocks used = render(message.card, look).newer;
  look.newer = {};
  if (used.any()) {
    const bool blocks = done.error().message.find("(invalid_blocks") != std::string::npos;
    done = co_await attempt(message, look, deadline);
    if (done && blocks) do_without(used);
    if (!not_accepted(done)) co_return done;
  }
  if (look.feedback_buttons && has_thumbs(message.card)) {
    look.feedback_buttons = false;
    done = co_await attempt(message, look, deadline);
    if (done) {
      feedback_buttons_ = false;
      log::warning("slack", "Slack does not take feedback buttons here; thumbs are ordinary buttons from now on");
    }
    if (!not_accepted(done)) co_return done;
  }
  log::warning("slack", "{}: {}; sending it in plain blocks", message.slot, done.error().message);
  look = plain_look();
  co_return co_await attempt(std::move(message), look, deadline);
}

Async<std::string> SlackPlatform::deliver_file(chat::Outgoing message, chat::File file, Deadline deadline) {
  if (!refused(refused_.files)) {
    SharedFile wanted = shared_file(message, file);
    auto shared = co_await files_.share(std::move(wanted), deadline);
    const bool not_here = !shared && shared.error().code == Code::forbidden && !shared.error().retryable;
    if (!not_here) co_return shared;
    refused_.files = api_.clock().steady_now();
    log::warning("slack", "long evidence cannot be put into Slack as a file, so messages point to the console: {}",
                 shared.error().message);
  }
  if (is_file(message.message_ref)) {  // a file can't become a message: there may be one from an attempt before this
    message.message_ref.clear();
    chat::Outgoing sought = message;
    const Time since = api_.clock().now() - std::chrono::hours(1);
    CO_TRY(auto there, api_.find_message(sought.channel, sought.thread_ref, sought.key, since, deadline));
    message.message_ref = std::move(there).value_or("");
  }
  co_return co_await deliver_message(std::move(message), deadline);
}

Async<std::optional<chat::Found>> SlackPlatform::find(chat::Outgoing message, Time since, Deadline deadline) {
  if (!message.only_for.empty()) co_return std::optional<chat::Found>();
  CO_TRY(auto whole, api_.find_message(message.channel, message.thread_ref, message.key, since, deadline));
  if (whole) co_return std::optional<chat::Found>(chat::Found{std::move(*whole), true});
  if (const chat::File* file = file_of(message.card)) {
    SharedFile sought = shared_file(message, *file);
    CO_TRY(auto shared, files_.find(std::move(sought), since, deadline));
    if (!shared) co_return std::optional<chat::Found>();
    co_return std::optional<chat::Found>(chat::Found{std::move(*shared), true});
  }
  if (streams_ == nullptr || message.asked_by.user.empty()) co_return std::optional<chat::Found>();
  co_return co_await streams_->find_begun(std::move(message), since, deadline);
}

}  // namespace vedette::slack
