#pragma once
// What every action provider that speaks HTTP must do: sort status codes into outcomes, keep deadlines, tell "surely not
// done" from "unknown", and let no secret into anything that is shown or logged.

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "bot/net/http_client.hpp"
#include "bot/respond/action_provider.hpp"
#include "tests/fakes/http_imposter.hpp"
#include "tests/support/async_test.hpp"

namespace vedette::test {

struct ProviderUnderTest {
  // A provider that talks to this base URL.
  std::function<std::unique_ptr<respond::ActionProvider>(net::HttpClient&, std::string url)> make;
  ActionPlan plan;
  // Prepares the service: everything up to the request that changes something succeeds; that one gets `answer`.
  std::function<void(HttpImposter&, std::function<net::HttpResponse(const net::HttpRequest&)> answer)> prepare;
  std::vector<std::string> secrets;
};

Job check_provider_conformance(Executor io, ProviderUnderTest subject);

}  // namespace vedette::test
