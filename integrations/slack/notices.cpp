#include "integrations/slack/notices.hpp"

#include <fmt/format.h>

namespace vedette::slack {

chat::Card ghosts_notice(int64_t counted, size_t ours) {
  chat::Card card;
  card.tone = chat::Tone::warning;
  card.summary = "Buttons may be dead for a while: write the command instead.";
  card.blocks.push_back(chat::Heading{"Buttons may be dead for a while", chat::Tone::warning});
  card.blocks.push_back(chat::Paragraph{
      {{fmt::format(
            "Slack counts {} connections of this app, and {} are Vedette's. What you press can go to one of the others "
            "and be lost without a word.",
            counted, ours),
        {},
        false},
       {"If a press does nothing, mention Vedette and write it: “approve R-9”, “deny R-9”, “ack C-12”. Slack repeats a "
        "message "
        "until Vedette has it; a press and a slash command it does not.",
        {},
        true}},
      false});
  card.blocks.push_back(chat::Paragraph{{{"For whoever runs Vedette: end other programs that use the same app token. "
                                          "Connections that died without a goodbye go away "
                                          "by themselves, within hours at most. This message changes when they are gone.",
                                          {},
                                          false}},
                                        true});
  return card;
}

chat::Card ghosts_gone_notice() {
  chat::Card card;
  card.tone = chat::Tone::good;
  card.summary = "Buttons are reliable again.";
  card.blocks.push_back(
      chat::Paragraph{{{"Slack counts Vedette's own connections only: buttons are reliable again.", {}, false}}, false});
  return card;
}

}  // namespace vedette::slack
