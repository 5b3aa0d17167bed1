#pragma once
// Files built into the program (see cmake/embed.cmake).

#include <string_view>
#include <vector>

namespace vedette {

struct EmbeddedFile {
  std::string_view name;  // path below its folder
  std::string_view content;
};

const std::vector<EmbeddedFile>& embedded_migrations();
const std::vector<EmbeddedFile>& embedded_console_assets();
const std::vector<EmbeddedFile>& embedded_teams_icons();  // config/teams
const std::vector<EmbeddedFile>& embedded_questions();    // config/questions
const std::vector<EmbeddedFile>& embedded_config();       // config/vedette.schema.json and what else ships with the program

}  // namespace vedette
