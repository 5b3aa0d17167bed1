#!/usr/bin/env python3
"""The dependency rule: which folder may include which, and where third-party headers have their home.

Reads the #include lines of the files named on the command line and prints each one that breaks the table below.
"""
import re
import sys

FEATURES = ["store", "policy", "intake", "investigate", "respond", "oncall", "learn", "chat"]

# folder → folders whose headers it may include (its own always).
ALLOWED = {
    "bot/base": [],
    "bot/net": ["bot/base"],
    "bot/domain": ["bot/base"],
    **{f"bot/{f}": ["bot/base", "bot/domain"] for f in FEATURES},
    "commands": ["bot/base", "bot/domain"] + [f"bot/{f}" for f in FEATURES],
    "bot/app": ["bot", "commands", "integrations"],
    "bot/main.cpp": ["bot/app", "bot/base"],
    "integrations": ["bot/base", "bot/net", "bot/domain", "bot/respond", "bot/chat", "integrations"],
    "tests": ["bot", "commands", "integrations", "tests"],
    "bench": ["bot", "commands", "integrations", "bench", "tests"],
}
# The middle row, without circles: who may include whom among the features.
FEATURE_EDGES = {
    "store": [],
    "policy": [],
    "intake": ["store"],
    "investigate": ["store"],
    "respond": ["store", "policy"],
    "chat": ["store"],
    "oncall": ["store", "policy"],
    "learn": ["store"],
}
PORTS = [
    "bot/chat/card.hpp", "bot/chat/form.hpp", "bot/chat/platform.hpp", "bot/chat/interaction.hpp",
    "bot/chat/adaptive_card.hpp", "bot/chat/card_parts.hpp", "bot/chat/conversations.hpp",
    "bot/chat/typed_text.hpp", "bot/chat/current_cards.hpp",
    "bot/chat/home.hpp",
    "bot/respond/action_provider.hpp", "bot/investigate/evidence_source.hpp",
]
# The console is Vedette's own surface: it reads the messages and sessions it shows.
EXTRA = {"integrations/console": ["bot/store/"]}

# third-party header prefix → regular expression of the files that may include it
THIRD_PARTY = [
    (r"boost/beast", r"^(bot/net/[^/]+\.(cpp|hpp)|bench/.*|tests/.*)$"),
    (r"boost/asio/ssl", r"^(bot/net/[^/]+\.(cpp|hpp)|tests/.*)$"),
    (r"sqlite3\.h", r"^(bot/store/sqlite/.*|tests/.*|bench/.*)$"),
    (r"libpq-fe\.h", r"^bot/store/postgres/.*$"),
    (r"nlohmann/json\.hpp", r"^(bot/base/json\.cpp|.*(wire|render|parse)[^/]*|tests/.*|bench/.*)$"),
    (r"zip\.h$", r"^bot/base/zip\.cpp$"),
    (r"(regex|iostream|future)$", r"^$"),
]

INCLUDE = re.compile(r'^\s*#\s*include\s*[<"]([^>"]+)[>"]')


def folder_of(path):
    parts = path.split("/")
    if path == "bot/main.cpp":
        return path
    if parts[0] == "bot":
        return "/".join(parts[:2])
    if parts[0] == "integrations" and len(parts) > 2:
        return "/".join(parts[:2])
    return parts[0]


def allowed(path, header):
    home, target = folder_of(path), folder_of(header)
    if home == target:
        return True
    if home.startswith("integrations/"):
        if target in ("bot/base", "bot/net", "bot/domain") or header in PORTS:
            return True
        return any(header.startswith(prefix) for prefix in EXTRA.get(home, []))
    feature = home.removeprefix("bot/")
    if feature in FEATURE_EDGES and target.removeprefix("bot/") in FEATURE_EDGES[feature]:
        return True
    return any(target == folder or target.startswith(folder + "/") for folder in ALLOWED.get(home, []))


def check(path):
    problems = []
    if path.startswith(("cmake/",)):
        return problems
    with open(path, encoding="utf-8") as file:
        for number, line in enumerate(file, 1):
            match = INCLUDE.match(line)
            if not match:
                continue
            header = match.group(1)
            for pattern, home in THIRD_PARTY:
                if re.match(pattern, header) and not re.match(home, path):
                    problems.append(f"{path}:{number}: <{header}> does not belong here")
            if header.startswith(("bot/", "commands/", "integrations/", "tests/", "bench/")) and not allowed(path, header):
                problems.append(f"{path}:{number}: {folder_of(path)} may not include {header}")
    return problems


def main():
    problems = [problem for path in sys.argv[1:] for problem in check(path)]
    print("\n".join(problems), end="\n" if problems else "")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
