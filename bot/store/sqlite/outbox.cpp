#include <algorithm>

#include <fmt/format.h>

#include "bot/store/sqlite/shared.hpp"
#include "bot/store/sqlite/stores.hpp"

namespace vedette::sqlite {

namespace {

// m: the message, p: the one it replies to.
#define VEDETTE_OUTBOX_SELECT                                                                                           \
  "SELECT m.id, m.slot, m.platform, m.channel, m.thread_of, m.only_for, m.author, m.lane, m.card, m.version, "          \
  "m.delivered, m.message_ref, CASE COALESCE(p.message_ref, '') WHEN '' THEN m.below ELSE p.message_ref END, m.state, " \
  "m.attempts, m.first_attempt, m.created, "                                                                            \
  "m.changed, m.error, m.below, m.follows, m.asked_by FROM outbox m LEFT JOIN outbox p ON p.tenant = m.tenant AND "     \
  "p.platform = m.platform "                                                                                            \
  "AND p.channel = m.channel AND p.slot = m.thread_of AND m.thread_of <> '' "

std::string to_text(const Identity& asker) { return asker.user.empty() ? "" : asker.workspace + "/" + asker.user; }

Identity asker_from(const std::string& text, const std::string& platform) {
  const size_t slash = text.find('/');
  if (slash == std::string::npos) return {};
  return {platform, text.substr(0, slash), text.substr(slash + 1)};
}

OutboxRow read_row(const Statement& row) {
  OutboxRow read;
  int column = 0;
  read.id = row.integer(column++);
  read.message.slot = row.text(column++);
  read.message.platform = row.text(column++);
  read.message.channel = row.text(column++);
  read.message.thread_of = row.text(column++);
  read.message.only_for = row.text(column++);
  read.message.author = row.text(column++);
  read.message.lane = static_cast<Lane>(row.small(column++));
  read.message.card = row.text(column++);
  read.version = row.integer(column++);
  read.delivered = row.integer(column++);
  read.message_ref = row.text(column++);
  read.thread_ref = row.text(column++);
  read.state = delivery_state_from(row.view(column++));
  read.attempts = row.small(column++);
  read.first_attempt = from_micros(row.integer(column++));
  read.created = from_micros(row.integer(column++));
  read.changed = from_micros(row.integer(column++));
  read.error = row.text(column++);
  read.message.below = row.text(column++);
  read.message.follows = row.text(column++);
  read.message.asked_by = asker_from(row.text(column++), read.message.platform);
  return read;
}

std::vector<OutboxRow> collect(Statement rows) {
  std::vector<OutboxRow> all;
  while (rows.step()) all.push_back(read_row(rows));
  return all;
}

std::optional<OutboxRow> first_of(Statement rows) {
  if (!rows.step()) return std::nullopt;
  return read_row(rows);
}

Error no_such_message(int64_t id) { return Error(Code::not_found, fmt::format("There is no outbox message {}.", id)); }

// Why a change found no row in a state that it starts from.
Error not_moved(Transaction& tx, int64_t id) {
  auto row = tx.db.query("SELECT state FROM outbox WHERE tenant = $1 AND id = $2", tx.tenant, id);
  if (!row.step()) return no_such_message(id);
  return Error(Code::conflict, fmt::format("Outbox message {} is {}.", id, row.view(0)));
}

Status mark_sending(Transaction& tx, int64_t id, Time now) {
  const int64_t moved = tx.db.run(
      "UPDATE outbox SET state = 'sending', attempts = attempts + 1, changed = $3, "
      "first_attempt = CASE first_attempt WHEN 0 THEN $3 ELSE first_attempt END "
      "WHERE tenant = $1 AND id = $2 AND state IN ('queued', 'unknown')",
      tx.tenant, id, to_micros(now));
  if (moved == 0) return not_moved(tx, id);
  return {};
}

// What was wanted meanwhile goes on waiting.
Status mark_sent(Transaction& tx, int64_t id, int64_t version, const std::string& message_ref, Time now) {
  const int64_t found = tx.db.run(
      "UPDATE outbox SET delivered = CASE WHEN delivered < $3 THEN $3 ELSE delivered END, "
      "message_ref = CASE $4 WHEN '' THEN message_ref ELSE $4 END, "
      "state = CASE WHEN version > $3 THEN 'queued' ELSE 'sent' END, "
      "waiting_since = CASE WHEN version > $3 THEN $5 ELSE waiting_since END, "
      "attempts = CASE WHEN version > $3 THEN 0 ELSE attempts END, "
      "first_attempt = CASE WHEN version > $3 THEN 0 ELSE first_attempt END, "
      "not_before = 0, changed = $5, error = '' WHERE tenant = $1 AND id = $2",
      tx.tenant, id, version, message_ref, to_micros(now));
  if (found == 0) return no_such_message(id);
  tx.touch(Store::Topic::outbox);  // replies to it may go now
  return {};
}

Status mark_not_sent(Transaction& tx, int64_t id, DeliveryState state, Time not_before, const std::string& error, Time now) {
  const int64_t moved = tx.db.run(
      "UPDATE outbox SET state = $3, not_before = $4, error = $5, changed = $6 "
      "WHERE tenant = $1 AND id = $2 AND state IN ('queued', 'sending', 'unknown')",
      tx.tenant, id, to_string(state), to_micros(not_before), error, to_micros(now));
  if (moved == 0) return not_moved(tx, id);
  tx.touch(Store::Topic::outbox);
  return {};
}

Status forget_posted(Transaction& tx, int64_t id, Time not_before, const std::string& error, Time now) {
  TRY_VOID(mark_not_sent(tx, id, DeliveryState::queued, not_before, error, now));
  tx.db.run(
      "UPDATE outbox SET message_ref = '', delivered = 0, attempts = 0, first_attempt = 0 WHERE tenant = $1 AND id = $2",
      tx.tenant, id);
  return {};
}

// The terms on the state are those of the index of what is not sent.
GivenUp count_given_up(Transaction& tx, const std::string& platform, Time since) {
  GivenUp result;
  auto rows = tx.db.query(
      "SELECT changed >= $3, error FROM outbox WHERE tenant = $1 AND ($2 = '' OR platform = $2) AND state <> 'sent' "
      "AND state = 'failed' ORDER BY changed",
      tx.tenant, platform, to_micros(since));
  while (rows.step()) {
    ++result.all;
    result.recent += rows.integer(0);
    result.error = rows.text(1);
  }
  return result;
}

std::vector<OutboxRow> newest_in_channel(Transaction& tx, const std::string& platform, const std::string& channel,
                                         const std::string& user, int64_t before, size_t limit) {
  auto rows = collect(tx.db.query(VEDETTE_OUTBOX_SELECT
                                  "WHERE m.tenant = $1 AND m.platform = $2 AND m.channel = $3 AND m.thread_of = '' "
                                  "AND (m.only_for = '' OR m.only_for = $4) AND m.id < $5 ORDER BY m.id DESC LIMIT $6",
                                  tx.tenant, platform, channel, user, before > 0 ? before : INT64_MAX, limit));
  std::reverse(rows.begin(), rows.end());
  return rows;
}

}  // namespace

void put_messages(Transaction& tx, const std::vector<OutboxMessage>& messages, Time now) {
  for (const auto& message : messages) {
    // A message in doubt stays so whatever is wanted now: it has to be looked for first. One on its way stays on its way.
    const int64_t changed = tx.db.run(
        "INSERT INTO outbox (tenant, id, platform, channel, slot, thread_of, only_for, author, lane, card, waiting_since, "
        "created, changed, below, follows, asked_by) VALUES ($1, (SELECT COALESCE(MAX(id), 0) + 1 FROM outbox WHERE tenant "
        "= "
        "$1), $2, $3, $4, $5, $6, $7, $8, $9, $10, $10, $10, $11, $12, $13) ON CONFLICT (tenant, platform, channel, slot) "
        "DO UPDATE SET "
        "card = excluded.card, lane = excluded.lane, version = outbox.version + 1, changed = excluded.changed, "
        "waiting_since = CASE outbox.state WHEN 'sent' THEN excluded.changed ELSE outbox.waiting_since END, "
        "attempts = CASE WHEN outbox.state IN ('sent', 'failed') THEN 0 ELSE outbox.attempts END, "
        "first_attempt = CASE WHEN outbox.state IN ('sent', 'failed') THEN 0 ELSE outbox.first_attempt END, "
        "not_before = CASE WHEN outbox.state IN ('sent', 'failed') THEN 0 ELSE outbox.not_before END, "
        "state = CASE WHEN outbox.state IN ('sent', 'failed') THEN 'queued' ELSE outbox.state END "
        "WHERE outbox.card <> excluded.card",
        tx.tenant, message.platform, message.channel, message.slot, message.thread_of, message.only_for, message.author,
        static_cast<int>(message.lane), message.card, to_micros(now), message.below, message.follows,
        to_text(message.asked_by));
    if (changed > 0) tx.touch(Store::Topic::outbox);
  }
}

Async<void> Outbox::put(std::vector<OutboxMessage> messages) {
  return context_.engine->write([messages = std::move(messages), now = context_.now()](Transaction& tx) -> Status {
    put_messages(tx, messages, now);
    return {};
  });
}

Async<std::vector<OutboxRow>> Outbox::due(std::string platform, Time now, size_t limit) {
  return context_.engine->read([platform = std::move(platform), now,
                                limit = bounded(limit)](Transaction& tx) -> Result<std::vector<OutboxRow>> {
    return collect(tx.db.query(VEDETTE_OUTBOX_SELECT
                               "WHERE m.tenant = $1 AND m.platform = $2 AND m.state IN ('queued', 'unknown') "
                               "AND m.not_before <= $3 AND (m.thread_of = '' OR p.message_ref <> '' OR p.state = 'failed') "
                               "AND (m.follows = '' OR NOT EXISTS (SELECT 1 FROM outbox f WHERE f.tenant = m.tenant AND "
                               "f.platform = m.platform AND f.channel = m.channel AND f.slot = m.follows AND "
                               "f.delivered = 0 AND f.state <> 'failed')) "
                               "ORDER BY m.lane, m.waiting_since, m.id LIMIT $4",
                               tx.tenant, platform, to_micros(now), limit));
  });
}

Async<void> Outbox::sending(int64_t id, Time now) {
  return context_.engine->write([id, now](Transaction& tx) { return mark_sending(tx, id, now); });
}

Async<void> Outbox::sent(int64_t id, int64_t version, std::string message_ref) {
  return context_.engine->write([id, version, message_ref = std::move(message_ref), now = context_.now()](Transaction& tx) {
    return mark_sent(tx, id, version, message_ref, now);
  });
}

Async<void> Outbox::retry(int64_t id, Time not_before, std::string error) {
  return context_.engine->write([id, not_before, error = std::move(error), now = context_.now()](Transaction& tx) {
    return mark_not_sent(tx, id, DeliveryState::queued, not_before, error, now);
  });
}

Async<void> Outbox::unknown(int64_t id, Time not_before, std::string error) {
  return context_.engine->write([id, not_before, error = std::move(error), now = context_.now()](Transaction& tx) {
    return mark_not_sent(tx, id, DeliveryState::unknown, not_before, error, now);
  });
}

Async<void> Outbox::failed(int64_t id, std::string error) {
  return context_.engine->write([id, error = std::move(error), now = context_.now()](Transaction& tx) {
    return mark_not_sent(tx, id, DeliveryState::failed, Time(), error, now);
  });
}

Async<void> Outbox::gone(int64_t id, Time not_before, std::string error) {
  return context_.engine->write([id, not_before, error = std::move(error), now = context_.now()](Transaction& tx) {
    return forget_posted(tx, id, not_before, error, now);
  });
}

Async<std::optional<Time>> Outbox::oldest_undelivered(std::string platform, Time failed_since) {
  return context_.engine->read(
      [platform = std::move(platform), failed_since](Transaction& tx) -> Result<std::optional<Time>> {
        auto row = tx.db.query(
            "SELECT waiting_since FROM outbox WHERE tenant = $1 AND platform = $2 AND state <> 'sent' "
            "AND (state <> 'failed' OR changed >= $3) ORDER BY waiting_since LIMIT 1",
            tx.tenant, platform, to_micros(failed_since));
        if (!row.step()) return std::optional<Time>();
        return std::optional<Time>(from_micros(row.integer(0)));
      });
}

Async<GivenUp> Outbox::given_up(std::string platform, Time since) {
  return context_.engine->read([platform = std::move(platform), since](Transaction& tx) -> Result<GivenUp> {
    return count_given_up(tx, platform, since);
  });
}

Async<int64_t> Outbox::recover() {
  return context_.engine->write([now = context_.now()](Transaction& tx) -> Result<int64_t> {
    const int64_t found = tx.db.run(
        "UPDATE outbox SET state = 'unknown', not_before = 0, changed = $2, "
        "error = 'Vedette stopped while this was being sent.' WHERE tenant = $1 AND state = 'sending'",
        tx.tenant, to_micros(now));
    if (found > 0) tx.touch(Store::Topic::outbox);
    return found;
  });
}

Async<std::vector<OutboxRow>> Outbox::channel(std::string platform, std::string channel, std::string user, int64_t before,
                                              size_t limit) {
  return context_.engine->read([platform = std::move(platform), channel = std::move(channel), user = std::move(user), before,
                                limit = bounded(limit)](Transaction& tx) -> Result<std::vector<OutboxRow>> {
    return newest_in_channel(tx, platform, channel, user, before, limit);
  });
}

Async<std::vector<OutboxRow>> Outbox::thread(std::string platform, std::string channel, std::string root_slot,
                                             std::string user) {
  return context_.engine->read([platform = std::move(platform), channel = std::move(channel),
                                root_slot = std::move(root_slot),
                                user = std::move(user)](Transaction& tx) -> Result<std::vector<OutboxRow>> {
    return collect(tx.db.query(VEDETTE_OUTBOX_SELECT
                               "WHERE m.tenant = $1 AND m.platform = $2 AND m.channel = $3 AND m.thread_of = $4 "
                               "AND m.thread_of <> '' AND (m.only_for = '' OR m.only_for = $5) ORDER BY m.id LIMIT $6",
                               tx.tenant, platform, channel, root_slot, user, kMostRows));
  });
}

Async<std::optional<OutboxRow>> Outbox::find(std::string platform, std::string channel, std::string slot) {
  return context_.engine->read([platform = std::move(platform), channel = std::move(channel),
                                slot = std::move(slot)](Transaction& tx) -> Result<std::optional<OutboxRow>> {
    return first_of(tx.db.query(VEDETTE_OUTBOX_SELECT
                                "WHERE m.tenant = $1 AND m.platform = $2 AND m.channel = $3 AND m.slot = $4",
                                tx.tenant, platform, channel, slot));
  });
}

Async<std::optional<OutboxRow>> Outbox::find_ref(std::string platform, std::string channel, std::string message_ref) {
  return context_.engine->read([platform = std::move(platform), channel = std::move(channel),
                                message_ref = std::move(message_ref)](Transaction& tx) -> Result<std::optional<OutboxRow>> {
    return first_of(tx.db.query(VEDETTE_OUTBOX_SELECT
                                "WHERE m.tenant = $1 AND m.platform = $2 AND m.channel = $3 AND m.message_ref = $4 "
                                "AND m.message_ref <> ''",
                                tx.tenant, platform, channel, message_ref));
  });
}

}  // namespace vedette::sqlite
