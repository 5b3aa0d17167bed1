// Activities from Teams: whatever the bytes, no crash; what becomes an interaction can be stored and read back, and nothing
// that a client asks by itself becomes a command.

#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "integrations/teams/activity_wire.hpp"

namespace {

using namespace vedette;

void use(const chat::Interaction& interaction) {
  if (interaction.who.user.empty() || interaction.channel.empty() || interaction.key.empty()) std::abort();
  const auto back = chat::interaction_from_json(chat::to_json(interaction));
  if (!back || back->key != interaction.key || back->text != interaction.text) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const auto activity = teams::read_activity(bytes);
  if (!activity) return 0;
  const auto object_of = [](const std::string& address) { return address.substr(0, 40); };
  const teams::Meaning meaning = teams::interpret(*activity, object_of);
  if (const auto* said = std::get_if<chat::Interaction>(&meaning)) use(*said);
  if (const auto* thumb = std::get_if<teams::Feedback>(&meaning)) use(thumb->interaction);
  if (const auto* fetch = std::get_if<teams::DialogFetch>(&meaning)) use(fetch->interaction);
  if (const auto* submit = std::get_if<teams::DialogSubmit>(&meaning)) use(submit->interaction);
  if (const auto* press = std::get_if<teams::CardAction>(&meaning)) {
    use(press->interaction);
    if (press->refresh != press->interaction.text.empty()) std::abort();
    if (activity->type == "invoke" && activity->json["value"]["trigger"].string_or("manual") != "manual" &&
        !press->interaction.text.empty()) {
      std::abort();
    }
  }
  (void)teams::conversation_of(*activity);
  (void)teams::person_of(*activity);
  return 0;
}
