#pragma once
// The neutral card as a Block Kit message (docs.slack.dev/reference/block-kit). Pure; total: every card renders within
// Slack's limits (50 blocks, header 150, section and context text, 25 buttons a row of actions, button label 75, value 2000,
// confirm text 300, and about 13,000 characters over all blocks, which Slack enforces without documenting it).
//
// Text is never markup: it goes into plain_text objects (emoji off) and rich_text elements, which Slack shows literally, so
// that nothing in an alert mentions, links or formats. `text`, the notification and screen-reader line, has & < > escaped.
// Nothing is cut silently. Long text continues in the next block. What a message cannot hold at all is left out from the
// end, buttons excepted, and the last line says how many lines are missing and that the console has them.
// A file is not rendered into a message: what stands there says where its text is to be had.

#include <string>

#include "bot/chat/card.hpp"

namespace vedette::slack {

// Kinds of block of 2026, which a workspace may not take yet.
struct NewerBlocks {
  bool plan = false;        // steps, as task cards
  bool data_table = false;  // a table
  bool container = false;   // folded records, closed at first
  static NewerBlocks all() { return {true, true, true}; }
  bool any() const { return plan || data_table || container; }
};

struct RenderLimits {
  size_t blocks = 50;
  size_t characters = 11'000;  // text of all blocks with an allowance for their frames
  bool plain = false;          // only the oldest kinds of block: what is sent when Slack refuses the usual ones
  // Thumbs as Slack's own element for them (docs.slack.dev/reference/block-kit/block-elements/feedback-buttons-element);
  // else, and always where `plain`, as ordinary buttons. Only messages may have that element, no view.
  bool feedback_buttons = true;
  // The newer kinds, where the content suits them; else the same in classic blocks. Never where `plain`.
  NewerBlocks newer = NewerBlocks::all();
};

struct Message {
  std::string text;    // mrkdwn-escaped; never empty
  std::string blocks;  // JSON array
  size_t missing_lines = 0;
  NewerBlocks newer;  // those it has
};

Message render(const chat::Card& card, const RenderLimits& limits = {});

// & < > as entities: Slack's way to say "literally" in mrkdwn (docs.slack.dev/messaging/formatting-message-text).
std::string escape(std::string_view text);

}  // namespace vedette::slack
