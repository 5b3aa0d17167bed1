#include "integrations/teams/doctor.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "bot/base/json.hpp"
#include "bot/base/text.hpp"
#include "bot/net/findings.hpp"
#include "bot/net/url.hpp"

namespace vedette::teams {
namespace {

using Kind = Finding::Kind;

constexpr size_t kEnoughMembers = 500;
constexpr const char* kNewSecret =
    "entra.microsoft.com → App registrations → the app → Certificates & secrets → New client secret: its Value, not its "
    "Secret "
    "ID; write it as chat.teams.app_secret or TEAMS_APP_SECRET. Check app_id and tenant on the app's Overview too.";
constexpr const char* kNewCertificate =
    "entra.microsoft.com → App registrations → the app → Certificates & secrets → Certificates: upload that of "
    "chat.teams.certificate, and look whether it is still valid. Check app_id and tenant on the app's Overview too.";
constexpr const char* kNewIdentity =
    "portal.azure.com → this machine → Identity → User assigned: add the bot's managed identity; its client id is app_id.";
constexpr const char* kReach =
    "Check DNS and the firewall for outgoing HTTPS to login.microsoftonline.com, login.botframework.com and "
    "smba.trafficmanager.net, and HTTPS_PROXY and NO_PROXY; status.cloud.microsoft tells whether it is Microsoft.";
constexpr const char* kAddApp =
    "In Teams: the team → ⋯ → Manage team → Apps → Upload an app: what `vedette manifest teams` wrote; in a private or "
    "shared "
    "channel then also ⋯ → Manage channel → Apps.";
constexpr const char* kFindId =
    "In Teams: the channel → ⋯ → Get link to channel; the part after /channel/ up to the next /, with %3a as : and %40 as "
    "@.";

std::string sentence(std::string text) {
  if (!text.empty() && text.back() != '.') text += '.';
  return text;
}

std::string shown(const std::string& text) { return text::displayable(text::ellipsize(text, 60)); }

const char* advice_on(const Credentials& credentials) {
  if (credentials.managed_identity) return kNewIdentity;
  return credentials.certificate_file.empty() ? kNewSecret : kNewCertificate;
}

const char* name_of(const Credentials& credentials) {
  if (credentials.managed_identity) return "managed identity";
  return credentials.certificate_file.empty() ? "client secret" : "certificate";
}

// The answer came from the Connector; it only does not want to tell.
bool answered(const Error& error) { return error.code == Code::forbidden || error.code == Code::not_found; }

}  // namespace

Doctor::Doctor(Executor executor, net::HttpClient& http, const Clock& clock, TeamsOptions options)
    : executor_(std::move(executor)), http_(http), clock_(clock), options_(std::move(options)) {}

void Doctor::found(Kind kind, std::string what, std::string text, std::string advice) {
  findings_.push_back({kind, std::move(what), sentence(std::move(text)), std::move(advice)});
}

boost::asio::awaitable<std::vector<Finding>> Doctor::examine(Examination examination, Deadline deadline) {
  look_at_ids();
  co_await look_at_credentials(deadline);
  co_await look_at_keys(deadline);
  co_await look_at_way(examination, deadline);
  const auto known_as = [&examination](const std::string& id) -> std::optional<Conversation> {
    if (!examination.known) return std::nullopt;
    const auto same = [&id](const Conversation& known) { return known.id == id; };
    const auto one = std::find_if(examination.known->rbegin(), examination.known->rend(), same);
    return one == examination.known->rend() ? std::nullopt : std::optional(*one);
  };
  for (const auto& channel : examination.channels) {
    auto known = known_as(channel);
    co_await look_at_channel(channel, std::move(known), examination.known.has_value(), deadline);
  }
  if (token_issued_ && !examination.post_channel.empty()) {
    const auto known = known_as(examination.post_channel);
    Place place = place_of(examination.post_channel, known);
    co_await post_and_delete(std::move(place), deadline);
  }
  co_return std::move(findings_);
}

void Doctor::look_at_ids() {
  if (options_.app_id == options_.tenant) {
    found(
        Kind::problem, "app id", "chat.teams.app_id and chat.teams.tenant are the same GUID",
        "entra.microsoft.com → App registrations → the app → Overview: Application (client) ID and Directory (tenant) ID.");
  } else {
    found(Kind::ok, "app id", fmt::format("{} of the tenant {}", options_.app_id, options_.tenant));
  }
  if (options_.development_tokens) {
    found(Kind::note, "development", "the Bot Framework Emulator's tokens are taken too (chat.teams.development_tokens)",
          "Take that out before people rely on this Vedette.");
  }
  if (const auto url = net::parse_url(options_.cloud.login_url))
    findings_.push_back(net::proxy_finding(*url, options_.proxy, options_.no_proxy));
}

Job Doctor::look_at_credentials(Deadline deadline) {
  auto made = make_token_source(executor_, http_, clock_, options_);
  if (!made) {
    found(Kind::problem, "credentials", made.error().message, advice_on(options_.credentials));
    co_return;
  }
  tokens_ = std::move(*made);
  const auto token = co_await tokens_->token(options_.cloud.scope, deadline);
  if (!token) {
    const bool refused = token.error().code == Code::unauthenticated || token.error().code == Code::invalid_input;
    found(Kind::problem, "credentials", token.error().message, refused ? advice_on(options_.credentials) : kReach);
    co_return;
  }
  token_issued_ = true;
  found(Kind::ok, "credentials",
        fmt::format("Microsoft issues a token for the Bot Connector ({})", name_of(options_.credentials)));
}

Job Doctor::look_at_keys(Deadline deadline) {
  net::HttpRequest request("GET", options_.cloud.openid_url);
  const auto metadata = co_await http_.send(std::move(request), deadline.earlier_of(Deadline::after(options_.call_wait)));
  if (metadata) {
    findings_.push_back(net::clock_finding(metadata->headers, clock_.now(), "Microsoft's",
                                           "Beyond five minutes every activity is refused."));
  }
  Keys keys(executor_, http_, clock_, options_, options_.cloud.openid_url);
  // No key has this id: not_found says that the keys are there and this is none of them.
  const auto none = co_await keys.find("vedette-doctor", deadline);
  if (none || none.error().code == Code::not_found) {
    found(Kind::ok, "signing keys", "those that Microsoft signs activities with can be fetched");
  } else {
    found(Kind::problem, "signing keys", none.error().message, kReach);
  }
}

Place Doctor::place_of(const std::string& channel, const std::optional<Conversation>& known) const {
  Place place{options_.cloud.service_url, options_.tenant, channel};
  if (known && !known->service_url.empty()) {
    place.service_url = known->service_url;
    place.tenant = known->workspace;
  }
  return place;
}

Job Doctor::look_at_channel(std::string channel, std::optional<Conversation> known, bool heard_of, Deadline deadline) {
  const std::string what = "channel " + shown(channel);
  if (!channel.starts_with("19:") || channel.find('@') == std::string::npos || channel.find(';') != std::string::npos) {
    found(Kind::problem, what, "not the id of a channel or chat, such as 19:…@thread.tacv2", kFindId);
    co_return;
  }
  const std::string name = known && !known->name.empty() ? shown(known->name) : std::string("it");
  if (!token_issued_) {
    if (known && known->blocked) found(Kind::problem, what, "Vedette was removed or blocked there", kAddApp);
    co_return;
  }
  Connector connector(http_, *tokens_, clock_, options_);
  Place place = place_of(channel, known);
  const auto members = co_await connector.members(std::move(place), kEnoughMembers, deadline);
  if (members || members.error().code == Code::too_large) {
    if (known && known->blocked) {
      found(Kind::note, what, "Teams told Vedette that it was removed or blocked there, but lets it look again",
            "Say @Vedette help there: from then on it posts again.");
    } else if (known || !heard_of) {
      found(Kind::ok, what,
            members ? fmt::format("Vedette is in {}, with {} people", name, members->size())
                    : fmt::format("Vedette is in {}, with many people", name));
    } else {
      found(Kind::note, what,
            "Vedette is in it, but has heard nothing from there yet, so it posts by way of the usual address",
            "Once it runs, say @Vedette help there: that shows whether the way in works.");
    }
    co_return;
  }
  const Error& error = members.error();
  if (answered(error)) {
    found(Kind::problem, what, "Vedette is not in it, or there is no such channel: " + error.message, kAddApp);
  } else if (error.code == Code::unauthenticated) {
    found(
        Kind::problem, what, error.message,
        "portal.azure.com → the Azure Bot: its Microsoft App ID must be chat.teams.app_id, its channel Microsoft Teams on.");
  } else if (error.code == Code::invalid_input) {
    found(Kind::problem, what, error.message, "chat.teams.trusted_hosts says which hosts our token may go to.");
  } else {
    found(Kind::problem, what, error.message, error.code == Code::rate_limited ? "Wait a minute and ask again." : kReach);
  }
}

Job Doctor::post_and_delete(Place place, Deadline deadline) {
  Connector connector(http_, *tokens_, clock_, options_);
  JsonWriter w;
  w.begin_object().field("type", "message");
  w.field("text", "vedette doctor: a message to see that posting works. It is taken away at once.").end_object();
  Place channel = place;
  const auto posted = co_await connector.post_to_channel(std::move(channel), w.take(), deadline);
  if (!posted) {
    found(Kind::problem, "message", posted.error().message, answered(posted.error()) ? kAddApp : kReach);
    co_return;
  }
  if (!posted->conversation.empty()) place.conversation = posted->conversation;
  const auto removed = co_await connector.remove(std::move(place), posted->activity, deadline);
  if (!removed) {
    found(Kind::problem, "message", "posted, but not taken away again: " + removed.error().message, "Delete it by hand.");
    co_return;
  }
  found(Kind::ok, "message", "posted and taken away again");
}

}  // namespace vedette::teams
