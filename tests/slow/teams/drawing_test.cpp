// Are the cards that Teams is sent valid to Microsoft's schema as ajv reads it, and does Microsoft's library draw them?
// Every golden file, and what hostile alerts lead to, in a browser. Pictures of some are kept in $VEDETTE_ARTEFACTS, or
// build/artefacts.

#include <cstdlib>
#include <filesystem>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "bot/chat/case_cards.hpp"
#include "commands/forms.hpp"
#include "integrations/teams/picks_wire.hpp"
#include "integrations/teams/render.hpp"
#include "tests/fakes/message_corpus.hpp"
#include "tests/support/files.hpp"
#include "tests/support/foreign.hpp"
#include "tests/support/process.hpp"

namespace vedette::test {
namespace {

using nlohmann::json;

const std::filesystem::path kSource = VEDETTE_SOURCE_DIR;
const std::string kGolden = (kSource / "tests/golden/teams").string();

// Cards, dialogs and forms of a seed, each in a file of its own, below the size that a browser draws in a moment.
void write_sample(const TempDir& folder, uint64_t seed) {
  Hostile hostile(seed, 3000);
  const commands::CommandForms forms;
  teams::RenderLook look;
  look.key = "case/1/root";
  look.opens_dialog = [&](const std::string& command) { return forms.form_of(command).has_value(); };
  size_t number = 0;
  const auto keep = [&](const std::string& what, const std::string& content) {
    write_file(folder.file(std::to_string(number++) + "-" + what + ".json"), content);
  };
  for (int round = 0; round < 8; ++round) {
    for (const auto& alert : alerts_of(hostile.document().dump(-1, ' ', false, json::error_handler_t::replace))) {
      for (const auto& message : chat::case_messages(hostile.case_of(alert, {}), {"teams", "C1", std::nullopt, ""})) {
        const auto card = chat::card_from_json(message.card);
        if (card) keep("case", teams::render_activity(*card, look).json);
      }
    }
  }
  for (int round = 0; round < 40; ++round) {
    const auto card = chat::card_from_json(to_json(hostile.card()));
    if (!card) continue;
    keep("card", teams::render_activity(*card, look).json);
    keep("details", teams::render_details_dialog(*card, 1, look.key));
    keep("form", teams::render_form_dialog(hostile.form(), teams::form_context("close C-1"), {{"", hostile.text()}}));
  }
}

std::string artefacts() {
  const char* chosen = std::getenv("VEDETTE_ARTEFACTS");
  return chosen != nullptr ? chosen : (kSource / "build/artefacts").string();
}

void run(const std::vector<std::string>& command, const std::string& log, const std::string& said_at_the_end) {
  Process node(command, log);
  const std::string said = node.rest_of_output(std::chrono::minutes(15));
  EXPECT_EQ(node.wait(), 0) << said << read_file(log);
  EXPECT_NE(said.find(said_at_the_end), std::string::npos) << said;
  std::fputs(said.c_str(), stdout);
}

TEST(TeamsCards, every_golden_card_is_valid_to_microsofts_schema) {
  if (!corpus()) GTEST_SKIP() << kNoCorpus;
  const Foreign foreign = foreign_packages();
  if (!foreign.why_not.empty()) GTEST_SKIP() << foreign.why_not;
  TempDir sample;
  write_sample(sample, 23);
  TempDir folder;
  run({"/usr/bin/env", "node", (foreign.folder / "teams/cards.mjs").string(),
       (*corpus() / "teams/adaptive-card-1.5.0.json").string(), kGolden, sample.path().string()},
      folder.file("node.log"), "are valid Adaptive Cards 1.5");
}

TEST(TeamsCards, microsofts_library_draws_every_card) {
  const char* chosen = std::getenv("VEDETTE_CHROMIUM");
  const std::filesystem::path browser = chosen != nullptr ? chosen : "/usr/bin/chromium";
  if (!std::filesystem::exists(browser)) GTEST_SKIP() << "no browser at " << browser << "; set VEDETTE_CHROMIUM to one";
  if (!std::filesystem::exists(kSource / "web/node_modules/playwright-core")) {
    GTEST_SKIP() << "playwright-core is not installed: npm ci --prefix web";
  }
  TempDir sample;
  write_sample(sample, 17);
  TempDir folder;
  run({"/usr/bin/env", "node", (kSource / "tests/foreign/teams/draw.mjs").string(), "--cards", kGolden, "--cards",
       sample.path().string(), "--artefacts", artefacts(), "--pictures",
       "every_block,case_malicious,case_awaiting,dialog_close,dialog_snooze,table,menus"},
      folder.file("node.log"), "show all their text");
}

}  // namespace
}  // namespace vedette::test
