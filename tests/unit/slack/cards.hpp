#pragma once
// Neutral cards for the tests of this folder.

#include <string>
#include <vector>

#include "bot/chat/card.hpp"

namespace vedette::test {

// Every kind of block once, as a case would use it.
inline chat::Card full_card() {
  chat::Card card;
  card.summary = "HIGH · Likely malicious 86 % · C-12 · Password guessed for root on web01";
  card.tone = chat::Tone::danger;
  card.blocks = {
      chat::Heading{"🔴 HIGH · Likely malicious 86 % · C-12", chat::Tone::danger},
      chat::Paragraph{
          {{"Password guessed for root on web01 from 203[.]0[.]113[.]7", {1, 4}, true}, {"A second line", {}, false}},
          false},
      chat::Bullets{"Why", {{"312 failed logins in 4 min", {1}, false}, {"then one that worked", {4}, false}}},
      chat::Paragraph{{{"Not checked: the host's own log", {}, false}, {"Owner: none · 4 min old", {}, false}}, true},
      chat::Facts{{{"Source", "wazuh"}, {"Rule", "5763 <sshd>"}}},
      chat::Chips{"Entities", {"web01", "root", "203[.]0[.]113[.]7"}},
      chat::Steps{{{"Looked at logins", chat::StepState::done}, {"Looking at processes", chat::StepState::running}}},
      chat::Records{"E1 · event log", "{\"event\":\"ssh\"}\n\n  indented", true},
      chat::Table{{"time", "host"}, {{"03:12:09", "web01"}, {"03:12:11", "web02.long.example"}}},
      chat::Divider{},
      chat::Buttons{{{"Block IP", "request R-9 --digest=ab12", chat::Tone::danger, "Block 203[.]0[.]113[.]7 for 4 h?"},
                     {"Ack", "ack C-12", chat::Tone::good, ""},
                     {"Close…", "close C-12", chat::Tone::neutral, ""}}},
      chat::Thumbs{"good C-12", "bad C-12"},
  };
  return card;
}

inline chat::Line line(std::string text) { return chat::Line{std::move(text), {}, false}; }

}  // namespace vedette::test
