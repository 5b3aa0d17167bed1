#pragma once
// What the {names} in questions and answers stand for. Pure; the functions returned refer to their arguments.

#include <string>
#include <string_view>

#include "bot/investigate/dossier.hpp"
#include "bot/investigate/phrase.hpp"

namespace vedette::investigate {

// A field of an alert, or its "title", "description", "rule", "rule_name", "category", "source", "severity" as alert.title,
// …
std::string_view alert_value(const Alert& alert, std::string_view name);

// {subject}, {host}, {user}, … (the subject if it is of that type, else the first of the case), {alert.<field>},
// {short:host}.
PhraseLookup case_names(const Ask& ask, const Dossier& dossier);

}  // namespace vedette::investigate
