// The Connector client against the fake Teams: what it does, and what every failure becomes.

#include "integrations/teams/connector.hpp"

#include <gtest/gtest.h>
#include <boost/asio/co_spawn.hpp>

#include "integrations/teams/trust.hpp"
#include "tests/fakes/fake_teams.hpp"
#include "tests/fakes/http_imposter.hpp"
#include "tests/support/async_test.hpp"
#include "tests/support/fake_clock.hpp"

namespace vedette::teams {
namespace {

using nlohmann::json;
using std::chrono::milliseconds;
using std::chrono::seconds;
using test::FakeTeams;
using test::FakeTeamsOptions;
using test::TeamsFault;

const std::string kEverybody;  // the message is for nobody alone

Deadline soon(milliseconds wait = seconds(5)) { return Deadline::after(wait); }

class Tokens final : public TokenSource {
 public:
  Async<std::string> token(std::string scope, Deadline) override {
    scopes.push_back(std::move(scope));
    if (error) co_return *error;
    co_return "token-" + std::to_string(number);
  }
  void refused(const std::string&, const std::string& token) override {
    refusals.push_back(token);
    ++number;
  }
  int number = 1;
  std::optional<Error> error;
  std::vector<std::string> scopes;
  std::vector<std::string> refusals;
};

struct Bench {
  explicit Bench(const Executor& io, bool limits = false)
      : http(net::make_http_client(io, {})), fake(io, fake_options(good)) {
    EXPECT_TRUE(fake.start().has_value());
    options.cloud.service_url = fake.base_url();
    options.tenant = fake.options().tenant;
    connector.emplace(*http, tokens, clock, options, limits);
    team = fake.add_team("Security", {"ann", "ben"});
    channel = fake.add_channel(team, "alerts");
  }
  static FakeTeamsOptions fake_options(std::string& good) {
    FakeTeamsOptions options;
    options.token_is_good = [&good](const std::string& token) { return good.empty() || token == good; };
    return options;
  }
  Place at(const std::string& conversation) const { return {fake.service_url(), options.tenant, conversation}; }
  void fault(const std::string& call, const std::string& kind, int retry_after = 0) {
    TeamsFault fault;
    fault.call = call;
    fault.kind = kind;
    fault.retry_after = retry_after;
    fault.hold = milliseconds(2000);
    fake.add_fault(fault);
  }

