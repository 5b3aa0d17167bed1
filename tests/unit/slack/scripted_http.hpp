#pragma once
// An HTTP client for the Web API's tests.

#include <deque>
#include <string>
#include <vector>

#include "bot/net/http_client.hpp"
#include "integrations/slack/options.hpp"

namespace vedette::slack {

// Answers what it was told to, in order, and remembers the requests.
class Scripted final : public net::HttpClient {
 public:
  Async<net::HttpResponse> send(net::HttpRequest request, Deadline) override {
    requests.push_back(std::move(request));
    if (answers.empty()) co_return Error(Code::internal, "the script is at its end");
    auto answer = std::move(answers.front());
    answers.pop_front();
    co_return answer;
  }
  void json(std::string body, int status = 200) {
    answers.emplace_back(net::HttpResponse(status, "application/json", std::move(body)));
  }
  void error(Code code) { answers.emplace_back(Error(code, "no connection", true)); }
  void self() { json(R"({"ok":true,"user_id":"U0BOT","bot_id":"B0BOT","team_id":"T1"})"); }

  std::deque<Result<net::HttpResponse>> answers;
  std::vector<net::HttpRequest> requests;
};

inline SlackOptions options() {
  SlackOptions result;
  result.app_token = Secret("xapp-secret-of-the-test");
  result.bot_token = Secret("xoxb-secret-of-the-test");
  result.api_url = "https://slack.example/api";
  return result;
}

inline Deadline soon() { return Deadline::after(std::chrono::seconds(5)); }

}  // namespace vedette::slack
