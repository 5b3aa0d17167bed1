#include "bot/policy/policy.hpp"

#include <algorithm>
#include <array>
#include <set>
#include <stdexcept>

#include <fmt/format.h>
#include <boost/asio/ip/address.hpp>
#include <boost/asio/ip/network_v4.hpp>
#include <boost/asio/ip/network_v6.hpp>

#include "bot/base/text.hpp"

namespace vedette::policy {
namespace {

namespace ip = boost::asio::ip;

constexpr int kMostApprovals = 10;
constexpr std::chrono::minutes kLongestExpiry(30);  // an approval given long ago says little about now

constexpr std::chrono::hours kLongestSnooze(720);

struct RoleRow {
  std::string_view role;
  std::array<bool, 5> holds;  // by Permission
};
constexpr std::array<RoleRow, 4> kRoles = {{
    {"viewer", {true, false, false, false, false}},
    {"analyst", {true, true, true, false, false}},
    {"approver", {true, true, true, true, false}},
    {"admin", {true, true, true, true, true}},
}};

bool role_holds(std::string_view role, Permission permission) {
  const auto row = std::find_if(kRoles.begin(), kRoles.end(), [&](const RoleRow& r) { return r.role == role; });
  return row != kRoles.end() && row->holds[static_cast<size_t>(permission)];
}

// The fixed roles, and for approvals those that a rule names.
std::string roles_that_hold(Permission permission, const std::vector<ActionRule>& rules) {
  std::vector<std::string> names;
  const auto add = [&](std::string name) {
    if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(std::move(name));
  };
  for (const auto& row : kRoles) {
    if (row.holds[static_cast<size_t>(permission)]) add(std::string(row.role));
  }
  for (const auto& rule : rules) {
    if (permission != Permission::approve) break;
    for (const auto& role : rule.approver_roles) add(role);
  }
  return text::join(names, " or ");
}

std::string_view what_it_is(Permission permission) {
  switch (permission) {
    case Permission::read: return "look at cases";
    case Permission::triage: return "change cases";
    case Permission::respond: return "ask for actions";
    case Permission::approve: return "approve actions";
    case Permission::administer: return "administer Vedette";
  }
  return "do this";
}

// An address or network as one 128-bit network; IPv4 lies in ::ffff:0:0/96, so that mapped and plain forms are the same.
struct Network {
  std::array<unsigned char, 16> bytes{};
  unsigned length = 128;
};

std::optional<Network> network_of(std::string_view text) {
  const size_t slash = text.find('/');
  boost::system::error_code error;
  const auto address = ip::make_address(std::string(text.substr(0, slash)), error);
  if (error) return std::nullopt;
  Network network;
  network.bytes =
      address.is_v6() ? address.to_v6().to_bytes() : ip::make_address_v6(ip::v4_mapped, address.to_v4()).to_bytes();
  if (slash == std::string_view::npos) return network;
  const auto length = text::parse_integer(text.substr(slash + 1));
  const int64_t most = address.is_v4() ? 32 : 128;
  if (!length || *length < 0 || *length > most) return std::nullopt;
  network.length = static_cast<unsigned>(*length + 128 - most);
  return network;
}

bool overlap(const Network& a, const Network& b) {
  unsigned bits = std::min(a.length, b.length);
  for (size_t i = 0; i < a.bytes.size() && bits > 0; ++i) {
    const unsigned here = std::min(bits, 8u);
    const auto mask = static_cast<unsigned char>(0xFFu << (8 - here));
    if ((a.bytes[i] & mask) != (b.bytes[i] & mask)) return false;
    bits -= here;
  }
  return true;
}

// "dc01.corp.example" → "dc01" for hosts, "ann@corp.example" → "ann" for users; others have no short form.
std::string_view short_name(EntityType type, std::string_view value) {
  if (type == EntityType::host) return value.substr(0, value.find('.'));
  if (type == EntityType::user) return value.substr(0, value.find('@'));
  return value;
}

bool same_thing(EntityType type, std::string_view a, std::string_view b) {
  if (a == b) return true;
  const auto short_a = short_name(type, a);
  const auto short_b = short_name(type, b);
  const bool one_is_short = short_a.size() == a.size() || short_b.size() == b.size();
  return one_is_short && short_a == short_b;
}

bool fits(std::string_view value, std::string_view part, bool open_front, bool open_back) {
  if (open_front && open_back) return value.find(part) != std::string_view::npos;
  return open_front ? value.ends_with(part) : value.starts_with(part);
}

bool has_any(const Person& person, const std::vector<std::string>& roles) {
  return std::any_of(roles.begin(), roles.end(), [&](const std::string& role) { return person.has_role(role); });
}

bool is_barred(const Action& action, const std::string& person) {
  return std::find(action.barred.begin(), action.barred.end(), person) != action.barred.end();
}

Decision refuse(std::string reason, int approvals = 1) { return {false, std::move(reason), approvals}; }

std::string protected_reason(const Entity& target) {
  return fmt::format(
      "{} is protected: nobody may act on it through Vedette. Handle it by hand, or have an administrator change "
      "the policy.",
      to_text(target));
}

}  // namespace

std::string_view to_string(Permission permission) {
  switch (permission) {
    case Permission::read: return "read";
    case Permission::triage: return "triage";
    case Permission::respond: return "respond";
    case Permission::approve: return "approve";
    case Permission::administer: return "administer";
  }
  return "read";
}

Result<Policy::Pattern> Policy::parse_pattern(std::string_view given) {
  const auto bad = [&](std::string_view why) {
    return Error(Code::invalid_input, fmt::format("protected target '{}' {}", text::displayable(given), why));
  };
  const size_t colon = given.find(':');
  const auto type = colon == std::string_view::npos ? std::nullopt : entity_type_from(given.substr(0, colon));
  if (!type) return bad("does not start with a type, as in host:dc01");
  Pattern pattern;
  pattern.type = *type;
  std::string_view value = text::trim(given.substr(colon + 1));
  if (value.empty()) return bad("names nothing");
  if (*type == EntityType::ip) {
    if (!network_of(value)) return bad("is not an address or a network, as in ip:10.0.0.0/8");
    pattern.value = std::string(value);
    return pattern;
  }
  if (value.starts_with('*')) pattern.open_front = true, value.remove_prefix(1);
  if (value.ends_with('*')) pattern.open_back = true, value.remove_suffix(1);
  if (value.find('*') != std::string_view::npos) return bad("may have a * at its start and its end only");
  pattern.value = text::lower(value);
  return pattern;
}

Status validate(const PolicyOptions& options) {
  for (const auto& target : options.protected_targets) TRY_VOID(Policy::parse_pattern(target));
  for (const auto& rule : options.rules) {
    if (rule.verb.empty()) return Error(Code::invalid_input, "an action rule needs a verb, as in block_ip or *");
    if (rule.approvals < 1 || rule.approvals > kMostApprovals) {
      return Error(Code::invalid_input, fmt::format("the rule for {} needs 1 to {} approvals", rule.verb, kMostApprovals));
    }
    if (rule.approver_roles.empty())
      return Error(Code::invalid_input, fmt::format("the rule for {} names no approver roles", rule.verb));
  }
  if (options.expiry < std::chrono::minutes(1) || options.expiry > kLongestExpiry) {
    return Error(Code::invalid_input, "approvals must expire after 1 to 30 minutes");
  }
  if (options.longest_snooze < std::chrono::hours(1) || options.longest_snooze > kLongestSnooze) {
    return Error(Code::invalid_input, "a snooze may last at most 1 to 720 hours");
  }
  return {};
}

Policy::Policy(PolicyOptions options) : options_(std::move(options)) {
  if (const auto valid = validate(options_); !valid) throw std::invalid_argument(valid.error().message);
  for (const auto& target : options_.protected_targets) patterns_.push_back(parse_pattern(target).value());
}

const ActionRule& Policy::rule_for(const ActionPlan& plan) const {
  static const ActionRule kDefault{"*"};
  const auto rule = std::find_if(options_.rules.begin(), options_.rules.end(),
                                 [&](const ActionRule& r) { return r.verb == "*" || r.verb == plan.verb; });
  return rule == options_.rules.end() ? kDefault : *rule;
}

bool Policy::is_protected(const Entity& target) const {
  const std::string value = text::lower(target.value);
  const auto address = network_of(value);
  return std::any_of(patterns_.begin(), patterns_.end(), [&](const Pattern& pattern) {
    if (pattern.type == EntityType::ip) return address && overlap(*network_of(pattern.value), *address);
    if (pattern.type != target.type) return false;
    if (pattern.open_front || pattern.open_back) return fits(value, pattern.value, pattern.open_front, pattern.open_back);
    return same_thing(pattern.type, pattern.value, value);
  });
}

Decision Policy::may(const Person& person, Permission permission) const {
  const auto holds = [&](const std::string& role) {
    if (role_holds(role, permission)) return true;
    if (permission != Permission::approve) return false;
    return std::any_of(options_.rules.begin(), options_.rules.end(), [&](const ActionRule& rule) {
      return std::find(rule.approver_roles.begin(), rule.approver_roles.end(), role) != rule.approver_roles.end();
    });
  };
  if (std::any_of(person.roles.begin(), person.roles.end(), holds)) {
    return {true, fmt::format("@{} may {}.", person.id, what_it_is(permission)), 1};
  }
  return refuse(fmt::format("You may not {}: that takes the role {}. Ask an administrator of Vedette for it.",
                            what_it_is(permission), roles_that_hold(permission, options_.rules)));
}

Decision Policy::may_request(const Person& person, const ActionPlan& plan) const {
  const int approvals = rule_for(plan).approvals;
  if (is_protected(plan.target)) return refuse(protected_reason(plan.target), approvals);
  Decision decision = may(person, Permission::respond);
  decision.approvals = approvals;
  decision.requester_counts = options_.requester_may_approve && has_any(person, rule_for(plan).approver_roles);
  return decision;
}

Decision Policy::may_approve(const Person& person, const Action& action) const {
  const auto& rule = rule_for(action.plan);
  const int approvals = std::max(action.approvals_needed, 1);
  if (is_protected(action.plan.target)) return refuse(protected_reason(action.plan.target), approvals);
  if (!has_any(person, rule.approver_roles)) {
    return refuse(fmt::format("You may not decide on {}: that takes the role {}. Ask somebody who has it.",
                              to_string(action.id), text::join(rule.approver_roles, " or ")),
                  approvals);
  }
  const bool proposed = person.id == action.proposer && !options_.requester_may_approve;
  if (person.id == action.requester || proposed) {
    return refuse(fmt::format("You asked for {} yourself, so somebody else has to decide on it.", to_string(action.id)),
                  approvals);
  }
  if (is_barred(action, person.id)) {
    return refuse(fmt::format("You had a hand in {}: you proposed, asked for or changed what it replaces. Somebody else has "
                              "to decide on it.",
                              to_string(action.id)),
                  approvals);
  }
  const bool voted =
      std::any_of(action.votes.begin(), action.votes.end(), [&](const Vote& vote) { return vote.person == person.id; });
  if (voted)
    return refuse(fmt::format("You have decided on {} already; it needs another person now.", to_string(action.id)),
                  approvals);
  return {true, fmt::format("@{} may decide on {}.", person.id, to_string(action.id)), approvals};
}

Decision Policy::may_run(const Action& action) const {
  const int approvals = std::max({action.approvals_needed, rule_for(action.plan).approvals, 1});
  if (is_protected(action.plan.target)) return refuse(protected_reason(action.plan.target), approvals);
  std::set<std::string> approvers;
  if (options_.requester_may_approve) approvers.insert(action.requester);
  for (const auto& vote : action.votes) {
    if (!vote.approve) return refuse(fmt::format("@{} denied it.", vote.person), approvals);
    const bool own = vote.person == action.requester || is_barred(action, vote.person) ||
                     (vote.person == action.proposer && !options_.requester_may_approve);
    if (!own) approvers.insert(vote.person);
  }
  if (static_cast<int>(approvers.size()) < approvals) {
    return refuse(fmt::format("It has {} of the {} approvals that the policy asks for.", approvers.size(), approvals),
                  approvals);
  }
  return {true, "Approved as the policy asks.", approvals};
}

}  // namespace vedette::policy
