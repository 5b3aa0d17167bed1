// What the cards of a case say, and that they stay within what platforms and people can take.

#include <set>

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "bot/base/text.hpp"
#include "bot/chat/adaptive_card.hpp"
#include "bot/chat/case_cards.hpp"
#include "bot/chat/case_words.hpp"
#include "integrations/slack/render.hpp"
#include "tests/support/case_fixtures.hpp"
#include "tests/support/files.hpp"
#include "tests/support/json_schema.hpp"

namespace vedette::chat {
namespace {

using test::all_cases;
using test::case_with_action;

// Every card of a case, by slot.
std::vector<std::pair<std::string, Card>> cards_of(const CaseView& view) {
  std::vector<std::pair<std::string, Card>> cards;
  Route route;
  route.platform = "console";
  route.channel = "soc";
  for (const auto& message : case_messages(view, route)) {
    auto card = card_from_json(message.card);
    EXPECT_TRUE(card) << message.slot;
    if (card) cards.emplace_back(message.slot, std::move(*card));
  }
  return cards;
}

size_t lines_of(const Card& card) {
  const std::string all = plain_text(card);
  return static_cast<size_t>(std::count(all.begin(), all.end(), '\n'));
}

std::vector<Button> buttons_of(const Card& card) {
  std::vector<Button> all;
  for (const auto& block : card.blocks) {
    if (const auto* buttons = std::get_if<Buttons>(&block))
      all.insert(all.end(), buttons->items.begin(), buttons->items.end());
  }
  return all;
}

std::vector<std::string> labels_of(const Card& card) {
  std::vector<std::string> labels;
  for (const auto& button : buttons_of(card)) labels.push_back(button.label);
  return labels;
}

bool has_thumbs(const Card& card) {
  return std::any_of(card.blocks.begin(), card.blocks.end(),
                     [](const Block& block) { return std::holds_alternative<Thumbs>(block); });
}

// One golden file a case and form, slot → card. Of the cases that differ by their action alone, the root and the action's
// card.
TEST(CaseCards, golden) {
  for (const auto& [name, view] : all_cases()) {
    nlohmann::json neutral;
    nlohmann::json adaptive;
    nlohmann::json slack;
    std::string text;
    auto cards = cards_of(view);
    const bool about_action = std::any_of(cards.begin(), cards.end(),
                                          [](const auto& card) { return card.first.find("/action/") != std::string::npos; });
    for (const auto& [slot, card] : cards) {
      if (about_action && !slot.ends_with("/root") && slot.find("/action/") == std::string::npos && name != "hostile")
        continue;
      neutral[slot] = nlohmann::json::parse(to_json(card));
      adaptive[slot] = nlohmann::json::parse(render_adaptive_card(card));
      const auto message = slack::render(card);
      slack[slot] = {{"text", message.text}, {"blocks", nlohmann::json::parse(message.blocks)}};
      text += "== " + slot + "\n" + summary(card) + "\n--\n" + plain_text(card);
    }
    test::expect_golden("cards/" + name + ".json", neutral.dump(1) + "\n");
    test::expect_golden("cards/" + name + ".adaptive.json", adaptive.dump(1) + "\n");
    test::expect_golden("cards/" + name + ".slack.json", slack.dump(1) + "\n");
    test::expect_golden("cards/" + name + ".txt", text);
  }
}

TEST(CaseCards, root_has_at_most_twelve_lines) {
  auto views = all_cases();
  views.emplace_back("large", test::large_case());
  for (const auto& [name, view] : views) {
    const Card root = root_card(view);
    EXPECT_LE(lines_of(root), kRootLines) << name << "\n" << plain_text(root);
    EXPECT_LE(text::characters(summary(root)), 240u) << name;
  }
}

TEST(CaseCards, first_line_and_notification_say_the_verdict) {
  const Card root = root_card(test::malicious_case());
  EXPECT_TRUE(plain_text(root).starts_with("🔴 HIGH · Likely malicious 86 % · C-123\n")) << plain_text(root);
  EXPECT_EQ(
      summary(root),
      "🔴 HIGH · Likely malicious 86 % · C-123: 203[.]0[.]113[.]7 guessed the password of ann on web01 and became root");
  EXPECT_EQ(root.tone, Tone::danger);
  EXPECT_TRUE(summary(root_card(test::benign_case())).starts_with("🟢 LOW · Likely benign 91 % · C-124"));
  EXPECT_TRUE(summary(root_card(test::inconclusive_case())).starts_with("⚪ MEDIUM · Inconclusive 55 % · C-125"));
  EXPECT_TRUE(summary(root_card(test::investigating_case())).starts_with("🔎 Investigating · HIGH · C-123"));
  EXPECT_TRUE(summary(root_card(test::failed_case())).starts_with("⚠️ Could not be investigated · HIGH · C-126"));
}

TEST(CaseCards, reasons_cite_evidence_and_are_three_at_most) {
  const Card root = root_card(test::malicious_case());
  const auto bullets = std::find_if(root.blocks.begin(), root.blocks.end(),
                                    [](const Block& b) { return std::holds_alternative<Bullets>(b); });
  ASSERT_NE(bullets, root.blocks.end());
  const auto& items = std::get<Bullets>(*bullets).items;
  EXPECT_EQ(items.size(), 3u);
  for (const auto& item : items) EXPECT_FALSE(item.evidence.empty()) << item.text;
}

TEST(CaseCards, top_proposal_is_a_button_bound_to_its_digest) {
  const auto view = test::malicious_case();
  const auto buttons = buttons_of(root_card(view));
  ASSERT_FALSE(buttons.empty());
  EXPECT_EQ(buttons[0].label, "Block IP 203.0.113.7");
  EXPECT_EQ(buttons[0].command, "request R-9 --digest=" + view.actions[0].plan.digest(CaseId(123)));
  EXPECT_EQ(buttons[0].tone, Tone::danger);
  EXPECT_TRUE(buttons[0].confirm.empty());
  auto alone = view;
  alone.actions[0].approvals_needed = 0;
  EXPECT_FALSE(buttons_of(root_card(alone))[0].confirm.empty()) << "what runs at once asks first";
}

std::vector<std::string> menu_of(const Card& card) {
  std::vector<std::string> labels;
  for (const auto& block : card.blocks) {
    if (const auto* menu = std::get_if<Menu>(&block)) {
      for (const auto& item : menu->items) labels.push_back(item.label);
    }
  }
  return labels;
}

TEST(CaseCards, a_snoozed_case_says_until_when_by_whom_and_why) {
  auto view = test::malicious_case();
  view.record.snooze = Snooze{*parse_time("2026-11-25T09:00:00Z"), "ann", "see http://evil.example/x"};
  const std::string all = plain_text(root_card(view));
  EXPECT_NE(all.find("Snoozed until 2026-11-25 09:00 UTC by ann: see hxxp://evil[.]example/x"), std::string::npos) << all;
  EXPECT_EQ(menu_of(root_card(view)).front(), "End the snooze");
  CaseNote note;
  note.at = *parse_time("2026-11-25T09:00:00Z");
  note.kind = "awake";
  note.author = "vedette";
  note.text = "ann, your snooze is over: its time has come.";
  view.notes.push_back(note);
  view.record.snooze.reset();
  const auto messages = case_messages(view, {"slack", "C1", {}, ""});
  const auto said = std::count_if(messages.begin(), messages.end(), [](const OutboxMessage& message) {
    return message.slot == "case/123/awake/1795597200000000" && message.thread_of == "case/123/root";
  });
  EXPECT_EQ(said, 1);
}

TEST(CaseMessages, a_chat_without_threads_is_not_flooded) {
  const CaseView view = test::malicious_case();
  Route route{"teams", "19:x@thread.v2", {}, ""};
  route.flat = true;
  std::set<std::string> slots;
  for (const auto& message : case_messages(view, route)) {
    EXPECT_EQ(message.thread_of, "") << message.slot;
    slots.insert(message.slot.substr(message.slot.find('/', 5) + 1));
  }
  EXPECT_TRUE(slots.contains("root"));
  for (const char* detail : {"progress", "why", "evidence", "timeline", "file"}) EXPECT_FALSE(slots.contains(detail));
}

TEST(CaseCards, buttons_fit_the_state) {
  using Labels = std::vector<std::string>;
  EXPECT_EQ(labels_of(root_card(test::investigating_case())), (Labels{"Ack"}));
  EXPECT_FALSE(has_thumbs(root_card(test::investigating_case())));
  EXPECT_EQ(labels_of(root_card(test::failed_case())), (Labels{"Ack", "Close…"}));
  EXPECT_EQ(labels_of(root_card(test::benign_case())), (Labels{"Ack", "Close…"}));
  EXPECT_EQ(menu_of(root_card(test::benign_case())), (Labels{"Snooze…", "Assign to me", "Assign to…", "Timeline", "Why…"}));
  EXPECT_EQ(menu_of(root_card(test::investigating_case())), (Labels{"Snooze…", "Assign to me", "Assign to…", "Timeline"}));
  // Acknowledged, and its only action asked for: neither can be pressed again.
  EXPECT_EQ(labels_of(root_card(case_with_action(ActionState::awaiting))), (Labels{"Close…"}));
}

TEST(CaseCards, closed_case_has_no_buttons_but_who_when_and_why) {
  const Card root = root_card(test::closed_case());
  EXPECT_TRUE(labels_of(root).empty());
  EXPECT_FALSE(has_thumbs(root));
  const std::string all = plain_text(root);
  EXPECT_NE(all.find("Closed by ann, 2026-11-24 04:10 UTC: “Pentest, announced by bob”"), std::string::npos) << all;
  EXPECT_NE(all.find("Closed: false positive"), std::string::npos) << all;
}

TEST(CaseCards, approval_buttons_are_there_only_while_awaited) {
  for (const auto state :
       {ActionState::awaiting, ActionState::approved, ActionState::executing, ActionState::succeeded, ActionState::failed,
        ActionState::unknown, ActionState::denied, ActionState::expired, ActionState::withdrawn}) {
    const auto view = case_with_action(state);
    const Card card = action_card(view, view.actions[0]);
    const std::string all = plain_text(card);
    EXPECT_NE(all.find("Approved by: bob, 2026-11-24 03:16:10 UTC"), std::string::npos) << all;
    EXPECT_NE(all.find("Asked for by: ann"), std::string::npos) << all;
    const auto buttons = buttons_of(card);
    const std::string digest = " --digest=" + view.actions[0].plan.digest(CaseId(123));
    if (state == ActionState::succeeded) {
      ASSERT_EQ(buttons.size(), 1u);
      EXPECT_EQ(buttons[0].command, "undo R-9" + digest);
      continue;
    }
    if (state == ActionState::failed || state == ActionState::expired) {
      ASSERT_EQ(buttons.size(), 1u) << to_string(state);
      EXPECT_EQ(buttons[0].command, "request R-9" + digest);
      EXPECT_NE(all.find("does not propose it again by itself"), std::string::npos) << all;
      continue;
    }
    if (state == ActionState::denied) {
      EXPECT_NE(all.find("type: request R-9"), std::string::npos) << all;
    }
    if (state != ActionState::awaiting) {
      EXPECT_TRUE(buttons.empty()) << to_string(state);
      continue;
    }
    ASSERT_EQ(buttons.size(), 2u);
    EXPECT_EQ(buttons[0].command, "approve R-9 --digest=" + view.actions[0].plan.digest(CaseId(123)));
    EXPECT_EQ(buttons[1].command, "deny R-9");
    EXPECT_NE(all.find("Approvals: 1 of 2"), std::string::npos) << all;
    EXPECT_NE(all.find("Expires: 2026-11-24 03:45:00 UTC"), std::string::npos) << all;
    EXPECT_NE(all.find("other than ann"), std::string::npos) << all;
  }
}

TEST(CaseCards, what_came_after_an_action_takes_its_buttons) {
  const std::pair<ActionState, const char*> after_expired[] = {{ActionState::awaiting, "Asked for again as R-10."},
                                                               {ActionState::denied, "Asked for again as R-10."}};
  for (const auto& [state, words] : after_expired) {
    auto view = case_with_action(ActionState::expired);
    view.actions.push_back(view.actions[0]);
    view.actions[1].id = ActionId(10);
    view.actions[1].state = state;
    const Card card = action_card(view, view.actions[0]);
    EXPECT_TRUE(buttons_of(card).empty());
    EXPECT_NE(plain_text(card).find(words), std::string::npos) << plain_text(card);
  }
  const std::pair<ActionState, const char*> after_done[] = {{ActionState::awaiting, "Undoing it was asked for: R-10."},
                                                            {ActionState::succeeded, "Undone by R-10."},
                                                            {ActionState::denied, ""}};
  for (const auto& [state, words] : after_done) {
    auto view = case_with_action(ActionState::succeeded);
    view.actions.push_back(view.actions[0]);
    view.actions[1].id = ActionId(10);
    view.actions[1].plan = undo_of(view.actions[0].plan).value();
    view.actions[1].state = state;
    const Card card = action_card(view, view.actions[0]);
    EXPECT_EQ(buttons_of(card).size(), state == ActionState::denied ? 1u : 0u);
    EXPECT_NE(plain_text(card).find(words), std::string::npos) << plain_text(card);
    EXPECT_EQ(buttons_of(action_card(view, view.actions[1])).size(), state == ActionState::awaiting ? 2u : 0u)
        << "undoing is not undone by a button";
  }
}

TEST(CaseCards, proposals_have_no_card_of_their_own) {
  for (const auto& [slot, card] : cards_of(test::malicious_case())) EXPECT_EQ(slot.find("/action/"), std::string::npos);
  auto withdrawn = test::malicious_case();
  withdrawn.actions[0].state = ActionState::withdrawn;
  EXPECT_FALSE(has_card(withdrawn.actions[0]));
}

TEST(CaseCards, timeline_is_in_order_of_time) {
  auto view = test::malicious_case();
  const Card card = timeline_card(view);
  std::vector<std::string> times;
  for (const auto& block : card.blocks) {
    if (const auto* day = std::get_if<Bullets>(&block)) {
      for (const auto& item : day->items) times.push_back(day->title.substr(0, 10) + item.text.substr(0, 8));
    }
  }
  EXPECT_GE(times.size(), 6u) << plain_text(card);
  EXPECT_TRUE(std::is_sorted(times.begin(), times.end())) << plain_text(card);
  const std::string all = plain_text(card);
  EXPECT_LT(all.find("First record: 412 failed"), all.find("Alert A-455")) << all;
  EXPECT_EQ(all.find("C-88"), std::string::npos) << "evidence that the verdict does not cite is no milestone";
}

TEST(CaseCards, evidence_keeps_question_answer_source_window_and_records) {
  const auto cards = evidence_cards(test::malicious_case());
  ASSERT_EQ(cards.size(), 1u);
  const std::string all = plain_text(cards[0]);
  EXPECT_NE(all.find("E1 · How often did this address fail to sign in?"), std::string::npos) << all;
  EXPECT_NE(all.find("event log · 2026-11-24 01:12 to 05:12 UTC · 412 records"), std::string::npos) << all;
  std::string folded;
  for (const auto& block : cards[0].blocks) {
    if (const auto* records = std::get_if<Records>(&block)) {
      EXPECT_TRUE(records->folded);
      folded += records->title + "\n" + records->text + "\n";
    }
  }
  EXPECT_NE(folded.find("E1: query and 2 of 412 records"), std::string::npos) << folded;
  EXPECT_NE(folded.find("Query: dataset:windows"), std::string::npos) << folded;
  EXPECT_NE(folded.find("\"event.action\":\"4624\""), std::string::npos) << folded;
}

TEST(CaseCards, nothing_large_is_cut_without_saying_so) {
  const auto view = test::large_case();
  for (const auto& [slot, card] : cards_of(view)) {
    const auto message = slack::render(card);
    EXPECT_EQ(message.missing_lines, 0u) << slot << " does not fit into a Slack message";
    EXPECT_LT(render_adaptive_card(card).size(), 100'000u) << slot;
  }
  size_t seen = 0;
  for (const auto& card : evidence_cards(view)) {
    const std::string all = plain_text(card);
    for (int i = 1; i <= 30; ++i) seen += all.find(fmt::format("E{} · ", i)) != std::string::npos ? 1 : 0;
  }
  EXPECT_EQ(seen, 30u);
  const std::string timeline = plain_text(timeline_card(view));
  EXPECT_NE(timeline.find("in between: /soc timeline C-123"), std::string::npos);
  EXPECT_NE(timeline.find("1,184 later alerts"), std::string::npos) << timeline.substr(0, 400);
}

TEST(CaseCards, hostile_text_stays_text) {
  for (const auto& [slot, card] : cards_of(test::hostile_case())) {
    const std::string everything = to_json(card);
    EXPECT_EQ(everything.find("\xE2\x80\xAE"), std::string::npos) << slot << ": bidirectional override";
    EXPECT_EQ(everything.find("\xE2\x80\x8B"), std::string::npos) << slot << ": zero-width space";
    // Folded records are verbatim; what is prose is defanged.
    const std::string shown_text = plain_text(card);
    for (const auto* link : {"http://", "https://", "www.evil", "bob@evil", "198.51.100.23"}) {
      EXPECT_EQ(shown_text.find(link), std::string::npos) << slot << ": " << link << "\n" << shown_text;
    }
    const auto adaptive = nlohmann::json::parse(render_adaptive_card(card));
    const std::string dumped = adaptive.dump();
    EXPECT_EQ(dumped.find("\"TextBlock\""), std::string::npos) << "TextBlock reads Markdown";
    EXPECT_EQ(dumped.find("\"Fact"), std::string::npos) << "facts read Markdown";
    EXPECT_EQ(dumped.find("{{DATE("), std::string::npos) << slot;
    EXPECT_EQ(dumped.find("OpenUrl"), std::string::npos);
    EXPECT_EQ(adaptive["speak"].get<std::string>().find_first_of("<>&"), std::string::npos);
    const auto message = slack::render(card);
    EXPECT_EQ(message.text.find('<'), std::string::npos) << message.text;
    for (const auto& block : nlohmann::json::parse(message.blocks)) {
      EXPECT_EQ(block.dump().find("mrkdwn"), std::string::npos) << block.dump();
    }
  }
}

TEST(CaseCards, same_case_same_bytes) {
  for (const auto& [name, view] : all_cases()) {
    const auto first = cards_of(view);
    const auto second = cards_of(view);
    for (size_t i = 0; i < first.size(); ++i) EXPECT_EQ(to_json(first[i].second), to_json(second[i].second)) << name;
  }
}

TEST(CaseCards, adaptive_cards_obey_the_schema) {
  if (!test::corpus()) GTEST_SKIP() << test::kNoCorpus;
  const auto schema = nlohmann::json::parse(test::read_file(*test::corpus() / "teams" / "adaptive-card-1.5.0.json"));
  auto views = all_cases();
  views.emplace_back("large", test::large_case());
  for (const auto& [name, view] : views) {
    for (const auto& [slot, card] : cards_of(view)) {
      const auto adaptive = nlohmann::json::parse(render_adaptive_card(card));
      EXPECT_EQ(test::schema_violation(schema, adaptive), "") << name << " " << slot;
    }
  }
  Card table;
  table.blocks = {Divider{}, Table{{"a", "b"}, {{"1"}, {"2", "3", "4"}}}, Table{}, Records{"", " x\n\n y", false}};
  EXPECT_EQ(test::schema_violation(schema, nlohmann::json::parse(render_adaptive_card(table))), "");
  Card selects;
  selects.blocks = {Menu{"More", {{"Timeline", "timeline C-1"}}},
                    Select{Select::Kind::one, "Show…", "show", {{"C-1 · x", "C-1"}}},
                    Select{Select::Kind::person, "Whose?", "assign C-1", {{"Ann", "@ann"}}},
                    Select{Select::Kind::time, "Until…", "snooze C-1 until", {}}};
  EXPECT_EQ(test::schema_violation(schema, nlohmann::json::parse(render_adaptive_card(selects))), "");
  // The checker itself notices what is wrong.
  auto broken = nlohmann::json::parse(render_adaptive_card(table));
  broken["body"][0]["rows"] = 5;
  EXPECT_NE(test::schema_violation(schema, broken), "");
}

TEST(CaseCards, adaptive_card_is_accessible_and_complete) {
  const auto adaptive = nlohmann::json::parse(render_adaptive_card(root_card(test::malicious_case())));
  EXPECT_EQ(adaptive["version"], "1.5");
  EXPECT_FALSE(adaptive["speak"].get<std::string>().empty());
  EXPECT_FALSE(adaptive["fallbackText"].get<std::string>().empty());
  EXPECT_EQ(adaptive["body"][0]["style"], "attention");
  std::set<std::string> commands;
  std::set<std::string> folded;
  for (const auto& element : adaptive["body"]) {
    const bool menu = element["type"] == "Container" && !element.value("isVisible", true);
    if (menu) folded.insert(element["items"][0]["actions"][0]["data"]["command"].get<std::string>());
    if (element["type"] != "ActionSet") continue;
    for (const auto& action : element["actions"]) {
      if (action["type"] == "Action.ToggleVisibility") continue;
      EXPECT_EQ(action["type"], "Action.Execute");
      EXPECT_EQ(action["verb"], "command");
      EXPECT_FALSE(action["tooltip"].get<std::string>().empty());
      commands.insert(action["data"]["command"].get<std::string>());
    }
  }
  EXPECT_TRUE(commands.contains("ack C-123"));
  EXPECT_TRUE(commands.contains("good C-123"));
  EXPECT_TRUE(commands.contains("bad C-123"));
  EXPECT_EQ(folded, std::set<std::string>{"snooze C-123"});
}

TEST(CaseWords, prose_defangs_what_could_become_a_link) {
  const std::vector<Entity> entities = {Entity(EntityType::domain, "evil.example")};
  EXPECT_EQ(prose("see http://evil.example/x, (203.0.113.7) and ann@corp.example.", entities),
            "see hxxp://evil[.]example/x, (203[.]0[.]113[.]7) and ann[@]corp[.]example.");
  EXPECT_EQ(prose("203.0.113.7:443 spoke to evil.example; cmd.exe ran 1.5 s", entities),
            "203[.]0[.]113[.]7:443 spoke to evil[.]example; cmd.exe ran 1.5 s");
  EXPECT_EQ(prose("a  b\nc", entities), "a b c");
  EXPECT_EQ(text::characters(prose(std::string(5000, 'x'), entities, 100)), 100u);
}

TEST(CaseWords, times_and_numbers_are_for_people) {
  const Time time = *parse_time("2026-11-24T03:12:09.5Z");
  EXPECT_EQ(utc_second(time), "2026-11-24 03:12:09 UTC");
  EXPECT_EQ(utc_minute(time), "2026-11-24 03:12 UTC");
  EXPECT_EQ(utc_window(time, time + std::chrono::hours(24)), "2026-11-24 03:12 to 2026-11-25 03:12 UTC");
  EXPECT_EQ(utc_window(time, time + std::chrono::hours(1)), "2026-11-24 03:12 to 04:12 UTC");
  EXPECT_EQ(thousands(0), "0");
  EXPECT_EQ(thousands(999), "999");
  EXPECT_EQ(thousands(1234567), "1,234,567");
  EXPECT_EQ(counted(1, "alert", "alerts"), "1 alert");
}

TEST(Slots, name_their_case) {
  EXPECT_EQ(case_of_slot(root_slot(CaseId(12))), CaseId(12));
  EXPECT_EQ(case_of_slot(action_slot(CaseId(12), ActionId(9))), CaseId(12));
  EXPECT_EQ(evidence_slot(CaseId(12), 0), "case/12/evidence");
  EXPECT_EQ(evidence_slot(CaseId(12), 1), "case/12/evidence/2");
  for (const auto* slot : {"", "case/", "case/x/root", "case/12", "reply/12/root", "case/-1/root", "case/0/root"}) {
    EXPECT_FALSE(case_of_slot(slot)) << slot;
  }
}

TEST(Routes, match_by_severity_and_source_once_a_channel) {
  auto view = test::malicious_case();
  const std::vector<Route> routes = {{"slack", "C1", Severity::critical, ""},
                                     {"slack", "C2", Severity::high, ""},
                                     {"slack", "C2", std::nullopt, ""},
                                     {"console", "soc", std::nullopt, "wazuh-prod"},
                                     {"console", "other", std::nullopt, "guardduty"}};
  const auto matching = routes_for(view, routes);
  ASSERT_EQ(matching.size(), 2u);
  EXPECT_EQ(matching[0].channel, "C2");
  EXPECT_EQ(matching[1].channel, "soc");
}

}  // namespace
}  // namespace vedette::chat
