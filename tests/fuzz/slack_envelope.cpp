// Frames and payloads from Slack: whatever the bytes, no crash; what becomes an interaction can be stored and read back.

#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "integrations/slack/events_wire.hpp"
#include "integrations/slack/render.hpp"

namespace {

void use(const vedette::slack::Meaning& meaning) {
  const auto* interaction = std::get_if<vedette::chat::Interaction>(&meaning);
  if (interaction == nullptr) return;
  if (interaction->who.user.empty() || interaction->channel.empty() || interaction->key.empty()) std::abort();
  const auto back = vedette::chat::interaction_from_json(vedette::chat::to_json(*interaction));
  if (!back || back->key != interaction->key || back->text != interaction->text) std::abort();
  vedette::chat::Card card;
  card.summary = interaction->text;
  card.blocks = {vedette::chat::Records{interaction->key, interaction->text, true}};
  if (vedette::slack::render(card).blocks.empty()) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  vedette::slack::plain_command(bytes);
  const auto frame = vedette::slack::parse_frame(bytes);
  if (frame) {
    if (const auto* envelope = std::get_if<vedette::slack::Envelope>(&*frame)) {
      if (vedette::slack::ack_frame(envelope->id).size() > 2000) std::abort();
      use(vedette::slack::interpret(envelope->type, envelope->payload, {}));
    }
  }
  const auto body = vedette::Json::parse(bytes);
  if (!body) return 0;
  for (const char* type : {"events_api", "interactive", "slash_commands"}) {
    use(vedette::slack::interpret(type, *body, {"U0BOT", "B0BOT", "T1", ""}));
  }
  return 0;
}
