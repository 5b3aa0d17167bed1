#include "bot/base/crypto.hpp"
#include "tests/unit/console/console_fixture.hpp"

namespace vedette::console::test {
namespace {

std::string token_body(std::string_view token, std::string_view person = {}) {
  JsonWriter w;
  w.begin_object().field("token", token);
  if (!person.empty()) w.field("person", person);
  return w.end_object().take();
}

ASYNC_TEST(ConsoleSignIn, PersonalTokenOpensASession) {
  ConsoleFixture fixture(io);
  Browser browser;
  const auto answer = co_await fixture.post(browser, "/console/api/session", token_body("ann-token-0001"));
  EXPECT_EQ(answer.status, 200);
  const std::string cookie(answer.headers.get("Set-Cookie"));
  EXPECT_NE(cookie.find("; HttpOnly"), std::string::npos);
  EXPECT_NE(cookie.find("; SameSite=Strict"), std::string::npos);
  EXPECT_NE(cookie.find("; Path=/"), std::string::npos);
  EXPECT_EQ(cookie.find("Domain"), std::string::npos);
  const auto me = co_await fixture.get(browser, "/console/api/me");
  EXPECT_EQ(me.status, 200);
  EXPECT_EQ(json_of(me).at("/person/name").string_or(""), "Ann Ek");
  EXPECT_FALSE(json_of(me)["shared"].boolean_or(true));
  EXPECT_FALSE(json_of(me)["people"].exists());
  EXPECT_EQ(me.headers.get("Cache-Control"), "no-store");
}

ASYNC_TEST(ConsoleSignIn, CookieIsSecureBehindTls) {
  ConsoleFixture fixture(io);
  auto request = fixture.request({}, "POST", "/console/api/session", token_body("ann-token-0001"));
  request.tls = true;
  const auto answer = co_await fixture.call(std::move(request));
  const std::string cookie(answer.headers.get("Set-Cookie"));
  EXPECT_TRUE(cookie.starts_with("__Host-vedette")) << cookie;
  EXPECT_NE(cookie.find("; Secure"), std::string::npos);
}

ASYNC_TEST(ConsoleSignIn, TheStoreKnowsOnlyTheHash) {
  ConsoleFixture fixture(io);
  const auto browser = co_await fixture.signed_in("ann");
  const std::string token = browser.cookie.substr(browser.cookie.find('=') + 1);
  EXPECT_EQ(token.size(), 64u);
  const auto as_hash = co_await fixture.store->sessions().person(crypto::sha256_hex(token), fixture.clock.now());
  CO_ASSERT_OK(as_hash);
  EXPECT_TRUE(as_hash->has_value());
  const auto as_is = co_await fixture.store->sessions().person(token, fixture.clock.now());
  CO_ASSERT_OK(as_is);
  EXPECT_FALSE(as_is->has_value());
}

ASYNC_TEST(ConsoleSignIn, WrongTokensAreRefusedAndSlowedDown) {
  ConsoleFixture fixture(io);
  Browser guesser;
  guesser.peer = "198.51.100.9";
  for (int i = 0; i < 10; ++i) {
    const auto answer = co_await fixture.post(guesser, "/console/api/session", token_body("guess-" + std::to_string(i)));
    EXPECT_EQ(answer.status, 401) << i;
    EXPECT_EQ(answer.headers.count("Set-Cookie"), 0u);
  }
  // Now even the right token has to wait, or guessing would go on.
  auto answer = co_await fixture.post(guesser, "/console/api/session", token_body("ann-token-0001"));
  EXPECT_EQ(answer.status, 429);
  EXPECT_EQ(answer.headers.get("Retry-After"), "60");
  EXPECT_TRUE(guesser.cookie.empty());
  Browser other;
  answer = co_await fixture.post(other, "/console/api/session", token_body("ann-token-0001"));
  EXPECT_EQ(answer.status, 200) << "another address is not held up";
  fixture.clock.advance(std::chrono::seconds(61));
  answer = co_await fixture.post(guesser, "/console/api/session", token_body("ann-token-0001"));
  EXPECT_EQ(answer.status, 200);
}

ASYNC_TEST(ConsoleSignIn, ManyAddressesTogetherAreSlowedDownToo) {
  ConsoleFixture fixture(io);
  for (int i = 0; i < 100; ++i) {
    Browser guesser;
    guesser.peer = "198.51.100." + std::to_string(i);
    const auto answer = co_await fixture.post(guesser, "/console/api/session", token_body("guess"));
    EXPECT_EQ(answer.status, 401);
  }
  Browser another;
  another.peer = "203.0.113.1";
  const auto answer = co_await fixture.post(another, "/console/api/session", token_body("guess"));
  EXPECT_EQ(answer.status, 429);
}

ASYNC_TEST(ConsoleSignIn, AnEmptyTokenOpensNothing) {
  ConsoleOptions options = ConsoleFixture::default_options();
  options.sign_in.shared_token = Secret();
  options.sign_in.tokens.push_back({"cy", Secret()});
  ConsoleFixture fixture(io, options);
  Browser browser;
  for (const auto* body : {R"({"token":""})", R"({"token":"","person":"cy"})", R"({})", R"([])", "x"}) {
    const auto answer = co_await fixture.post(browser, "/console/api/session", body);
    EXPECT_GE(answer.status, 400) << body;
    EXPECT_TRUE(browser.cookie.empty()) << body;
  }
}

ASYNC_TEST(ConsoleSignIn, SharedTokenLetsOneChooseAndChange) {
  ConsoleFixture fixture(io);
  Browser browser;
  auto answer = co_await fixture.post(browser, "/console/api/session", token_body("shared-token-0003"));
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(json_of(answer)["choose"].size(), 3u);
  EXPECT_EQ(json_of(answer).at("/choose/2/name").string_or(""), "cy") << "no name: the id";
  EXPECT_TRUE(browser.cookie.empty());
  answer = co_await fixture.post(browser, "/console/api/session", token_body("shared-token-0003", "nobody"));
  EXPECT_EQ(answer.status, 403);
  answer = co_await fixture.post(browser, "/console/api/session", token_body("shared-token-0003", "ann"));
  EXPECT_EQ(answer.status, 200);
  const Browser as_ann = browser;
  answer = co_await fixture.get(browser, "/console/api/me");
  EXPECT_EQ(json_of(answer)["people"].size(), 3u);
  answer = co_await fixture.post(browser, "/console/api/session", R"({"person":"bob"})");
  EXPECT_EQ(answer.status, 200);
  answer = co_await fixture.get(browser, "/console/api/me");
  EXPECT_EQ(json_of(answer).at("/person/id").string_or(""), "bob");
  Browser old = as_ann;
  answer = co_await fixture.get(old, "/console/api/me");
  EXPECT_EQ(answer.status, 401) << "the session before the change is over";
}

ASYNC_TEST(ConsoleSignIn, PersonalTokenIsForItsPersonAlone) {
  ConsoleFixture fixture(io);
  Browser browser;
  auto answer = co_await fixture.post(browser, "/console/api/session", token_body("ann-token-0001", "bob"));
  EXPECT_EQ(answer.status, 403);
  EXPECT_TRUE(browser.cookie.empty());
  browser = co_await fixture.signed_in("ann");
  answer = co_await fixture.post(browser, "/console/api/session", R"({"person":"bob"})");
  EXPECT_EQ(answer.status, 403);
  answer = co_await fixture.get(browser, "/console/api/me");
  EXPECT_EQ(json_of(answer).at("/person/id").string_or(""), "ann");
}

ASYNC_TEST(ConsoleSignIn, SessionsEnd) {
  ConsoleFixture fixture(io);
  auto browser = co_await fixture.signed_in("ann");
  const auto copy = browser;
  auto answer = co_await fixture.post(browser, "/console/api/sign-out", "{}");
  EXPECT_EQ(answer.status, 200);
  EXPECT_NE(answer.headers.get("Set-Cookie").find("Max-Age=0"), std::string_view::npos);
  auto kept = copy;
  answer = co_await fixture.get(kept, "/console/api/me");
  EXPECT_EQ(answer.status, 401) << "signed out on the server too, not just in the browser";

  auto later = co_await fixture.signed_in("bob");
  fixture.clock.advance(std::chrono::hours(11));
  answer = co_await fixture.get(later, "/console/api/me");
  EXPECT_EQ(answer.status, 200);
  fixture.clock.advance(std::chrono::hours(2));
  answer = co_await fixture.get(later, "/console/api/me");
  EXPECT_EQ(answer.status, 401);
}

ASYNC_TEST(ConsoleSignIn, EverythingNeedsASession) {
  ConsoleFixture fixture(io);
  Browser nobody;
  for (const auto* target : {"/console/api/me", "/console/api/channels", "/console/api/messages?channel=soc",
                             "/console/api/thread?channel=soc&root=a", "/console/api/complete?text=l"}) {
    const auto answer = co_await fixture.get(nobody, target);
    EXPECT_EQ(answer.status, 401) << target;
  }
  for (const auto* target : {"/console/api/sign-out", "/console/api/interact"}) {
    const auto answer = co_await fixture.post(nobody, target, R"({"text":"help","channel":"soc","key":"12345678"})");
    EXPECT_EQ(answer.status, 401) << target;
  }
  const auto answer = co_await fixture.post(nobody, "/console/api/session", R"({"person":"ann"})");
  EXPECT_EQ(answer.status, 401);
  Browser forged;
  forged.cookie = "vedette_8080=" + std::string(64, 'a');
  const auto refused = co_await fixture.get(forged, "/console/api/me");
  EXPECT_EQ(refused.status, 401);
  EXPECT_TRUE(fixture.sink.taken.empty());
}

ASYNC_TEST(ConsoleSignIn, OtherSitesAreRefused) {
  ConsoleFixture fixture(io);
  const auto browser = co_await fixture.signed_in("ann");
  struct Foreign {
    const char* header;
    const char* value;
  };
  for (const Foreign foreign :
       {Foreign{"Origin", "https://evil.example"}, Foreign{"Origin", "null"}, Foreign{"Origin", "http://127.0.0.1:8081"},
        Foreign{"X-Vedette", ""}, Foreign{"Sec-Fetch-Site", "cross-site"}, Foreign{"Sec-Fetch-Site", "same-site"}}) {
    auto request =
        fixture.request(browser, "POST", "/console/api/interact", R"({"text":"help","channel":"soc","key":"12345678"})");
    request.headers.set(foreign.header, foreign.value);
    const auto answer = co_await fixture.call(std::move(request));
    EXPECT_EQ(answer.status, 403) << foreign.header << ": " << foreign.value;
    auto token = fixture.request({}, "POST", "/console/api/session", token_body("ann-token-0001"));
    token.headers.set(foreign.header, foreign.value);
    const auto no_session = co_await fixture.call(std::move(token));
    EXPECT_EQ(no_session.status, 403) << foreign.header << ": " << foreign.value;
    EXPECT_EQ(answer.headers.count("Access-Control-Allow-Origin"), 0u);
  }
  EXPECT_TRUE(fixture.sink.taken.empty());
}

ASYNC_TEST(ConsoleSignIn, AnOldTabDoesNotActForSomebodyElse) {
  ConsoleFixture fixture(io);
  const auto bob = co_await fixture.signed_in("bob");
  Browser stale = bob;
  stale.person = "ann";  // the page was opened by ann; the cookie is bob's by now
  const auto answer = co_await fixture.post(stale, "/console/api/interact",
                                            R"({"text":"approve R-1","channel":"soc","key":"12345678","button":true})");
  EXPECT_EQ(answer.status, 409);
  EXPECT_EQ(json_of(answer)["type"].string_or(""), "urn:vedette:other-person");
  EXPECT_TRUE(fixture.sink.taken.empty());
}

ASYNC_TEST(ConsoleSignIn, SharedSessionsEndWithTheSharedToken) {
  ConsoleFixture fixture(io);
  Browser browser;
  const auto answer = co_await fixture.post(browser, "/console/api/session", token_body("shared-token-0003", "ann"));
  EXPECT_EQ(answer.status, 200);
  SignInOptions without;
  SignInDesk desk(fixture.store->sessions(), fixture.directory, without, fixture.clock);
  const auto who = co_await desk.who(fixture.request(browser, "GET", "/"));
  EXPECT_EQ(who.person, nullptr);
}

}  // namespace
}  // namespace vedette::console::test
