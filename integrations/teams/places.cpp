#include "integrations/teams/places.hpp"

namespace vedette::teams {

Place place_of(const Book& book, const TeamsOptions& options, const std::string& conversation) {
  Place place{options.cloud.service_url, options.tenant, conversation};
  if (const auto* known = book.find(conversation); known != nullptr && !known->service_url.empty()) {
    place.service_url = known->service_url;
    place.tenant = known->workspace;
  }
  return place;
}

bool has_threads(const Book& book, const std::string& conversation) {
  if (const auto* known = book.find(conversation)) return known->kind == chat::Conversation::Kind::channel;
  return is_channel(conversation);
}

Place in_thread(Place place, const std::string& root) {
  if (!root.empty()) place.conversation += ";messageid=" + root;
  return place;
}

}  // namespace vedette::teams
