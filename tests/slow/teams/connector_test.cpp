// Is the fake Teams honest, and do our requests fit Microsoft's description of the Connector?

#include <filesystem>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "integrations/teams/connector.hpp"
#include "integrations/teams/render.hpp"
#include "integrations/teams/streams.hpp"
#include "tests/fakes/fake_teams.hpp"
#include "tests/support/async_test.hpp"
#include "tests/support/files.hpp"
#include "tests/support/foreign.hpp"
#include "tests/support/process.hpp"

namespace vedette::test {
namespace {

using nlohmann::json;

TEST(TeamsClients, microsofts_connector_client_agrees_with_the_fake) {
  const Foreign foreign = foreign_packages();
  if (!foreign.why_not.empty()) GTEST_SKIP() << foreign.why_not;
  TempDir folder;
  const std::string program = std::string(VEDETTE_FAKES_DIR) + "/fake_teams";
  Process fake({program, "--token", "token-of-this-test", "--members", "250"}, folder.file("fake.log"));
  const auto port = fake.wait_for_line("port=");
  ASSERT_TRUE(port.has_value()) << read_file(folder.file("fake.log"));
  const std::string log = folder.file("node.log");
  Process node({"/usr/bin/env", "node", (foreign.folder / "teams/connector.mjs").string(), "http://127.0.0.1:" + *port,
                "token-of-this-test"},
               log);
  const std::string said = node.rest_of_output(std::chrono::minutes(2));
  EXPECT_EQ(node.wait(), 0) << said << read_file(log);
  EXPECT_NE(said.find("holds: refusals come as the client expects them"), std::string::npos) << said;
  std::fputs(said.c_str(), stdout);
  EXPECT_EQ(fake.terminate(), 0);
}

class OneToken final : public teams::TokenSource {
 public:
  Async<std::string> token(std::string, Deadline) override { co_return std::string("a-token"); }
  void refused(const std::string&, const std::string&) override {}
};

// Every card of the golden files, which is every message about a case.
std::vector<chat::Card> golden_cards() {
  std::vector<chat::Card> cards;
  for (const auto& entry : std::filesystem::directory_iterator(VEDETTE_SOURCE_DIR "/tests/golden/cards")) {
    const std::string name = entry.path().filename().string();
    if (!name.ends_with(".json") || name.ends_with(".slack.json") || name.ends_with(".adaptive.json")) continue;
    const json slots = json::parse(read_file(entry.path()));
    for (const auto& [slot, card] : slots.items()) {
      auto read = chat::card_from_json(card.dump());
      EXPECT_TRUE(read) << name << " " << slot;
      if (read) cards.push_back(std::move(*read));
    }
  }
  return cards;
}

// Does everything that the Connector client can do, with every message there is.
Job say_everything(FakeTeams& fake, teams::Connector& connector) {
  const std::string channel = fake.add_channel(fake.add_team("Security", {"ann", "ben"}), "alerts");
  const std::string ann = fake.person("ann").address;
  const auto deadline = Deadline::after(std::chrono::seconds(60));
  const std::string everybody;
  const teams::Place place{fake.service_url(), fake.options().tenant, channel};
  teams::RenderLook look;
  look.key = "case/1/root";
  look.refresh_for = {ann};
  look.opens_dialog = [](const std::string& command) { return command.starts_with("close"); };
  for (const auto& card : golden_cards()) {
    const std::string activity = render_activity(card, look).json;
    const auto root = co_await connector.post_to_channel(place, activity, deadline);
    CO_ASSERT_OK(root);
    teams::Place thread = place;
    thread.conversation = root->conversation;
    const auto reply = co_await connector.send(thread, activity, everybody, deadline);
    CO_ASSERT_OK(reply);
    const auto alone = co_await connector.send(thread, activity, ann, deadline);
    CO_ASSERT_OK(alone);
    const auto edited = co_await connector.update(thread, root->activity, activity, deadline);
    CO_ASSERT_OK(edited);
    const auto removed = co_await connector.remove(thread, reply->activity, deadline);
    CO_ASSERT_OK(removed);
  }
  const auto direct = co_await connector.direct_with(place, fake.bot(), ann, deadline);
  CO_ASSERT_OK(direct);
  teams::Place two = place;
  two.conversation = *direct;
  chat::Card answer;
  answer.summary = "41 failures, then a success";
  for (int line = 0; line < 40; ++line) {
    chat::Paragraph paragraph;
    paragraph.lines.emplace_back("Line " + std::to_string(line) + " of a long answer.");
    answer.blocks.emplace_back(std::move(paragraph));
  }
  teams::Streams streams(connector, teams::TeamsOptions());
  std::string text = render_answer_text(answer, look);
  const auto streamed = co_await streams.say(two, std::move(text), deadline);
  CO_ASSERT_OK(streamed);
  const auto member = co_await connector.member(place, ann, deadline);
  CO_ASSERT_OK(member);
  const auto members = co_await connector.members(place, 100, deadline);
  CO_ASSERT_OK(members);
}

TEST(TeamsClients, every_request_fits_microsofts_description) {
  if (!corpus()) GTEST_SKIP() << kNoCorpus;
  const Foreign foreign = foreign_packages();
  if (!foreign.why_not.empty()) GTEST_SKIP() << foreign.why_not;
  TempDir folder;
  static std::string record;
  run_async(
      [](Executor io) -> Job {
        const auto http = net::make_http_client(io, {});
        FakeTeams fake(io, FakeTeamsOptions());
        CO_ASSERT_OK(fake.start());
        teams::TeamsOptions options;
        options.cloud.service_url = fake.base_url();
        OneToken tokens;
        teams::Connector connector(*http, tokens, system_clock(), options);
        co_await say_everything(fake, connector);
        record = fake.record().dump();
        co_await fake.stop();
      },
      std::chrono::seconds(120));
  ASSERT_GT(json::parse(record).size(), 50u);
  write_file(folder.file("record.json"), record);
  const std::string log = folder.file("node.log");
  Process node({"/usr/bin/env", "node", (foreign.folder / "teams/swagger.mjs").string(),
                (*corpus() / "teams/ConnectorAPI.swagger.json").string(), folder.file("record.json")},
               log);
  const std::string said = node.rest_of_output(std::chrono::minutes(2));
  EXPECT_EQ(node.wait(), 0) << said << read_file(log);
  std::fputs(said.c_str(), stdout);
}

}  // namespace
}  // namespace vedette::test
