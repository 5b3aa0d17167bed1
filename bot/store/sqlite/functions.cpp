#include <sqlite3.h>

#include "bot/store/sqlite/engine.hpp"
#include "bot/store/sqlite/event_columns.hpp"

namespace vedette::sqlite {

namespace {

std::string_view argument(sqlite3_value* value) {
  const auto* bytes = reinterpret_cast<const char*>(sqlite3_value_text(value));
  if (bytes == nullptr) return {};
  return {bytes, static_cast<size_t>(sqlite3_value_bytes(value))};
}

void in_network_function(sqlite3_context* context, int, sqlite3_value** values) {
  sqlite3_result_int(context, in_network(argument(values[0]), argument(values[1])) ? 1 : 0);
}

}  // namespace

void add_functions(Connection& connection) {
  const int code = sqlite3_create_function_v2(connection.handle(), "in_network", 2,
                                              SQLITE_UTF8 | SQLITE_DETERMINISTIC | SQLITE_DIRECTONLY, nullptr,
                                              in_network_function, nullptr, nullptr, nullptr);
  if (code != SQLITE_OK) throw SqlError(code, sqlite3_errmsg(connection.handle()));
}

}  // namespace vedette::sqlite