  std::string good;  // the token that is good; empty: any
  test::FakeClock clock;
  Tokens tokens;
  std::unique_ptr<net::HttpClient> http;
  FakeTeams fake;
  TeamsOptions options;
  std::optional<Connector> connector;
  std::string team;
  std::string channel;
};

std::string text(const std::string& words) { return json({{"type", "message"}, {"text", words}}).dump(); }

std::string card(const std::string& words) {
  return json({{"type", "message"},
               {"summary", words},
               {"attachments",
                {{{"contentType", "application/vnd.microsoft.card.adaptive"},
                  {"content",
                   {{"type", "AdaptiveCard"}, {"version", "1.5"}, {"body", {{{"type", "TextBlock"}, {"text", words}}}}}}}}}})
      .dump();
}

ASYNC_TEST(TeamsConnector, begins_a_thread_answers_in_it_edits_and_removes) {
  Bench bench(io);
  const auto root = co_await bench.connector->post_to_channel(bench.at(bench.channel), card("C-1"), soon());
  CO_ASSERT_OK(root);
  EXPECT_EQ(root->conversation, bench.channel + ";messageid=" + root->activity);
  const auto reply = co_await bench.connector->send(bench.at(root->conversation), card("timeline"), kEverybody, soon());
  CO_ASSERT_OK(reply);
  EXPECT_EQ(reply->conversation, root->conversation);
  const auto* below = bench.fake.find(bench.channel, reply->activity);
  CO_ASSERT_TRUE(below != nullptr);
  EXPECT_EQ(below->root, root->activity);

  const auto edited =
      co_await bench.connector->update(bench.at(root->conversation), root->activity, card("C-1 acked"), soon());
  CO_ASSERT_OK(edited);
  const auto* first = bench.fake.find(bench.channel, root->activity);
  EXPECT_EQ(first->edits, 1);
  EXPECT_EQ(first->activity, json::parse(card("C-1 acked")));
  CO_ASSERT_OK(co_await bench.connector->remove(bench.at(root->conversation), reply->activity, soon()));
  EXPECT_TRUE(below->deleted);
  const auto again = co_await bench.connector->remove(bench.at(root->conversation), reply->activity, soon());
  CO_ASSERT_TRUE(!again);
  EXPECT_EQ(again.error().code, Code::not_found);
  const auto late = co_await bench.connector->update(bench.at(root->conversation), reply->activity, card("x"), soon());
  CO_ASSERT_TRUE(!late);
  EXPECT_EQ(late.error().code, Code::not_found);
  EXPECT_EQ(bench.tokens.scopes.front(), "https://api.botframework.com/.default");
  co_await bench.fake.stop();
}

ASYNC_TEST(TeamsConnector, speaks_with_one_person) {
  Bench bench(io);
  const std::string ann = bench.fake.person("ann").address;
  const auto chat = co_await bench.connector->direct_with(bench.at(""), bench.fake.bot(), ann, soon());
  CO_ASSERT_OK(chat);
  const auto same = co_await bench.connector->direct_with(bench.at(""), bench.fake.bot(), ann, soon());
  CO_ASSERT_OK(same);
  EXPECT_EQ(*chat, *same);
  EXPECT_TRUE(bench.fake.messages().empty()) << "nothing is posted";
  CO_ASSERT_OK(co_await bench.connector->send(bench.at(*chat), text("hello"), kEverybody, soon()));
  EXPECT_EQ(bench.fake.in_room(*chat).size(), 1u);
  bench.fake.person("ben").installed = false;
  const auto refused =
      co_await bench.connector->direct_with(bench.at(""), bench.fake.bot(), bench.fake.person("ben").address, soon());
  CO_ASSERT_TRUE(!refused);
  EXPECT_EQ(refused.error().code, Code::forbidden);
  co_await bench.fake.stop();
}

ASYNC_TEST(TeamsConnector, shows_a_message_to_one_member_alone) {
  Bench bench(io);
  const std::string ann = bench.fake.person("ann").address;
  const auto sent = co_await bench.connector->send(bench.at(bench.channel), text("only you"), ann, soon());
  CO_ASSERT_OK(sent);
  EXPECT_EQ(bench.fake.find(bench.channel, sent->activity)->only_for, ann);
  bench.fake.add_person("eve");
  const auto stranger =
      co_await bench.connector->send(bench.at(bench.channel), text("x"), bench.fake.person("eve").address, soon());
  CO_ASSERT_TRUE(!stranger);
  EXPECT_EQ(stranger.error().code, Code::upstream);
  EXPECT_EQ(bench.fake.messages().size(), 1u);
  co_await bench.fake.stop();
}

ASYNC_TEST(TeamsConnector, asks_for_members_page_by_page) {
  Bench bench(io);
  std::set<std::string> people;
  for (int i = 0; i < 1200; ++i) people.insert("p" + std::to_string(i));
  const std::string big = bench.fake.add_group(people);
  const auto all = co_await bench.connector->members(bench.at(big), 5000, soon());
  CO_ASSERT_OK(all);
  EXPECT_EQ(all->size(), 1200u);
  EXPECT_EQ(bench.fake.calls("members"), 3);
  const auto some = co_await bench.connector->members(bench.at(big), 60, soon());
  CO_ASSERT_TRUE(!some);
  EXPECT_EQ(some.error().code, Code::too_large);
  EXPECT_EQ(bench.fake.calls("members"), 4) << "no further page is asked for";

  const auto& ann = bench.fake.person("ann");
  for (const auto& id : {ann.address, ann.object}) {
    const auto member = co_await bench.connector->member(bench.at(bench.channel + ";messageid=1"), id, soon());
    CO_ASSERT_OK(member);
    EXPECT_EQ(member->id, ann.address);
    EXPECT_EQ(member->object, ann.object);
    EXPECT_EQ(member->role, "user");
    EXPECT_EQ(member->tenant, bench.options.tenant);
  }
  bench.fake.add_person("eve");
  const auto nobody = co_await bench.connector->member(bench.at(bench.channel), bench.fake.person("eve").object, soon());
  CO_ASSERT_TRUE(!nobody);
  EXPECT_EQ(nobody.error().code, Code::not_found);
  co_await bench.fake.stop();
}

ASYNC_TEST(TeamsConnector, sends_nothing_to_an_attackers_address) {
  Bench bench(io);
  test::HttpImposter attacker(io);
  const std::string real = bench.fake.service_url();
  const std::string theirs = attacker.url();
  for (const std::string& url : std::vector<std::string>{
           "http://attacker.example/teams/", "https://attacker.example/teams/",
           "https://smba.trafficmanager.net.evil.example/", "https://evil.example/?smba.trafficmanager.net",
           "https://user:pass@smba.trafficmanager.net/", "ftp://x/", "", "x", real + "?x=", real + "#", theirs + "/teams/",
           "http://169.254.169.254/", "https://botframework.com.evil.example/"}) {
    Place place = bench.at(bench.channel);
    place.service_url = url;
    const auto sent = co_await bench.connector->send(place, text("x"), kEverybody, soon());
    CO_ASSERT_TRUE(!sent);
    EXPECT_EQ(sent.error().code, Code::invalid_input) << url;
    EXPECT_FALSE(sent.error().retryable);
    const auto posted = co_await bench.connector->post_to_channel(place, text("x"), soon());
    EXPECT_FALSE(posted) << url;
    const auto member = co_await bench.connector->member(place, "29:1", soon());
    EXPECT_FALSE(member) << url;
  }
  EXPECT_TRUE(bench.tokens.scopes.empty()) << "not even a token was asked for";
  EXPECT_TRUE(bench.fake.requests().empty());
  EXPECT_TRUE(attacker.requests().empty());
  co_await attacker.stop();
  co_await bench.fake.stop();
}

ASYNC_TEST(TeamsConnector, replaces_a_refused_token_once) {
  Bench bench(io);
  bench.good = "token-2";
  CO_ASSERT_OK(co_await bench.connector->send(bench.at(bench.channel), text("x"), kEverybody, soon()));
  EXPECT_EQ(bench.tokens.refusals, std::vector<std::string>{"token-1"});
  EXPECT_EQ(bench.fake.messages().size(), 1u);
  bench.good = "another";
  const auto refused = co_await bench.connector->send(bench.at(bench.channel), text("x"), kEverybody, soon());
  CO_ASSERT_TRUE(!refused);
  EXPECT_EQ(refused.error().code, Code::unauthenticated);
  EXPECT_FALSE(refused.error().retryable);
  EXPECT_EQ(refused.error().message.find("token-"), std::string::npos);
  EXPECT_EQ(bench.fake.calls("post"), 4) << "twice each";
  bench.tokens.error = Error(Code::unauthenticated, "Microsoft refuses our credentials");
  const auto none = co_await bench.connector->send(bench.at(bench.channel), text("x"), kEverybody, soon());
  CO_ASSERT_TRUE(!none);
  EXPECT_EQ(none.error().code, Code::unauthenticated);
  EXPECT_EQ(bench.fake.calls("post"), 4) << "without a token nothing leaves";
  co_await bench.fake.stop();
}

struct Sorted {
  const char* call;
  const char* kind;
  Code code;
  bool stands;  // the message is there all the same
};

ASYNC_TEST(TeamsConnector, sorts_what_goes_wrong_with_a_post) {
  for (const Sorted& row : {Sorted{"post", "401", Code::unauthenticated, true},
                            {"post", "403", Code::forbidden, false},
                            {"post", "412", Code::rate_limited, false},
                            {"post", "429", Code::rate_limited, false},
                            {"post", "500", Code::unknown_outcome, false},
                            {"post", "502", Code::unknown_outcome, false},
                            {"post", "503", Code::unavailable, false},
                            {"post", "504", Code::unknown_outcome, false},
                            {"post", "hang", Code::unknown_outcome, false},
                            {"post", "html", Code::unknown_outcome, false},
                            {"post", "store_then_hang", Code::unknown_outcome, true},
                            {"post", "store_then_500", Code::unknown_outcome, true},
                            {"post", "error:400:BadArgument", Code::upstream, false},
                            {"post", "error:404:ConversationNotFound", Code::not_found, false},
                            {"post", "error:403:BotDisabledByAdmin", Code::forbidden, false},
                            {"post", "error:413:MessageSizeTooBig", Code::too_large, false}}) {
    Bench bench(io);
    bench.fault(row.call, row.kind);
    const auto sent =
        co_await bench.connector->send(bench.at(bench.channel), text("x"), kEverybody, soon(milliseconds(300)));
    if (std::string_view(row.kind) == "401") {
      EXPECT_TRUE(sent) << "one refusal is answered by another token";
    } else {
      CO_ASSERT_TRUE(!sent);
      EXPECT_EQ(sent.error().code, row.code) << row.kind << ": " << sent.error().message;
      EXPECT_EQ(sent.error().retry_after.has_value(), row.code == Code::rate_limited || row.code == Code::forbidden)
          << row.kind;
    }
    EXPECT_EQ(bench.fake.messages().size(), row.stands ? 1u : 0u) << row.kind;
    co_await bench.fake.stop();
  }
}

ASYNC_TEST(TeamsConnector, sorts_what_goes_wrong_with_an_edit) {
  for (const Sorted& row : {Sorted{"edit", "412", Code::rate_limited, false},
                            {"edit", "429", Code::rate_limited, false},
                            {"edit", "500", Code::unavailable, false},
                            {"edit", "502", Code::rate_limited, false},
                            {"edit", "503", Code::unavailable, false},
                            {"edit", "504", Code::rate_limited, false},
                            {"edit", "hang", Code::unavailable, false},
                            {"edit", "store_then_hang", Code::unavailable, true},
                            {"edit", "store_then_500", Code::unavailable, true},
                            {"edit", "403", Code::forbidden, false}}) {
    Bench bench(io);
    const auto sent = co_await bench.connector->send(bench.at(bench.channel), text("x"), kEverybody, soon());
    CO_ASSERT_OK(sent);
    bench.fault(row.call, row.kind);
    const auto edited =
        co_await bench.connector->update(bench.at(bench.channel), sent->activity, text("y"), soon(milliseconds(300)));
    CO_ASSERT_TRUE(!edited);
    EXPECT_EQ(edited.error().code, row.code) << row.kind << ": " << edited.error().message;
    EXPECT_TRUE(edited.error().retryable) << row.kind;
    EXPECT_EQ(bench.fake.messages().front().edits, row.stands ? 1 : 0) << row.kind;
    co_await bench.fake.stop();
  }
}

ASYNC_TEST(TeamsConnector, says_what_teams_would_not_show) {
  Bench bench(io);
  const auto large =
      co_await bench.connector->send(bench.at(bench.channel), text(std::string(52'000, 'x')), kEverybody, soon());
  CO_ASSERT_TRUE(!large);
  EXPECT_EQ(large.error().code, Code::too_large) << "counted as UTF-16";
  json both = json::parse(card("x"));
  both["text"] = "beside it";
  const auto split = co_await bench.connector->send(bench.at(bench.channel), both.dump(), kEverybody, soon());
  CO_ASSERT_TRUE(!split);
  EXPECT_EQ(split.error().code, Code::unknown_outcome) << "it stands there, and nobody knows by which id";
  const auto typing = co_await bench.connector->send(bench.at(bench.channel), R"({"type":"typing"})", kEverybody, soon());
  CO_ASSERT_OK(typing);
  EXPECT_EQ(typing->activity, "");
  co_await bench.fake.stop();
}

ASYNC_TEST(TeamsConnector, hears_that_it_was_removed) {
  Bench bench(io);
  bench.fake.room(bench.channel).bot_in = false;
  const auto outside = co_await bench.connector->send(bench.at(bench.channel), text("x"), kEverybody, soon());
  CO_ASSERT_TRUE(!outside);
  EXPECT_EQ(outside.error().code, Code::forbidden);
  EXPECT_TRUE(outside.error().retryable);
  bench.fake.room(bench.channel).bot_in = true;
  bench.fake.room(bench.channel).writes_blocked = true;
  const auto blocked = co_await bench.connector->post_to_channel(bench.at(bench.channel), text("x"), soon());
  CO_ASSERT_TRUE(!blocked);
  EXPECT_EQ(blocked.error().code, Code::forbidden);
  const auto nowhere = co_await bench.connector->send(bench.at("19:nowhere@thread.tacv2"), text("x"), kEverybody, soon());
  CO_ASSERT_TRUE(!nowhere);
  EXPECT_EQ(nowhere.error().code, Code::not_found);
  co_await bench.fake.stop();
}

ASYNC_TEST(TeamsConnector, waits_as_told_before_the_next_call_there) {
  Bench bench(io);
  bench.fault("post", "429", 7);
  const auto refused = co_await bench.connector->send(bench.at(bench.channel), text("x"), kEverybody, soon());
  CO_ASSERT_TRUE(!refused && refused.error().retry_after.has_value());
  EXPECT_GE(*refused.error().retry_after, seconds(7));
  EXPECT_LE(*refused.error().retry_after, milliseconds(8750));
  const std::string thread = bench.channel + ";messageid=1";
  const auto held = co_await bench.connector->send(bench.at(thread), text("x"), kEverybody, soon());
  CO_ASSERT_TRUE(!held);
  EXPECT_EQ(held.error().code, Code::rate_limited) << "a channel's threads wait with it";
  EXPECT_EQ(bench.fake.calls("post"), 1) << "no request was made";
  CO_ASSERT_OK(co_await bench.connector->send(bench.at(bench.team), text("elsewhere"), kEverybody, soon()));
  bench.clock.advance(milliseconds(8800));
  CO_ASSERT_OK(co_await bench.connector->send(bench.at(bench.channel), text("x"), kEverybody, soon()));
  co_await bench.fake.stop();
}

ASYNC_TEST(TeamsConnector, keeps_microsofts_limits_beforehand) {
  Bench bench(io, true);
  bench.fake.keep_limits();
  int said = 0;
  for (int i = 0; i < 20; ++i) {
    const auto sent = co_await bench.connector->send(bench.at(bench.channel), text("x"), kEverybody, soon());
    if (sent) {
      ++said;
      continue;
    }
    EXPECT_EQ(sent.error().code, Code::rate_limited);
    EXPECT_TRUE(sent.error().retry_after.has_value());
  }
  EXPECT_EQ(said, 7);
  EXPECT_EQ(bench.fake.calls("post"), 7) << "nothing was sent only to be refused";
  co_await bench.fake.stop();
}

ASYNC_TEST(TeamsConnector, knows_no_limits_of_an_emulator) {
  Bench bench(io);
  for (int i = 0; i < 60; ++i)
    CO_ASSERT_OK(co_await bench.connector->send(bench.at(bench.channel), text("x"), kEverybody, soon()));
  EXPECT_EQ(bench.fake.messages().size(), 60u);
  co_await bench.fake.stop();
}

ASYNC_TEST(TeamsConnector, does_not_follow_lists_that_never_end) {
  Bench bench(io);
  test::HttpImposter odd(io);
  bench.options.cloud.service_url = odd.url() + "/";
  Connector connector(*bench.http, bench.tokens, bench.clock, bench.options);
  Place place = bench.at("19:a");
  place.service_url = odd.url() + "/";
  odd.always([](const net::HttpRequest&) {
    return net::HttpResponse(200, "application/json", R"({"members":[{"id":"29:1"}],"continuationToken":"same"})");
  });
  const auto endless = co_await connector.members(place, 10'000, soon());
  CO_ASSERT_TRUE(!endless);
  EXPECT_EQ(endless.error().code, Code::upstream);
  EXPECT_EQ(odd.requests().size(), 2u);
  co_await odd.stop();
  co_await bench.fake.stop();
}

// Nothing left this machine: the message is neither in doubt nor lost.
ASYNC_TEST(TeamsConnector, without_a_token_nothing_was_sent_however_that_ended) {
  Bench bench(io);
  for (const Code code : {Code::timeout, Code::cancelled, Code::unavailable, Code::rate_limited}) {
    bench.tokens.error = Error(code, "no token");
    const std::string activity = text("hello");
    const auto sent = co_await bench.connector->send(bench.at(bench.channel), activity, kEverybody, soon());
    EXPECT_FALSE(sent);
    if (!sent) EXPECT_EQ(sent.error().code, code == Code::rate_limited ? code : Code::unavailable);
    if (!sent) EXPECT_TRUE(sent.error().retryable);
  }
  EXPECT_TRUE(bench.fake.requests().empty());
  co_await bench.fake.stop();
}

}  // namespace
}  // namespace vedette::teams
