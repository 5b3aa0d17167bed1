#include "bot/net/tls_probe.hpp"

#include "bot/net/connect.hpp"

namespace vedette::net {

Async<void> probe_tls12(std::string host, uint16_t port, Deadline deadline) {
  auto tls = make_probe_tls();
  if (!tls) co_return std::move(tls).error();
  Url url;
  url.scheme = "https";
  url.host = std::move(host);
  url.port = port;
  url.target = "/";
  auto connected = co_await connect_transport(std::move(url), std::nullopt, std::move(*tls), deadline);
  if (!connected) co_return std::move(connected).error();
  const TransportPtr transport = std::move(*connected);
  transport->expires_at(deadline.time());
  co_await transport->async_finish(use_tuple);
  transport->close();
  co_return Status();
}

}  // namespace vedette::net
