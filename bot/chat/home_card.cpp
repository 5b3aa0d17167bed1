#include "bot/chat/home_card.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "bot/base/text.hpp"
#include "bot/chat/case_words.hpp"

namespace vedette::chat {
namespace {

constexpr size_t kHeadline = 160;
constexpr std::chrono::hours kDay(24);
constexpr std::chrono::seconds kCountEvery(5);

Card sentence_card(std::string sentence) {
  Card card;
  card.summary = sentence;
  card.blocks.push_back(Paragraph{{{std::move(sentence), {}, false}}, false});
  return card;
}

Paragraph sentence(std::string words, bool subtle = true) { return Paragraph{{{std::move(words), {}, false}}, subtle}; }

int approvals(const Action& action) {
  return static_cast<int>(
      std::count_if(action.votes.begin(), action.votes.end(), [](const Vote& vote) { return vote.approve; }));
}

void add_pending(Card& card, const HomeContent& content) {
  card.blocks.push_back(Heading{"Waiting for approval", content.pending.empty() ? Tone::neutral : Tone::warning});
  if (content.pending.empty()) card.blocks.push_back(sentence("Nothing waits for an approval."));
  for (const auto& [action, why_not] : content.pending) {
    const std::string id = to_string(action.id);
    const std::string title = text::ellipsize(shown_title(action.plan), 200);
    Paragraph what{{{fmt::format("{} · {} · {}", id, title, to_string(action.case_id)), {}, true}}, false};
    std::string state =
        fmt::format("{} of {}", approvals(action), counted(action.approvals_needed, "approval", "approvals"));
    if (!action.requester.empty()) state += " · Asked for by " + who(action.requester);
    if (action.expires) state += " · Expires " + utc_second(*action.expires);
    what.lines.push_back({std::move(state), {}, false});
    card.blocks.push_back(std::move(what));
    if (!why_not.empty()) card.blocks.push_back(sentence(why_not));
    Buttons buttons;
    if (why_not.empty()) {
      const bool last = approvals(action) + 1 >= action.approvals_needed;
      buttons.items.push_back({"Approve " + id,
                               fmt::format("approve {} --digest={}", id, action.plan.digest(action.case_id)), Tone::good,
                               title + (last ? "? It runs at once." : "? It runs when the others have approved too.")});
      buttons.items.push_back({"Deny " + id, "deny " + id, Tone::danger, ""});
    }
    const std::string subject = to_string(action.case_id);
    buttons.items.push_back({"Show " + subject, "show " + subject, Tone::neutral, ""});
    card.blocks.push_back(std::move(buttons));
  }
  if (content.more_pending) card.blocks.push_back(sentence("More are waiting: 'list pending' says them."));
}

std::string case_line(const Case& record) {
  std::string state = "Being investigated";
  if (record.verdict) {
    state = fmt::format("{} {} %", words_for(record.verdict->label), record.verdict->confidence);
  } else if (record.investigation == InvestigationState::failed) {
    state = "Could not be investigated";
  }
  const std::string& line = record.verdict && !record.verdict->headline.empty() ? record.verdict->headline : record.title;
  return fmt::format("{} · {} · {} · {} · Opened {}", to_string(record.id), upper(to_string(record.severity)), state,
                     prose(line, record.entities, kHeadline), utc_minute(record.created));
}

void add_cases(Card& card, const HomeContent& content) {
  card.blocks.push_back(Heading{"Your cases", Tone::neutral});
  if (content.cases.empty()) {
    card.blocks.push_back(sentence("No open case is yours. 'list unacked' says which nobody has."));
    return;
  }
  Bullets lines;
  Buttons buttons;
  for (const auto& record : content.cases) {
    lines.items.push_back({case_line(record), {}, false});
    const std::string id = to_string(record.id);
    buttons.items.push_back({id, "show " + id, Tone::neutral, ""});
  }
  card.blocks.push_back(std::move(lines));
  if (content.more_cases) card.blocks.push_back(sentence("There are more, older ones: the console lists them all."));
  card.blocks.push_back(std::move(buttons));
}

void add_snoozed(Card& card, const HomeContent& content) {
  if (content.snoozed.empty()) return;
  Bullets lines{"Snoozed", {}};
  Buttons buttons;
  for (const auto& record : content.snoozed) {
    if (!record.snooze) continue;
    std::string line = fmt::format("{} · until {}", to_string(record.id), utc_minute(record.snooze->until));
    if (!record.snooze->reason.empty()) line += ": " + prose(record.snooze->reason, record.entities, kHeadline);
    lines.items.push_back({std::move(line), {}, false});
    const std::string id = to_string(record.id);
    buttons.items.push_back({"Wake " + id, fmt::format("snooze {} off", id), Tone::neutral, ""});
  }
  card.blocks.push_back(std::move(lines));
  if (content.more_snoozed) card.blocks.push_back(sentence("There are more: 'list snoozed' says them."));
  card.blocks.push_back(std::move(buttons));
}

void add_coverage(Card& card, const Coverage& day) {
  card.blocks.push_back(Heading{"Alerts of the last 24 hours", Tone::neutral});
  Facts facts;
  facts.rows.emplace_back("Received", thousands(day.received));
  facts.rows.emplace_back("Investigated", thousands(day.investigated));
  facts.rows.emplace_back("Merged into other alerts' cases", thousands(day.merged));
  facts.rows.emplace_back("Suppressed by rules of yours", thousands(day.suppressed));
  facts.rows.emplace_back("Open, not yet looked at to the end", thousands(day.queued));
  facts.rows.emplace_back("Could not be investigated", thousands(day.failed));
  card.blocks.push_back(std::move(facts));
}

}  // namespace

Card home_card(const HomeContent& content) {
  Card card;
  card.summary = "Vedette";
  add_pending(card, content);
  card.blocks.push_back(Divider{});
  add_cases(card, content);
  add_snoozed(card, content);
  card.blocks.push_back(Divider{});
  add_coverage(card, content.day);
  return card;
}

StoreHome::StoreHome(Store& store, const Directory& directory, HomeRights rights, const Clock& clock)
    : store_(store), directory_(directory), rights_(std::move(rights)), clock_(clock) {}

Async<Card> StoreHome::home_of(Identity who) {
  const Person* found = directory_.find(who);
  if (found == nullptr) {
    co_return sentence_card(fmt::format(
        "I don't know you yet, so there is nothing I can show you here. Ask an administrator of Vedette to add {} "
        "to the people it knows, and open this page again.",
        text::displayable(who.text())));
  }
  Person person = *found;
  if (rights_.with_roles) {
    Person configured = person;
    person = co_await rights_.with_roles(std::move(who), std::move(configured));
  }
  if (std::string why_not = rights_.why_not_read(person); !why_not.empty()) co_return sentence_card(std::move(why_not));
  HomeContent content;
  CO_TRY(auto actions, store_.actions().pending(kHomeActions + 1));
  content.more_pending = actions.size() > kHomeActions;
  if (content.more_pending) actions.resize(kHomeActions);
  for (auto& action : actions) {
    std::string why_not = rights_.why_not_decide(person, action);
    content.pending.push_back({std::move(action), std::move(why_not)});
  }
  CaseFilter filter;
  filter.only_open = true;
  filter.owner = person.id;
  filter.limit = kHomeCases + 1;
  filter.snoozed = false;
  CaseFilter sleeping = filter;
  sleeping.snoozed = true;
  CO_TRY(content.snoozed, store_.cases().list(std::move(sleeping)));
  content.more_snoozed = content.snoozed.size() > kHomeCases;
  if (content.more_snoozed) content.snoozed.resize(kHomeCases);
  CO_TRY(content.cases, store_.cases().list(std::move(filter)));
  content.more_cases = content.cases.size() > kHomeCases;
  if (content.more_cases) content.cases.resize(kHomeCases);
  CO_TRY(content.day, coverage_of_the_day());
  co_return home_card(content);
}

// Counted once for all viewers of a moment: a burst of alerts changes every open page at once.
Async<Coverage> StoreHome::coverage_of_the_day() {
  const auto now = clock_.steady_now();
  if (counted_ && now - *counted_ < kCountEvery) co_return day_;
  const Time since = clock_.now() - kDay;
  CO_TRY(day_, store_.alerts().coverage_since(since));
  counted_ = now;
  co_return day_;
}

}  // namespace vedette::chat
