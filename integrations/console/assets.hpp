#pragma once
// The console's static files, built into the program. They are the same for everybody and hold no secret, so they need no
// session.

#include "bot/net/http_server.hpp"

namespace vedette::console {

// GET / and one route a file; with a strict content security policy, ETag, and gzip for those who take it.
void add_asset_routes(net::HttpServer& server);
// Headers every answer of the console carries.
void add_security_headers(net::HttpResponse& response);

}  // namespace vedette::console
