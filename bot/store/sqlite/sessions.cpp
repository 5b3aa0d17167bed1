#include "bot/store/sqlite/shared.hpp"
#include "bot/store/sqlite/stores.hpp"

namespace vedette::sqlite {

Async<void> Sessions::create(std::string token_hash, std::string person, Time expires) {
  return context_.engine->write([token_hash = std::move(token_hash), person = std::move(person), expires,
                                 now = context_.now()](Transaction& tx) -> Status {
    tx.db.run("DELETE FROM session WHERE tenant = $1 AND expires <= $2", tx.tenant, to_micros(now));
    tx.db.run(
        "INSERT INTO session (tenant, token_hash, person, expires) VALUES ($1, $2, $3, $4) "
        "ON CONFLICT (tenant, token_hash) DO UPDATE SET person = excluded.person, expires = excluded.expires",
        tx.tenant, token_hash, person, to_micros(expires));
    return {};
  });
}

Async<std::optional<std::string>> Sessions::person(std::string token_hash, Time now) {
  return context_.engine->read(
      [token_hash = std::move(token_hash), now](Transaction& tx) -> Result<std::optional<std::string>> {
        auto row = tx.db.query("SELECT person FROM session WHERE tenant = $1 AND token_hash = $2 AND expires > $3",
                               tx.tenant, token_hash, to_micros(now));
        if (!row.step()) return std::optional<std::string>();
        return std::optional<std::string>(row.text(0));
      });
}

Async<void> Sessions::remove(std::string token_hash) {
  return context_.engine->write([token_hash = std::move(token_hash)](Transaction& tx) -> Status {
    tx.db.run("DELETE FROM session WHERE tenant = $1 AND token_hash = $2", tx.tenant, token_hash);
    return {};
  });
}

}  // namespace vedette::sqlite
