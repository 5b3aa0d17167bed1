// How a program in another language steers the fake Socket Mode service: POST /_control/WHAT with a JSON object.
//   send {geo, activity, changes?} → {handle}        answer {handle, wait_ms?} → {answered, result, error}
//   shape {split?, coalesced?, pascal?, activity?}   fault {step, kind, times?, geo?}
//   socket {geo, action: kill | close | hush | call, error?, reconnect?, target?}
//   state → {sockets: {geo: n}, opened, connects, pings, complaints, lost, calls_answered}

#include "tests/fakes/fake_teams_socket.hpp"

namespace vedette::test {

using json = nlohmann::json;

json FakeTeamsSocket::state() const {
  json sockets = json::object();
  json connects = json::object();
  for (const auto& geography : options_.geographies) {
    sockets[geography] = this->sockets(geography).size();
    connects[geography] = this->connects(geography);
  }
  return {{"ok", true},      {"sockets", sockets},        {"connects", connects}, {"opened", opened_},
          {"pings", pings_}, {"complaints", complaints_}, {"lost", lost()},       {"calls_answered", calls_answered_}};
}

boost::asio::awaitable<net::HttpResponse> FakeTeamsSocket::control(net::HttpRequest request) {
  const std::string what = request.params["what"];
  const json in = json::parse(request.body, nullptr, false);
  json out = {{"ok", true}};
  const std::string geo = in.is_object() ? in.value("geo", "") : "";
  if (!in.is_object()) {
    out = {{"ok", false}, {"error", "no JSON object"}};
  } else if (what == "send") {
    out["handle"] = send(geo, in.at("activity"), in.value("changes", json()));
  } else if (what == "answer") {
    const size_t handle = in.at("handle");
    const std::chrono::milliseconds wait(in.value("wait_ms", 3000));
    bool answered = handle < sent_.size();
    if (answered) answered = co_await wait_answered(handle, wait);
    out["answered"] = answered;
    if (out["answered"] == true) out.update({{"result", sent_[handle].result}, {"error", sent_[handle].error}});
  } else if (what == "shape") {
    shape_ = {in.value("split", false), in.value("coalesced", false), in.value("pascal", false),
              in.value("activity", false)};
  } else if (what == "fault") {
    fault({in.at("step"), in.at("kind"), in.value("times", 1), 0, geo});
  } else if (what == "socket") {
    const auto ids = sockets(geo);
    const std::string action = in.at("action");
    out["ok"] = !ids.empty();
    if (!ids.empty() && action == "kill") kill(ids.back());
    if (!ids.empty() && action == "hush") hush(ids.back());
    if (!ids.empty() && action == "close") close(ids.back(), in.value("error", ""), in.value("reconnect", false));
    if (!ids.empty() && action == "call") call(ids.back(), in.at("target"), true);
  } else {
    out = state();
  }
  co_return net::HttpResponse(200, "application/json", out.dump());
}

}  // namespace vedette::test
