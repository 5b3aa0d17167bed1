// `vedette manifest teams`. Microsoft's own schema judges the manifest in tests/slow/teams/manifest_test.cpp.
#include "bot/app/teams_package.hpp"

#include <cstdlib>
#include <filesystem>
#include <set>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "bot/base/text.hpp"
#include "commands/registry.hpp"
#include "tests/support/files.hpp"
#include "tests/support/process.hpp"

namespace vedette::app {
namespace {

using nlohmann::json;

constexpr const char* kApp = "0e9c0e9c-1111-4222-8333-0123456789ab";

teams::PackageOptions options() {
  teams::PackageOptions options;
  options.app_id = kApp;
  options.offered = offered_in_teams();
  return options;
}

// What `vedette manifest teams` says and returns.
struct Ran {
  int code = 0;
  std::string printed;
  std::string complained;
};
Ran run(const TeamsPackageArguments& arguments) {
  Ran ran;
  ran.code = write_teams_package(
      arguments, [&](const std::string& line) { ran.printed += line + "\n"; },
      [&](const std::string& line) { ran.complained += line + "\n"; });
  return ran;
}

TEST(TeamsPackage, the_manifest_is_the_same_as_ever) {
  const auto manifest = teams::app_manifest(options());
  ASSERT_TRUE(manifest) << manifest.error().message;
  // Teams takes a changed manifest only under a higher version: raise kPackageVersion with it.
  test::expect_golden("teams/manifest.json", *manifest);
}

TEST(TeamsPackage, commands_are_those_of_the_registry) {
  const auto offered = offered_in_teams();
  std::set<std::string> scopes;
  for (const auto& list : offered) {
    scopes.insert(list.scope);
    EXPECT_EQ(list.commands.size(), 10u) << list.scope;  // each verb of the menus is known, and Teams takes ten
    std::set<std::string> titles;
    for (const auto& command : list.commands) {
      const auto* spec = commands::find_command(command.title);
      ASSERT_NE(spec, nullptr) << command.title;
      EXPECT_EQ(text::lower(command.description), text::lower(std::string(spec->summary)));
      EXPECT_TRUE(titles.insert(command.title).second) << command.title;
      EXPECT_LE(text::characters(command.title), 32u);
      EXPECT_LE(text::characters(command.description), 128u) << command.description;
    }
    EXPECT_TRUE(titles.contains("help"));
  }
  EXPECT_EQ(scopes, (std::set<std::string>{"team", "groupChat", "personal"}));
}

TEST(TeamsPackage, teams_limits_are_kept) {
  auto wide = options();
  wide.offered.push_back(wide.offered[0]);
  EXPECT_FALSE(teams::app_manifest(wide));
  auto many = options();
  many.offered[0].commands.push_back(many.offered[0].commands[0]);
  EXPECT_FALSE(teams::app_manifest(many));
  auto title = options();
  title.offered[0].commands[0].title = std::string(33, 'x');
  EXPECT_FALSE(teams::app_manifest(title));
  auto description = options();
  description.offered[0].commands[0].description = std::string(129, 'x');
  EXPECT_FALSE(teams::app_manifest(description));
  for (const char* website : {"http://soc.example.com", "soc.example.com", "javascript:alert(1)"}) {
    auto wrong = options();
    wrong.website = website;
    EXPECT_FALSE(teams::app_manifest(wrong)) << website;
  }
}

TEST(TeamsPackage, every_permission_is_explained) {
  const auto manifest = json::parse(*teams::app_manifest(options()));
  const std::string guide = test::read_file(std::string(VEDETTE_SOURCE_DIR) + "/docs/teams.md");
  EXPECT_EQ(manifest["permissions"].size(), teams::needed_permissions().size());
  for (const auto& permission : teams::needed_permissions())
    EXPECT_NE(guide.find(fmt::format("`{}`", permission.name)), std::string::npos) << permission.name;
  // No right to read what is not said to it, and none over the directory.
  EXPECT_FALSE(manifest.contains("authorization"));
  EXPECT_FALSE(manifest.contains("webApplicationInfo"));
}

TEST(TeamsPackage, the_archive_has_the_manifest_and_both_icons) {
  test::TempDir folder;
  TeamsPackageArguments arguments;
  arguments.app_id = "0E9C0E9C-1111-4222-8333-0123456789AB";
  arguments.output = folder.file("app.zip");
  arguments.website = "https://soc.example.com/";
  const Ran ran = run(arguments);
  ASSERT_EQ(ran.code, 0) << ran.complained;
  EXPECT_NE(ran.printed.find("app.zip: the app 0e9c0e9c-1111-4222-8333-0123456789ab for Teams."), std::string::npos);
  // Sizes and kinds of the icons as PNG's header tells them: width, height, bits, colour type (2: RGB, 6: RGB and alpha).
  test::Process python({"/usr/bin/python3", "-c",
                        "import json, struct, sys, zipfile\n"
                        "z = zipfile.ZipFile(sys.argv[1])\n"
                        "assert z.testzip() is None\n"
                        "print(z.namelist())\n"
                        "m = json.loads(z.read('manifest.json'))\n"
                        "print(m['id'], m['bots'][0]['botId'], m['developer']['websiteUrl'])\n"
                        "for name in (m['icons']['color'], m['icons']['outline']):\n"
                        "  b = z.read(name); assert b[:8] == b'\\x89PNG\\r\\n\\x1a\\n'\n"
                        "  print(name, struct.unpack('>IIBB', b[16:26]), len(b) < 4096)\n",
                        arguments.output},
                       folder.file("log"));
  EXPECT_EQ(python.rest_of_output(),
            "['manifest.json', 'color.png', 'outline.png']\n"
            "0e9c0e9c-1111-4222-8333-0123456789ab 0e9c0e9c-1111-4222-8333-0123456789ab https://soc.example.com/\n"
            "color.png (192, 192, 8, 2) True\n"
            "outline.png (32, 32, 8, 6) True\n");
  EXPECT_EQ(python.wait(), 0) << test::read_file(folder.file("log"));
  const std::string first = test::read_file(arguments.output);
  ASSERT_EQ(run(arguments).code, 0);
  EXPECT_EQ(test::read_file(arguments.output), first);
}

TEST(TeamsPackage, the_app_id_comes_from_where_it_is_given) {
  unsetenv("TEAMS_APP_ID");
  test::TempDir folder;
  TeamsPackageArguments arguments;
  arguments.output = folder.file("app.zip");
  EXPECT_EQ(run(arguments).code, 2);
  EXPECT_NE(run(arguments).complained.find("--app-id, TEAMS_APP_ID, or --config"), std::string::npos);
  setenv("TEAMS_APP_ID", kApp, 1);
  EXPECT_EQ(run(arguments).code, 0);
  setenv("TEAMS_APP_ID", "vedette", 1);
  EXPECT_NE(run(arguments).complained.find("the app id: expected a GUID"), std::string::npos);
  unsetenv("TEAMS_APP_ID");

  arguments.config = folder.file("vedette.yaml");
  test::write_file(arguments.config, std::string("chat: {teams: {app_id: ") + kApp + ", tenant: " + kApp +
                                         ", channel: c, managed_identity: true}}");
  EXPECT_EQ(run(arguments).code, 0);
  test::write_file(arguments.config, "chat: {teams: {}}");
  const Ran wrong = run(arguments);
  EXPECT_EQ(wrong.code, 2);
  EXPECT_NE(wrong.complained.find("vedette.yaml:1:15: chat.teams: the key 'channel' is missing"), std::string::npos)
      << wrong.complained;
  test::write_file(arguments.config, "");
  EXPECT_EQ(run(arguments).code, 2);  // no section, no variable

  arguments.config.clear();
  arguments.app_id = kApp;
  arguments.output = folder.file("no/such/folder.zip");
  EXPECT_EQ(run(arguments).code, 1);
  arguments.website = "ftp://x";
  EXPECT_NE(run(arguments).complained.find("--website: expected an address"), std::string::npos);
}

}  // namespace
}  // namespace vedette::app
