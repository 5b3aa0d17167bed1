#pragma once
// Which entities of an alert may tie it to other alerts. Pure.
//
// Yes: hosts, users, addresses, hashes, URLs, domains, mail addresses, access keys, resources.
// No, because they are everywhere and would tie together what has nothing in common:
//   processes (every machine runs powershell.exe)
//   accounts that every machine has (SYSTEM, root, Administrator …) and machine accounts (name$)
//   loopback, link-local, multicast and broadcast addresses; private addresses that look like a gateway (first or last of a
//   /24: .0 .1 .254 .255); public name servers
//   "localhost"; the hashes of the empty file; whole cloud accounts, namespaces, scrape jobs and applications
// What else turns out to be everywhere is found by counting: see choose.hpp.

#include <vector>

#include "bot/domain/alert.hpp"

namespace vedette::intake {

bool may_join(const Entity& entity);
std::vector<Entity> joining_entities(const Alert& alert);  // at most 40, in the alert's order

}  // namespace vedette::intake
