#pragma once
// From a conversation's id to where a call about it goes. Pure.

#include <string>

#include "integrations/teams/book.hpp"
#include "integrations/teams/connector.hpp"

namespace vedette::teams {

// By what activities have told; else by the cloud's own address and our tenant, which is right for those we were added to
// before there was a record of it.
Place place_of(const Book& book, const TeamsOptions& options, const std::string& conversation);
// Channels have threads; chats have none.
bool has_threads(const Book& book, const std::string& conversation);
// The same place, in the thread below this message.
Place in_thread(Place place, const std::string& root);

}  // namespace vedette::teams
