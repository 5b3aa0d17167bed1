#pragma once
// What Teams has to be told about the app: the package that is uploaded there, made by `vedette manifest teams`. Pure; the
// same input gives the same bytes.
//
// Manifest 1.25, the first in which a bot may be in private and shared channels too (supportsChannelFeatures). Format and
// limits: learn.microsoft.com/microsoftteams/platform/resources/schema/manifest-schema and
// …/bots/how-to/create-a-bot-commands-menu.

#include <string>
#include <string_view>
#include <vector>

#include "bot/base/result.hpp"

namespace vedette::teams {

struct OfferedCommand {
  std::string title;        // what is put into the message; 32 characters
  std::string description;  // 128 characters
};

// What somebody is offered to say, by where they write.
struct OfferedCommands {
  std::string scope;  // "team", "groupChat", "personal"
  std::vector<OfferedCommand> commands;
};

struct PackageOptions {
  std::string app_id;  // of the bot; the app in Teams gets the same id
  // Of the organisation that runs it, https://…: where the links in the app's details lead. Empty: to Vedette's licence.
  std::string website;
  std::vector<OfferedCommands> offered;  // three lists of ten commands at most
};

struct Permission {
  std::string_view name;
  std::string_view purpose;  // for people: "to …"
};
// Those of the manifest. None of them lets Vedette read what is not said to it.
const std::vector<Permission>& needed_permissions();

// manifest.json, indented. Errors: invalid_input when something does not fit Teams' limits.
Result<std::string> app_manifest(const PackageOptions& options);
// The archive with manifest.json, color.png and outline.png.
Result<std::string> app_package(const PackageOptions& options);

}  // namespace vedette::teams
