#pragma once
// From text that a person wrote or pasted to an alert: which addresses, names and the like stand in it. Pure.

#include <string_view>
#include <vector>

#include "bot/domain/alert.hpp"

namespace vedette::intake {

// In the order they stand there, at most 50. Addresses, domains, URLs (with their host), mail addresses, hashes, access keys
// and programs by their looks, also where they are defanged (203[.]0[.]113[.]7, hxxps://…); hosts and users only where it is
// said that they are: "host: web-01", "user=ann", "host:web-01". A text of one word is an entity of its own.
std::vector<Entity> entities_in(std::string_view text);

// Title, description, entities and fields; time, keys and the rest are the caller's, see complete().
Alert alert_from_text(std::string_view text);

}  // namespace vedette::intake
