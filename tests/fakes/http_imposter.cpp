#include "tests/fakes/http_imposter.hpp"

#include <stdexcept>

#include <fmt/format.h>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace vedette::test {

namespace asio = boost::asio;
using asio::ip::tcp;
constexpr auto use_tuple = asio::as_tuple(asio::use_awaitable);

HttpImposter::HttpImposter(Executor io) {
  always_ = [](const net::HttpRequest&) { return net::HttpResponse(200, "application/json", "{}"); };
  server_ = net::make_http_server(io, {});
  for (const std::string method : {"GET", "POST", "PUT", "PATCH", "DELETE"}) {
    net::Route route;
    route.method = method;
    route.pattern = "/{path...}";
    route.handler = [this](net::HttpRequest request) { return handle(std::move(request)); };
    server_->add(std::move(route));
  }
  if (const auto started = server_->start(); !started) throw std::runtime_error(started.error().message);
}

HttpImposter::~HttpImposter() = default;

std::string HttpImposter::url() const { return fmt::format("http://127.0.0.1:{}", server_->port()); }

asio::awaitable<net::HttpResponse> HttpImposter::handle(net::HttpRequest request) {
  requests_.push_back(request);
  while (hang_ && !stopping_) {
    const bool stop = co_await cancelled();
    if (stop) break;
    co_await sleep_for(std::chrono::milliseconds(5));
  }
  if (queue_.empty()) co_return always_(request);
  auto response = std::move(queue_.front());
  queue_.pop_front();
  co_return response;
}

asio::awaitable<void> HttpImposter::stop() {
  stopping_ = true;
  const auto deadline = Deadline::after(std::chrono::seconds(2));
  co_await server_->stop(deadline);
}

struct DroppingServer::Impl {
  explicit Impl(Executor io) : acceptor(io, tcp::endpoint(asio::ip::address_v4::loopback(), 0)), group(io, "dropping") {}
  tcp::acceptor acceptor;
  TaskGroup group;
  int dropped = 0;

  static Job accept(std::shared_ptr<Impl> self) {
    while (true) {
      const bool stop = co_await cancelled();
      if (stop) co_return;
      auto [error, socket] = co_await self->acceptor.async_accept(use_tuple);
      if (error) co_return;
      char bytes[4096];
      const auto buffer = asio::buffer(bytes);
      co_await socket.async_read_some(buffer, use_tuple);
      ++self->dropped;
      boost::system::error_code ignored;
      socket.close(ignored);
    }
  }
};

DroppingServer::DroppingServer(Executor io) : impl_(std::make_shared<Impl>(io)) {
  impl_->group.spawn("accept", Impl::accept(impl_));
}
DroppingServer::~DroppingServer() = default;
std::string DroppingServer::url() const {
  return fmt::format("http://127.0.0.1:{}", impl_->acceptor.local_endpoint().port());
}
int DroppingServer::dropped() const { return impl_->dropped; }
asio::awaitable<void> DroppingServer::stop() {
  const auto deadline = Deadline::after(std::chrono::seconds(2));
  co_await impl_->group.stop(deadline);
}

std::string url_of_nobody(Executor io) {
  tcp::acceptor acceptor(io, tcp::endpoint(asio::ip::address_v4::loopback(), 0));
  return fmt::format("http://127.0.0.1:{}", acceptor.local_endpoint().port());
}

}  // namespace vedette::test
