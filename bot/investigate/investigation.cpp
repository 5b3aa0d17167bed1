#include "bot/investigate/investigation.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>
#include <boost/asio/this_coro.hpp>

#include "bot/base/log.hpp"
#include "bot/investigate/analysis.hpp"
#include "bot/investigate/answer.hpp"

namespace vedette::investigate {
namespace {

// From this attempt on nothing is asked any more: whatever kept killing the process, the case gets a verdict.
constexpr int kShallowFromAttempt = 12;

constexpr size_t kTogether = 6;  // questions put, and answers stored, in one go

constexpr const char* kWeighing = "Weigh the evidence";

}  // namespace

Investigation::Investigation(Store& store, const Sources& sources, const WorkerOptions& options, const Clock& clock,
                             InvestigationLease lease)
    : store_(store),
      sources_(sources),
      options_(options),
      catalogue_(options.catalogue != nullptr ? *options.catalogue : built_in_questions()),
      clock_(clock),
      lease_(lease) {}

Async<void> Investigation::run() {
  CO_TRY_VOID(begin());
  if (lease_.attempt < kShallowFromAttempt) {
    CO_TRY_VOID(ask_all());
  } else {
    dossier_.cut_short = true;
    dossier_.note_not_checked("The logs: the investigation broke off too often and was cut short.");
  }
  const bool stopped = co_await cancelled();
  if (stopped) co_return Error(Code::cancelled, "The investigation was stopped; it goes on later.");
  steps_.push_back({kWeighing, true});
  CO_TRY_VOID(show_progress(true));
  int ungrounded = 0;
  auto verdict = decide(dossier_, clock_.now(), &ungrounded);
  if (ungrounded > 0)
    log::warning("investigate", "{}: {} answers were not borne out by their records", to_string(lease_.case_id), ungrounded);
  auto proposals = propose(dossier_, verdict, options_.available_verbs, options_.known_good);
  CO_TRY_VOID(store_.investigations().finish(lease_, std::move(verdict), std::move(proposals)));
  co_return Status();
}

Async<void> Investigation::begin() {
  CO_TRY(const auto view, store_.cases().view(lease_.case_id));
  dossier_ = open_dossier(view, lease_.round);
  CO_TRY(const auto stored, store_.investigations().evidence(lease_.case_id));
  auto alert = alert_evidence(dossier_, clock_.now());
  const auto first =
      std::find_if(stored.begin(), stored.end(), [](const Evidence& e) { return e.question == kAlertQuestion; });
  // E1 names the round it was written in: what was stored since is this round's, and need not be asked again.
  if (first != stored.end() && first->query == alert.query) {
    alert = *first;
    resume_from(stored);
  } else {
    CO_TRY(alert.number, store_.investigations().add_evidence(lease_, alert));
  }
  dossier_.evidence.push_back(std::move(alert));
  if (sources_.events.empty()) dossier_.note_not_checked("Logs: none is connected.");
  steps_.push_back({"Read the alert", true});
  co_return Status();
}

void Investigation::resume_from(const std::vector<Evidence>& stored) {
  const auto alert =
      std::find_if(stored.begin(), stored.end(), [](const Evidence& e) { return e.question == kAlertQuestion; });
  for (const auto& evidence : stored)
    if (evidence.question != kAlertQuestion && evidence.taken >= alert->taken) resumed_.push_back(evidence);
}

// The next questions to put in one go. Answers bring new questions, so it is a few at a time; those that open come by
// themselves, because they decide whether others are asked at all.
std::vector<Ask> Investigation::next_asks() {
  const size_t most = options_.pace.count() > 0 ? 1 : kTogether;
  std::vector<Ask> asks;
  while (asks.size() < most) {
    auto ask = next_ask(catalogue_, dossier_, options_.budget);
    if (!ask || (!asks.empty() && ask->question->opens != asks.front().question->opens)) break;
    dossier_.asked.insert(ask->key());
    asks.push_back(std::move(*ask));
  }
  return asks;
}

Async<void> Investigation::ask_all() {
  auto deadline = Deadline::after(options_.case_deadline);
  for (;;) {
    const bool stopped = co_await cancelled();
    if (stopped) break;
    co_await store_.foreground().calm();
    const auto asks = next_asks();
    if (asks.empty()) break;
    if (deadline.passed()) {
      dossier_.cut_short = true;
      dossier_.note_not_checked("Some questions: the time for this case was over.");
      break;
    }
    for (const auto& ask : asks) CO_TRY_VOID(ask_one(ask));
    CO_TRY_VOID(store_answers());
    if (options_.pace.count() > 0) {
      co_await sleep_for(options_.pace);
      deadline = Deadline::at(deadline.time() + options_.pace);
    }
  }
  co_return Status();
}

Async<void> Investigation::ask_one(const Ask& ask) {
  const auto key = ask.key();
  const auto stored = std::find_if(resumed_.begin(), resumed_.end(), [&](const Evidence& e) { return e.question == key; });
  if (stored != resumed_.end()) {
    steps_.push_back({stored->title, true});
    answers_.push_back({ask, std::move(*stored), {}});
    resumed_.erase(stored);
    co_return Status();
  }
  steps_.push_back({title_of(ask, dossier_), false});
  CO_TRY_VOID(show_progress(options_.pace.count() > 0));
  const auto deadline = Deadline::after(options_.question_deadline);
  auto asked = co_await put_question(sources_, ask, dossier_, clock_.now(), deadline);
  steps_.back().done = true;
  if (!asked) {
    dossier_.note_not_checked(fmt::format("{} {}", steps_.back().text, asked.error().message));
    co_return Status();
  }
  for (auto& line : asked->not_checked) dossier_.note_not_checked(std::move(line));
  if (asked->evidence) {
    asked->evidence->answer = interpret(ask, *asked->evidence, dossier_).text;
    answers_.push_back({ask, std::move(*asked->evidence), {}});
  } else if (asked->not_checked.empty()) {
    steps_.pop_back();  // a question that could not be put leaves no trace
  }
  co_return Status();
}

// Answers that came together are stored together: the store writes them with one fsync.
Async<void> Investigation::store_answers() {
  const auto executor = co_await boost::asio::this_coro::executor;
  TaskGroup writes(executor, "evidence");
  for (auto& answer : answers_)
    if (answer.evidence.number == 0) writes.spawn("store", store_one(answer));
  co_await writes.drain();
  const auto answers = std::exchange(answers_, {});
  for (const auto& answer : answers)
    if (!answer.stored) co_return answer.stored.error();
  for (const auto& answer : answers) {
    dossier_.evidence.push_back(answer.evidence);
    add_finding(dossier_, answer.ask, interpret(answer.ask, answer.evidence, dossier_));
  }
  co_return Status();
}

Job Investigation::store_one(Answer& answer) {
  const auto number = co_await store_.investigations().add_evidence(lease_, answer.evidence);
  if (number)
    answer.evidence.number = *number;
  else
    answer.stored = number.error();
}

Async<void> Investigation::show_progress(bool now) {
  const auto at = clock_.steady_now();
  if (!now && progress_shown_ != SteadyTime{} && at - progress_shown_ < options_.progress_every) co_return Status();
  progress_shown_ = at;
  CO_TRY_VOID(store_.investigations().progress(lease_, steps_));
  co_return Status();
}

}  // namespace vedette::investigate
