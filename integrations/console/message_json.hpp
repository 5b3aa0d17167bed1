#pragma once
// A message as the console's pages get it. The shape is private to the console.

#include <string>

#include "bot/base/json.hpp"
#include "bot/chat/card.hpp"
#include "bot/domain/person.hpp"
#include "bot/store/outbox_store.hpp"

namespace vedette::console {

// {"id", "slot", "channel", "thread_of", "author": {"id", "name"} | null, "private", "version", "created", "changed",
// "tone",
//  "summary", and "text" (what a person typed) or "card" (Adaptive Card)}. A stored card that cannot be read is shown as a
// message that says so.
void write_message(JsonWriter& w, const OutboxRow& row, const Directory& directory);
void write_person(JsonWriter& w, const Person& person);  // {"id", "name", "roles"}

// What a person typed, as a neutral card: how the outbox keeps it.
std::string said_card(const std::string& text);

}  // namespace vedette::console
