#include <fmt/format.h>

#include "bot/base/crypto.hpp"
#include "bot/base/json.hpp"
#include "bot/store/sqlite/shared.hpp"
#include "bot/store/sqlite/stores.hpp"

namespace vedette::sqlite {

namespace {

using Outcome = LinkTry::Outcome;

constexpr std::chrono::hours kCodesRemembered(24);  // as spent or expired; later they are just wrong

#define VEDETTE_OFFER_COLUMNS                                                                           \
  "id, person, platform, workspace, account, channel, direct, state, created, expires, used_platform, " \
  "used_workspace, used_account, used_name, used_channel, used_direct, asked_in"

LinkOffer read_offer(const Statement& row) {
  LinkOffer read;
  read.id = row.integer(0);
  read.person = row.text(1);
  read.offered_by = Identity(row.text(2), row.text(3), row.text(4));
  read.offered_at = {row.text(5), row.integer(6) != 0};
  read.state = enum_from(row.view(7),
                         {LinkState::withdrawn, LinkState::offered, LinkState::used, LinkState::linked, LinkState::refused});
  read.created = from_micros(row.integer(8));
  read.expires = from_micros(row.integer(9));
  read.used_by = Identity(row.text(10), row.text(11), row.text(12));
  read.used_name = row.text(13);
  read.used_at = {row.text(14), row.integer(15) != 0};
  read.asked_in = row.text(16);
  return read;
}

std::optional<LinkOffer> find_offer(Transaction& tx, int64_t id) {
  auto row = tx.db.query("SELECT " VEDETTE_OFFER_COLUMNS " FROM link_offer WHERE tenant = $1 AND id = $2", tx.tenant, id);
  if (!row.step()) return std::nullopt;
  return read_offer(row);
}

Result<LinkOffer> load_offer(Transaction& tx, int64_t id) {
  auto offer = find_offer(tx, id);
  if (!offer) return Error(Code::not_found, fmt::format("There is no offer {} to link an account.", id));
  return *std::move(offer);
}

// The offer when it is in that state and in time.
Result<LinkOffer> load_open(Transaction& tx, int64_t id, LinkState state, Time now) {
  TRY(auto offer, load_offer(tx, id));
  if (offer.state != state) {
    return Error(Code::conflict, fmt::format("Offer {} to link an account is {}.", id, to_string(offer.state)));
  }
  if (now >= offer.expires) {
    return Error(Code::expired, fmt::format("The time of offer {} to link an account is over.", id));
  }
  return offer;
}

void set_state(Transaction& tx, int64_t id, LinkState state) {
  tx.db.run("UPDATE link_offer SET state = $3 WHERE tenant = $1 AND id = $2", tx.tenant, id, to_string(state));
}

void withdraw_open(Transaction& tx, const Identity& by) {
  tx.db.run(
      "UPDATE link_offer SET state = 'withdrawn' WHERE tenant = $1 AND platform = $2 AND workspace = $3 AND account = $4 "
      "AND state IN ('offered', 'used')",
      tx.tenant, by.platform, by.workspace, by.user);
}

// conflict when somebody has the account, or the person another one of the same platform and workspace.
Status check_free(Transaction& tx, const std::string& person, const Identity& identity) {
  {
    auto row = tx.db.query("SELECT person FROM link WHERE tenant = $1 AND platform = $2 AND workspace = $3 AND account = $4",
                           tx.tenant, identity.platform, identity.workspace, identity.user);
    if (row.step()) {
      return Error(Code::conflict, fmt::format("{} is linked to @{} already.", identity.text(), row.text(0)));
    }
  }
  auto row = tx.db.query("SELECT account FROM link WHERE tenant = $1 AND person = $2 AND platform = $3 AND workspace = $4",
                         tx.tenant, person, identity.platform, identity.workspace);
  if (!row.step()) return {};
  const Identity other(identity.platform, identity.workspace, row.text(0));
  return Error(Code::conflict, fmt::format("@{} has {} there already.", person, other.text()));
}

Result<LinkOffer> make_offer(Transaction& tx, LinkOffer offer, const std::string& code_hash, AuditEntry audit, Time now) {
  if (offer.person.empty() || offer.offered_by.user.empty() || code_hash.empty()) {
    return Error(Code::invalid_input, "An offer to link an account needs a person, their account and a code.");
  }
  withdraw_open(tx, offer.offered_by);
  {
    auto next = tx.db.query("SELECT COALESCE(MAX(id), 0) + 1 FROM link_offer WHERE tenant = $1", tx.tenant);
    next.step();
    offer.id = next.integer(0);
  }
  offer.created = now;
  tx.db.run(
      "INSERT INTO link_offer (tenant, id, person, platform, workspace, account, channel, direct, state, code_hash, "
      "created, "
      "expires) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 'offered', $9, $10, $11)",
      tx.tenant, offer.id, offer.person, offer.offered_by.platform, offer.offered_by.workspace, offer.offered_by.user,
      offer.offered_at.channel, offer.offered_at.direct, code_hash, to_micros(now), to_micros(offer.expires));
  audit.subject = fmt::format("link/{}", offer.id);
  TRY_VOID(append_audit(tx, audit, now));
  return load_offer(tx, offer.id);
}

struct TryRow {
  int64_t tries = 0;
  Time first;
  Time paused_until;
};

TryRow load_tries(Transaction& tx, const Identity& by) {
  auto row = tx.db.query(
      "SELECT tries, first, paused_until FROM link_try WHERE tenant = $1 AND platform = $2 AND workspace = $3 AND "
      "account = $4",
      tx.tenant, by.platform, by.workspace, by.user);
  if (!row.step()) return {};
  return {row.integer(0), from_micros(row.integer(1)), from_micros(row.integer(2))};
}

void forget_tries(Transaction& tx, const Identity& by) {
  tx.db.run("DELETE FROM link_try WHERE tenant = $1 AND platform = $2 AND workspace = $3 AND account = $4", tx.tenant,
            by.platform, by.workspace, by.user);
}

void save_tries(Transaction& tx, const Identity& by, const TryRow& counted) {
  tx.db.run(
      "INSERT INTO link_try (tenant, platform, workspace, account, tries, first, paused_until) "
      "VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (tenant, platform, workspace, account) DO UPDATE "
      "SET tries = excluded.tries, first = excluded.first, paused_until = excluded.paused_until",
      tx.tenant, by.platform, by.workspace, by.user, counted.tries, to_micros(counted.first),
      to_micros(counted.paused_until));
}

// Every code is compared, whichever fits.
std::optional<LinkOffer> with_code(Transaction& tx, const std::string& code_hash, Time since) {
  int64_t found = 0;
  auto rows =
      tx.db.query("SELECT id, code_hash FROM link_offer WHERE tenant = $1 AND created > $2", tx.tenant, to_micros(since));
  while (rows.step()) {
    if (crypto::constant_time_equal(rows.view(1), code_hash)) found = rows.integer(0);
  }
  return found == 0 ? std::nullopt : find_offer(tx, found);
}

Outcome outcome_of(const std::optional<LinkOffer>& offer, const Identity& by, Time now) {
  if (!offer) return Outcome::wrong;
  if (offer->state == LinkState::offered) return now < offer->expires ? Outcome::good : Outcome::expired;
  const bool open = offer->state == LinkState::used && now < offer->expires;
  return open && offer->used_by == by ? Outcome::again : Outcome::spent;
}

Result<LinkTry> try_one(Transaction& tx, const std::string& code_hash, const Identity& by, const LinkTries& rule,
                        AuditEntry failure, Time now) {
  tx.db.run("DELETE FROM link_try WHERE tenant = $1 AND first < $2 AND paused_until <= $3", tx.tenant,
            to_micros(now - rule.window), to_micros(now));
  LinkTry made;
  TryRow counted = load_tries(tx, by);
  if (now < counted.paused_until) {
    made.outcome = Outcome::paused;
    made.paused_until = counted.paused_until;
    return made;
  }
  if (counted.tries == 0) counted.first = now;
  ++counted.tries;
  auto offer = with_code(tx, code_hash, now - kCodesRemembered);
  made.outcome = outcome_of(offer, by, now);
  if (made.outcome == Outcome::good || made.outcome == Outcome::again) {
    made.offer = std::move(offer);
    save_tries(tx, by, counted);
    return made;
  }
  if (counted.tries >= rule.most) {
    made.paused_until = now + rule.pause;
    counted = {0, now, made.paused_until};
  }
  save_tries(tx, by, counted);
  JsonWriter detail;
  detail.begin_object().field("outcome", to_string(made.outcome)).field("account", by.text());
  if (offer) detail.field("offer", fmt::format("link/{}", offer->id)).field("offered_by", offer->offered_by.text());
  failure.detail = detail.end_object().take();
  TRY_VOID(append_audit(tx, failure, now));
  return made;
}

Result<LinkOffer> use_offer(Transaction& tx, int64_t id, const LinkUse& use, const std::vector<OutboxMessage>& messages,
                            const AuditEntry& audit, Time now) {
  TRY(const auto offer, load_open(tx, id, LinkState::offered, now));
  if (use.by.user.empty() || use.by == offer.offered_by) {
    return Error(Code::conflict, "An account cannot be linked to itself.");
  }
  TRY_VOID(check_free(tx, offer.person, use.by));
  tx.db.run(
      "UPDATE link_offer SET state = 'used', expires = $3, used_platform = $4, used_workspace = $5, used_account = $6, "
      "used_name = $7, used_channel = $8, used_direct = $9, asked_in = $10 WHERE tenant = $1 AND id = $2",
      tx.tenant, id, to_micros(use.expires), use.by.platform, use.by.workspace, use.by.user, use.name, use.at.channel,
      use.at.direct, use.asked_in);
  forget_tries(tx, use.by);
  put_messages(tx, messages, now);
  TRY_VOID(append_audit(tx, audit, now));
  return load_offer(tx, id);
}

Status check_answerer(const LinkOffer& offer, const Identity& by) {
  if (offer.offered_by == by) return {};
  return Error(Code::forbidden, "Only the account that offered its code can answer this.");
}

Result<LinkedIdentity> confirm_offer(Transaction& tx, int64_t id, const Identity& by,
                                     const std::vector<OutboxMessage>& messages, const AuditEntry& audit, Time now) {
  TRY(const auto known, load_offer(tx, id));
  TRY_VOID(check_answerer(known, by));
  TRY(const auto offer, load_open(tx, id, LinkState::used, now));
  TRY_VOID(check_free(tx, offer.person, offer.used_by));
  LinkedIdentity link;
  link.person = offer.person;
  link.identity = offer.used_by;
  link.confirmed_by = by;
  link.since = now;
  tx.db.run(
      "INSERT INTO link (tenant, platform, workspace, account, person, by_platform, by_workspace, by_account, offer, since) "
      "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
      tx.tenant, link.identity.platform, link.identity.workspace, link.identity.user, link.person, by.platform, by.workspace,
      by.user, id, to_micros(now));
  set_state(tx, id, LinkState::linked);
  put_messages(tx, messages, now);
  TRY_VOID(append_audit(tx, audit, now));
  return link;
}

Result<LinkOffer> refuse_offer(Transaction& tx, int64_t id, const Identity& by, const std::vector<OutboxMessage>& messages,
                               const AuditEntry& audit, Time now) {
  TRY(const auto known, load_offer(tx, id));
  TRY_VOID(check_answerer(known, by));
  TRY(const auto open, load_open(tx, id, LinkState::used, now));
  set_state(tx, open.id, LinkState::refused);
  put_messages(tx, messages, now);
  TRY_VOID(append_audit(tx, audit, now));
  return load_offer(tx, id);
}

LinkedIdentity read_link(const Statement& row) {
  LinkedIdentity read;
  read.identity = Identity(row.text(0), row.text(1), row.text(2));
  read.person = row.text(3);
  read.confirmed_by = Identity(row.text(4), row.text(5), row.text(6));
  read.since = from_micros(row.integer(7));
  return read;
}

#define VEDETTE_LINK_COLUMNS "platform, workspace, account, person, by_platform, by_workspace, by_account, since"

Result<LinkedIdentity> remove_link(Transaction& tx, const Identity& identity, const AuditEntry& audit, Time now) {
  LinkedIdentity link;
  {
    auto row = tx.db.query("SELECT " VEDETTE_LINK_COLUMNS
                           " FROM link WHERE tenant = $1 AND platform = $2 AND workspace = $3 AND account = $4",
                           tx.tenant, identity.platform, identity.workspace, identity.user);
    if (!row.step()) return Error(Code::not_found, fmt::format("{} is linked to nobody.", identity.text()));
    link = read_link(row);
  }
  tx.db.run("DELETE FROM link WHERE tenant = $1 AND platform = $2 AND workspace = $3 AND account = $4", tx.tenant,
            identity.platform, identity.workspace, identity.user);
  withdraw_open(tx, identity);
  tx.db.run(
      "UPDATE link_offer SET state = 'withdrawn' WHERE tenant = $1 AND used_platform = $2 AND used_workspace = $3 AND "
      "used_account = $4 AND state = 'used'",
      tx.tenant, identity.platform, identity.workspace, identity.user);
  TRY_VOID(append_audit(tx, audit, now));
  return link;
}

}  // namespace

Async<std::vector<LinkedIdentity>> Links::all() {
  return context_.engine->read([](Transaction& tx) -> Result<std::vector<LinkedIdentity>> {
    std::vector<LinkedIdentity> links;
    auto rows = tx.db.query("SELECT " VEDETTE_LINK_COLUMNS
                            " FROM link WHERE tenant = $1 ORDER BY since, platform, workspace, account",
                            tx.tenant);
    while (rows.step()) links.push_back(read_link(rows));
    return links;
  });
}

Async<std::optional<LinkOffer>> Links::find(int64_t id) {
  return context_.engine->read([id](Transaction& tx) -> Result<std::optional<LinkOffer>> { return find_offer(tx, id); });
}

Async<std::optional<LinkOffer>> Links::open_of(Identity identity) {
  return context_.engine->read(
      [by = std::move(identity), now = context_.now()](Transaction& tx) -> Result<std::optional<LinkOffer>> {
        auto row = tx.db.query("SELECT " VEDETTE_OFFER_COLUMNS
                               " FROM link_offer WHERE tenant = $1 AND platform = $2 AND workspace = $3 AND account = $4 "
                               "AND state IN ('offered', 'used') AND expires > $5 ORDER BY id DESC LIMIT 1",
                               tx.tenant, by.platform, by.workspace, by.user, to_micros(now));
        if (!row.step()) return std::optional<LinkOffer>();
        return std::optional<LinkOffer>(read_offer(row));
      });
}

Async<LinkOffer> Links::offer(std::string person, Identity by, LinkPlace at, std::string code_hash, Time expires,
                              AuditEntry audit) {
  LinkOffer offer;
  offer.person = std::move(person);
  offer.offered_by = std::move(by);
  offer.offered_at = std::move(at);
  offer.expires = expires;
  return context_.engine->write(
      [offer = std::move(offer), code_hash = std::move(code_hash), audit = std::move(audit),
       now = context_.now()](Transaction& tx) { return make_offer(tx, offer, code_hash, audit, now); });
}

Async<LinkTry> Links::try_code(std::string code_hash, Identity by, LinkTries tries, AuditEntry failure) {
  return context_.engine->write(
      [code_hash = std::move(code_hash), by = std::move(by), tries, failure = std::move(failure),
       now = context_.now()](Transaction& tx) { return try_one(tx, code_hash, by, tries, failure, now); });
}

Async<LinkOffer> Links::use(int64_t id, LinkUse use, std::vector<OutboxMessage> messages, AuditEntry audit) {
  return context_.engine->write(
      [id, use = std::move(use), messages = std::move(messages), audit = std::move(audit),
       now = context_.now()](Transaction& tx) { return use_offer(tx, id, use, messages, audit, now); });
}

Async<LinkedIdentity> Links::confirm(int64_t id, Identity by, std::vector<OutboxMessage> messages, AuditEntry audit) {
  return context_.engine->write(
      [id, by = std::move(by), messages = std::move(messages), audit = std::move(audit),
       now = context_.now()](Transaction& tx) { return confirm_offer(tx, id, by, messages, audit, now); });
}

Async<LinkOffer> Links::refuse(int64_t id, Identity by, std::vector<OutboxMessage> messages, AuditEntry audit) {
  return context_.engine->write(
      [id, by = std::move(by), messages = std::move(messages), audit = std::move(audit),
       now = context_.now()](Transaction& tx) { return refuse_offer(tx, id, by, messages, audit, now); });
}

Async<LinkedIdentity> Links::remove(Identity identity, AuditEntry audit) {
  return context_.engine->write([identity = std::move(identity), audit = std::move(audit),
                                 now = context_.now()](Transaction& tx) { return remove_link(tx, identity, audit, now); });
}

}  // namespace vedette::sqlite
