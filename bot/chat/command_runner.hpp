#pragma once
// The port through which the router has a command carried out; commands/ implements it.

#include <optional>

#include "bot/base/async.hpp"
#include "bot/chat/card.hpp"
#include "bot/chat/interaction.hpp"
#include "bot/domain/ids.hpp"
#include "bot/domain/person.hpp"

namespace vedette::chat {

struct Reply {
  std::optional<Card> card;     // nothing: the changed case card is the answer
  bool only_for_sender = true;  // refusals, help and looked-up things are; receipts for the thread are not
  // It was looked up about the case in whose thread it was asked: whoever reads that case there may read the answer.
  bool answers_question = false;
};

class CommandRunner {
 public:
  virtual ~CommandRunner() = default;
  // Parses and runs `interaction.text`. `person` is nullptr for strangers. `context` is the case whose thread it was said
  // in, if any. What goes wrong is a Reply too; an Error means: could not be done now, try the interaction again later.
  virtual Async<Reply> run(Interaction interaction, const Person* person, CaseId context) = 0;
};

}  // namespace vedette::chat
