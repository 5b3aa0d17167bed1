#pragma once
// How a fake Microsoft brings an activity to the bot, whichever the way in: an HTTP request, the relay or a socket.

#include <functional>
#include <string>

#include <boost/asio/awaitable.hpp>

namespace vedette::test {

struct CarriedAnswer {
  int status = 0;  // 0: nobody took it, or the connection broke before the answer
  std::string body;
};

// `activity` is JSON; `authorization` the header that Teams would send ("Bearer …"), ignored where the way has none.
using ActivityCarrier =
    std::function<boost::asio::awaitable<CarriedAnswer>(std::string activity, std::string authorization)>;

}  // namespace vedette::test
