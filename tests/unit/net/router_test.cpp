#include "bot/net/router.hpp"

#include <stdexcept>

#include <gtest/gtest.h>

namespace vedette::net {
namespace {

// Each route is known by the status its target would answer with.
class RouterTest : public testing::Test {
 protected:
  void add(const char* method, const char* pattern, int mark) {
    Target target;
    targets_.push_back(mark);
    target.check = [mark](HttpRequest) -> boost::asio::awaitable<HttpResponse> { return answer(mark); };
    router_.add(method, pattern, std::move(target));
    patterns_.push_back(pattern);
  }
  static boost::asio::awaitable<HttpResponse> answer(int mark) { co_return HttpResponse(mark); }

  HttpRequest request(const char* method, std::string target) { return HttpRequest(method, std::move(target)); }
  Router router_;
  std::vector<int> targets_;
  std::vector<std::string> patterns_;
};

TEST_F(RouterTest, finds_literals_names_and_rests) {
  add("GET", "/", 1);
  add("GET", "/v1/cases", 2);
  add("GET", "/v1/cases/{id}", 3);
  add("GET", "/v1/cases/{id}/evidence/{n}", 4);
  add("GET", "/assets/{path...}", 5);

  auto r = request("GET", "/v1/cases/C-7/evidence/4?full=1");
  ASSERT_TRUE(router_.find(r).target);
  EXPECT_EQ(r.params["id"], "C-7");
  EXPECT_EQ(r.params["n"], "4");
  r = request("GET", "/assets/a/b%20c/d.js");
  ASSERT_TRUE(router_.find(r).target);
  EXPECT_EQ(r.params["path"], "a/b c/d.js");
  r = request("GET", "/assets/");
  ASSERT_TRUE(router_.find(r).target);
  EXPECT_EQ(r.params["path"], "");
  r = request("GET", "http://localhost:1/v1/cases/C-8");
  ASSERT_TRUE(router_.find(r).target);
  EXPECT_EQ(r.params["id"], "C-8");
  r = request("GET", "http://localhost");
  EXPECT_TRUE(router_.find(r).target);
  for (const char* target :
       {"/assets", "/v1", "/v1/cases/", "/v1/cases/C-7/", "/v1//cases", "//", "/v1/cases/C-7/evidence", "x", "*", ""}) {
    r = request("GET", target);
    EXPECT_FALSE(router_.find(r).target) << target;
    EXPECT_FALSE(router_.find(r).path_known) << target;
  }
}

TEST_F(RouterTest, an_escaped_slash_stays_inside_its_part) {
  add("GET", "/v1/cases/{id}", 1);
  auto r = request("GET", "/v1/cases/a%2Fb");
  ASSERT_TRUE(router_.find(r).target);
  EXPECT_EQ(r.params["id"], "a/b");
  r = request("GET", "/v1/c%61ses/x");
  EXPECT_TRUE(router_.find(r).target);
}

TEST_F(RouterTest, the_most_specific_wins_in_whatever_order_they_were_added) {
  add("GET", "/{path...}", 1);
  add("GET", "/v1/{name}", 2);
  add("GET", "/v1/cases", 3);
  auto literal = request("GET", "/v1/cases");
  EXPECT_TRUE(router_.find(literal).target);
  EXPECT_TRUE(literal.params.empty());
  auto named = request("GET", "/v1/other");
  router_.find(named);
  EXPECT_EQ(named.params.count("name"), 1u);
  auto rest = request("GET", "/v2/other");
  router_.find(rest);
  EXPECT_EQ(rest.params["path"], "v2/other");
}

TEST_F(RouterTest, tells_which_methods_a_path_has) {
  add("GET", "/v1/cases/{id}", 1);
  add("DELETE", "/v1/cases/{id}", 2);
  auto r = request("POST", "/v1/cases/C-1");
  const auto match = router_.find(r);
  EXPECT_FALSE(match.target);
  EXPECT_TRUE(match.path_known);
  EXPECT_EQ(match.allow, "GET, HEAD, DELETE");
  r = request("HEAD", "/v1/cases/C-1");
  EXPECT_TRUE(router_.find(r).target);
}

TEST_F(RouterTest, refuses_twins_and_malformed_patterns) {
  add("GET", "/a/{x}", 1);
  EXPECT_THROW(add("GET", "/a/{y}", 2), std::logic_error);
  EXPECT_NO_THROW(add("POST", "/a/{y}", 3));
  EXPECT_THROW(add("GET", "a", 4), std::logic_error);
  EXPECT_THROW(add("GET", "/{rest...}/x", 5), std::logic_error);
}

TEST(SplitTarget, decodes_path_and_query) {
  HttpRequest r("GET", "/a%20b/c?x=1&y=a+b%26c&x=2&flag&=v&&e=");
  ASSERT_TRUE(split_target(r));
  EXPECT_EQ(r.path, "/a b/c");
  EXPECT_EQ(r.query["x"], "2");
  EXPECT_EQ(r.query["y"], "a b&c");
  EXPECT_EQ(r.query.count("flag"), 1u);
  EXPECT_EQ(r.query["e"], "");
  HttpRequest nul("GET", "/a%00b");
  EXPECT_FALSE(split_target(nul));
  HttpRequest star("OPTIONS", "*");
  EXPECT_FALSE(split_target(star));
}

}  // namespace
}  // namespace vedette::net
