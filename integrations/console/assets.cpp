#include "integrations/console/assets.hpp"

#include <map>
#include <memory>
#include <string>

#include <fmt/format.h>
#include <zlib.h>

#include "bot/base/crypto.hpp"
#include "bot/base/embedded.hpp"
#include "bot/base/text.hpp"

namespace vedette::console {
namespace {

// Nothing from elsewhere, no inline script or style, no frames. Trusted types keep any script from making HTML out of text;
// the three names are policies that the card library creates when it loads.
constexpr std::string_view kContentPolicy =
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; manifest-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; "
    "trusted-types adaptivecards#markdownPassthroughPolicy adaptivecards#restoreContentsPolicy "
    "adaptivecards#deprecatedExportedFunctionPolicy";

std::string_view content_type_of(std::string_view name) {
  const auto ends = [&](std::string_view suffix) { return name.ends_with(suffix); };
  if (ends(".html")) return "text/html; charset=utf-8";
  if (ends(".js")) return "text/javascript; charset=utf-8";
  if (ends(".css")) return "text/css; charset=utf-8";
  if (ends(".svg")) return "image/svg+xml";
  if (ends(".webmanifest")) return "application/manifest+json";
  if (ends(".png")) return "image/png";
  if (ends(".txt")) return "text/plain; charset=utf-8";
  return "application/octet-stream";
}

// RFC 1952; empty when it cannot be made, and then the plain bytes go out.
std::string gzip(std::string_view bytes) {
  z_stream stream{};
  if (deflateInit2(&stream, Z_BEST_COMPRESSION, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY) != Z_OK) return {};
  std::string out(deflateBound(&stream, static_cast<uLong>(bytes.size())), '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
  stream.avail_in = static_cast<uInt>(bytes.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  const bool done = deflate(&stream, Z_FINISH) == Z_STREAM_END;
  out.resize(done ? stream.total_out : 0);
  deflateEnd(&stream);
  return out;
}

// Accept-Encoding names gzip without refusing it ("gzip;q=0").
bool takes_gzip(std::string_view accept) {
  for (const auto& part : text::split(accept, ',')) {
    const auto pieces = text::split(part, ';');
    if (!text::iequals(text::trim(pieces.front()), "gzip")) continue;
    if (pieces.size() == 1) return true;
    const auto quality = text::trim(pieces[1]);
    return quality != "q=0" && quality != "q=0.0" && quality != "q=0.00" && quality != "q=0.000";
  }
  return false;
}

struct Asset {
  explicit Asset(const EmbeddedFile& file)
      : content(file.content),
        type(content_type_of(file.name)),
        etag("\"" + crypto::sha256_hex(file.content).substr(0, 20) + "\"") {}
  std::string_view content;
  std::string_view type;
  std::string etag;
  std::string zipped;  // made when first asked for
};

net::HttpResponse answer(Asset& asset, const net::HttpRequest& request) {
  net::HttpResponse response(200);
  add_security_headers(response);
  response.headers.set("Content-Security-Policy", std::string(kContentPolicy));
  // Always asked for again, hardly ever sent again: a new version is there at once.
  response.headers.set("Cache-Control", "no-cache");
  response.headers.set("ETag", asset.etag);
  response.headers.set("Vary", "Accept-Encoding");
  if (request.headers.get("If-None-Match").find(asset.etag) != std::string_view::npos) {
    response.status = 304;
    return response;
  }
  response.headers.set("Content-Type", std::string(asset.type));
  if (asset.content.size() > 1024 && takes_gzip(request.headers.get("Accept-Encoding"))) {
    if (asset.zipped.empty()) asset.zipped = gzip(asset.content);
    if (!asset.zipped.empty()) {
      response.headers.set("Content-Encoding", "gzip");
      response.body = asset.zipped;
      return response;
    }
  }
  response.body = std::string(asset.content);
  return response;
}

boost::asio::awaitable<net::HttpResponse> serve(std::shared_ptr<Asset> asset, net::HttpRequest request) {
  co_return answer(*asset, request);
}

}  // namespace

void add_security_headers(net::HttpResponse& response) {
  response.headers.set("X-Content-Type-Options", "nosniff");
  response.headers.set("Referrer-Policy", "no-referrer");
  response.headers.set("Cross-Origin-Opener-Policy", "same-origin");
  response.headers.set("Cross-Origin-Resource-Policy", "same-origin");
  response.headers.set("X-Frame-Options", "DENY");
}

void add_asset_routes(net::HttpServer& server) {
  for (const auto& file : embedded_console_assets()) {
    const auto asset = std::make_shared<Asset>(file);
    const auto handler = [asset](net::HttpRequest request) { return serve(asset, std::move(request)); };
    if (file.name == "index.html") server.add({"GET", "/", handler});
    server.add({"GET", "/" + std::string(file.name), handler});
  }
}

}  // namespace vedette::console
