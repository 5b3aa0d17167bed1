#include <algorithm>

#include <fmt/format.h>

#include "bot/store/sqlite/stores.hpp"

namespace vedette::sqlite {

namespace {

using Kind = Conversation::Kind;

std::string_view name_of(Kind kind) {
  switch (kind) {
    case Kind::channel: return "channel";
    case Kind::group: return "group";
    case Kind::personal: return "personal";
    case Kind::person: return "person";
  }
  return "channel";
}

Kind kind_from(std::string_view name) {
  for (const Kind kind : {Kind::group, Kind::personal, Kind::person}) {
    if (name_of(kind) == name) return kind;
  }
  return Kind::channel;
}

Status check(const Conversation& conversation) {
  if (conversation.platform.empty() || conversation.id.empty()) {
    return Error(Code::invalid_input, "A conversation without platform or id cannot be kept.");
  }
  for (const std::string* text :
       {&conversation.platform, &conversation.workspace, &conversation.id, &conversation.service_url, &conversation.bot,
        &conversation.user, &conversation.address, &conversation.team, &conversation.name}) {
    if (text->size() > kMostConversationText) {
      return Error(Code::invalid_input,
                   fmt::format("A conversation's field of {} bytes is too long to be kept.", text->size()));
    }
  }
  return {};
}

Conversation read_conversation(const Statement& row) {
  Conversation read;
  read.platform = row.text(0);
  read.workspace = row.text(1);
  read.id = row.text(2);
  read.kind = kind_from(row.view(3));
  read.service_url = row.text(4);
  read.bot = row.text(5);
  read.user = row.text(6);
  read.address = row.text(7);
  read.team = row.text(8);
  read.name = row.text(9);
  read.blocked = row.integer(10) != 0;
  read.changed = from_micros(row.integer(11));
  return read;
}

// Forgets what is beyond `most`.
void tidy_up(Transaction& tx, const std::string& platform, int64_t most) {
  int64_t kept = 0;
  {
    auto count = tx.db.query("SELECT COUNT(*) FROM conversation WHERE tenant = $1 AND platform = $2", tx.tenant, platform);
    if (count.step()) kept = count.integer(0);
  }
  if (kept <= most) return;
  tx.db.run(
      "DELETE FROM conversation WHERE number IN (SELECT number FROM conversation WHERE tenant = $1 AND platform = $2 "
      "ORDER BY kind <> 'person', changed, number LIMIT $3)",
      tx.tenant, platform, kept - most);
}

}  // namespace

std::vector<Conversation> read_conversations(Connection& connection, int64_t tenant, const std::string& platform) {
  std::vector<Conversation> read;
  auto rows = connection.query(
      "SELECT platform, workspace, id, kind, service_url, bot, person, address, team, name, blocked, changed "
      "FROM conversation WHERE tenant = $1 AND platform = $2 ORDER BY changed, number",
      tenant, platform);
  while (rows.step()) read.push_back(read_conversation(rows));
  return read;
}

Async<std::vector<Conversation>> Conversations::all(std::string platform) {
  return context_.engine->read([platform = std::move(platform)](Transaction& tx) -> Result<std::vector<Conversation>> {
    return read_conversations(tx.db, tx.tenant, platform);
  });
}

Async<void> Conversations::keep(Conversation conversation) {
  if (conversation.changed == Time()) conversation.changed = context_.now();
  return context_.engine->write([kept = std::move(conversation), most = most_](Transaction& tx) -> Status {
    TRY_VOID(check(kept));
    const int64_t changed = tx.db.run(
        "UPDATE conversation SET kind = $5, service_url = $6, bot = $7, person = $8, address = $9, team = $10, "
        "name = $11, blocked = $12, changed = $13 WHERE tenant = $1 AND platform = $2 AND workspace = $3 AND id = $4",
        tx.tenant, kept.platform, kept.workspace, kept.id, name_of(kept.kind), kept.service_url, kept.bot, kept.user,
        kept.address, kept.team, kept.name, kept.blocked, to_micros(kept.changed));
    if (changed > 0) return {};
    tx.db.run(
        "INSERT INTO conversation (tenant, platform, workspace, id, kind, service_url, bot, person, address, team, name, "
        "blocked, changed) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)",
        tx.tenant, kept.platform, kept.workspace, kept.id, name_of(kept.kind), kept.service_url, kept.bot, kept.user,
        kept.address, kept.team, kept.name, kept.blocked, to_micros(kept.changed));
    // Counting reads the index: not worth doing each time.
    if (tx.db.last_row() % std::max<int64_t>(1, most / 100) == 0) tidy_up(tx, kept.platform, most);
    return {};
  });
}

}  // namespace vedette::sqlite
