#include "commands/link_cards.hpp"

#include <fmt/format.h>

#include "bot/base/crypto.hpp"
#include "bot/base/json.hpp"
#include "bot/base/text.hpp"

namespace vedette::commands {
namespace {

constexpr std::string_view kAlphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
constexpr size_t kCodeLength = 12;
constexpr size_t kGroup = 4;
constexpr size_t kNameShown = 60;

std::string account_words(const Identity& identity) {
  return fmt::format("{} account {}", identity.platform == "console" ? "console" : spoken_platform(identity.platform),
                     text::displayable(identity.text()));
}

}  // namespace

std::string random_code() {
  const std::string bytes = crypto::random_bytes(kCodeLength);
  std::string code;
  for (size_t i = 0; i < bytes.size(); ++i) {
    if (i != 0 && i % kGroup == 0) code += '-';
    code += kAlphabet[static_cast<unsigned char>(bytes[i]) % kAlphabet.size()];  // 256 is a multiple of 32
  }
  return code;
}

std::optional<std::string> read_code(std::string_view typed) {
  std::string plain = text::replace_all(std::string(typed), "–", "-");  // phones write these for it
  plain = text::replace_all(std::move(plain), "—", "-");
  std::string code;
  for (const char c : plain) {
    if (c == '-' || c == ' ') continue;
    char upper = c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
    if (upper == 'O') upper = '0';
    if (upper == 'I' || upper == 'L') upper = '1';
    if (kAlphabet.find(upper) == std::string_view::npos || code.size() == kCodeLength) return std::nullopt;
    code += upper;
  }
  if (code.size() != kCodeLength) return std::nullopt;
  return code;
}

std::string hash_of_code(std::string_view code) {
  return crypto::sha256_hex("vedette link code\n" + read_code(code).value_or(""));
}

std::string spoken_platform(std::string_view platform) {
  if (platform == "slack") return "Slack";
  if (platform == "teams") return "Teams";
  if (platform == "console") return "the console";
  return text::displayable(platform);
}

std::string question_slot(int64_t offer) { return fmt::format("link/{}/question", offer); }
std::string outcome_slot(int64_t offer) { return fmt::format("link/{}/outcome", offer); }

chat::Card code_card(const std::string& code) {
  chat::Card card;
  card.summary = "Your code to link another account";
  card.blocks.push_back(chat::Heading{"Link another account", chat::Tone::neutral});
  chat::Paragraph how;
  how.lines.push_back({"Say this to me from your other account:", {}, false});
  how.lines.push_back({"link " + code, {}, true});
  card.blocks.push_back(std::move(how));
  chat::Paragraph small;
  small.subtle = true;
  small.lines.push_back(
      {fmt::format("Good once, for {} minutes. Then I ask you here whether that was you; nothing changes before you say "
                   "yes. Keep the code to yourself.",
                   kCodeGood.count()),
       {},
       false});
  card.blocks.push_back(std::move(small));
  return card;
}

chat::Card question_card(const LinkOffer& offer) {
  chat::Card card;
  const std::string account = account_words(offer.used_by);
  card.tone = chat::Tone::warning;
  card.summary = fmt::format("Your code was used by {}. Is this you?", account);
  card.blocks.push_back(chat::Heading{"Is this you?", chat::Tone::warning});
  chat::Paragraph what;
  what.lines.push_back({fmt::format("Your code was used by {}.", account), {}, true});
  what.lines.push_back(
      {fmt::format("If you say yes, whoever has that account is you to me, @{}: with your roles, and one vote together.",
                   offer.person),
       {},
       false});
  card.blocks.push_back(std::move(what));
  const std::string name = text::ellipsize(text::displayable(offer.used_name), kNameShown);
  if (!name.empty()) {
    chat::Facts facts;
    facts.rows.emplace_back("Calls itself", name + " (anybody can choose a name)");
    card.blocks.push_back(std::move(facts));
  }
  chat::Buttons buttons;
  buttons.items.push_back({"Yes, this is me", fmt::format("link confirm {}", offer.id), chat::Tone::good,
                           fmt::format("Shall {} be you, @{}?", account, offer.person)});
  buttons.items.push_back({"No", fmt::format("link refuse {}", offer.id), chat::Tone::danger, ""});
  card.blocks.push_back(std::move(buttons));
  chat::Paragraph small;
  small.subtle = true;
  small.lines.push_back(
      {fmt::format("If it was not you who said the code there, press No. I wait {} minutes; 'link' shows this again.",
                   kQuestionOpen.count()),
       {},
       false});
  card.blocks.push_back(std::move(small));
  return card;
}

chat::Card told(std::string sentence, chat::Tone tone, std::string small) {
  chat::Card card;
  card.summary = text::displayable(sentence);
  card.tone = tone;
  card.blocks.push_back(chat::Paragraph{{{card.summary, {}, false}}, false});
  if (!small.empty()) card.blocks.push_back(chat::Paragraph{{{text::displayable(small), {}, false}}, true});
  return card;
}

std::string audit_detail(const LinkOffer& offer) {
  JsonWriter detail;
  detail.begin_object().field("person", offer.person).field("offered_by", offer.offered_by.text());
  if (!offer.used_by.user.empty()) detail.field("account", offer.used_by.text());
  return detail.end_object().take();
}

}  // namespace vedette::commands
