// AWS CloudTrail records. Field meanings: AWS CloudTrail User Guide, "CloudTrail record contents" and "CloudTrail
// userIdentity element". Field names follow ECS and the aws.cloudtrail.* names of the Elastic AWS integration.
//
// The record may stand bare, in {"Records": […]} as CloudTrail delivers it, or inside other objects; what stands around it
// (for example labels of a data set) is not read and not kept.

#include <algorithm>
#include <array>

#include "bot/base/text.hpp"
#include "bot/intake/events/event_format.hpp"
#include "bot/intake/reading.hpp"

namespace vedette::intake {
namespace {

// The session name of "arn:aws:sts::1234:assumed-role/Role/session".
std::string session_of(std::string_view arn) {
  return arn.find(":assumed-role/") == std::string_view::npos ? std::string() : base_name(arn);
}

// Who acted, as people say it. A role session whose name is a mail address is a person behind single sign-on; other
// sessions are called by their role, because session names are chosen by the caller.
std::string user_of(const Json& identity) {
  const std::string type = text_of(identity["type"]);
  if (type == "Root") return "root";
  if (auto name = text_of(identity["userName"]); !name.empty()) return name;
  const std::string arn = text_of(identity["arn"]);
  std::string session = session_of(arn);
  if (session.find('@') != std::string::npos) return session;
  if (auto role = first_text(identity, {"/sessionContext/sessionIssuer/userName"}); !role.empty()) return role;
  if (!arn.empty()) return base_name(arn);
  if (type == "AWSService") return text_of(identity["invokedBy"]);
  return base_name(text_of(identity["principalId"]));
}

void put_identity(Fields& fields, const Json& identity) {
  const std::string prefix = "aws.cloudtrail.user_identity.";
  put(fields, "user.name", user_of(identity));
  put(fields, "user.id", identity["principalId"]);
  put(fields, prefix + "type", identity["type"]);
  put(fields, prefix + "arn", identity["arn"]);
  put(fields, prefix + "access_key_id", identity["accessKeyId"]);
  put(fields, prefix + "invoked_by", identity["invokedBy"]);
  put(fields, prefix + "session_name", session_of(text_of(identity["arn"])));
  const Json issuer = identity.at("/sessionContext/sessionIssuer");
  put(fields, prefix + "session_context.session_issuer.arn", issuer["arn"]);
  put(fields, prefix + "session_context.session_issuer.user_name", issuer["userName"]);
  put(fields, prefix + "session_context.mfa_authenticated", identity.at("/sessionContext/attributes/mfaAuthenticated"));
}

std::string_view category_of(std::string_view provider, std::string_view action) {
  if (action == "ConsoleLogin" || action.starts_with("AssumeRole") || action.starts_with("GetSessionToken") ||
      action == "GetFederationToken" || provider == "signin.amazonaws.com") {
    return "authentication";
  }
  constexpr std::array<std::string_view, 4> kIdentity = {"iam.amazonaws.com", "sts.amazonaws.com", "sso.amazonaws.com",
                                                         "organizations.amazonaws.com"};
  if (std::find(kIdentity.begin(), kIdentity.end(), provider) != kIdentity.end()) return "iam";
  return "configuration";
}

std::string_view outcome_of(const Json& record) {
  if (record["errorCode"].is_string()) return "failure";
  const std::string login = text_of(record.at("/responseElements/ConsoleLogin"));
  return login == "Failure" ? "failure" : "success";
}

void put_target(Fields& fields, const Json& record) {
  const Json request = record["requestParameters"];
  const std::string target = text_of(request["userName"]);
  if (target != get(fields, "user.name")) put(fields, "user.target.name", target);
  put(fields, "user.target.group.name", request["groupName"]);
  if (const auto instance = first_text(request, {"/instanceId", "/instancesSet/items"}); !instance.empty()) {
    put(fields, "cloud.instance.id", instance);
  }
  std::string resources;
  for (const auto& resource : record["resources"].elements()) {
    const std::string arn = first_text(resource, {"/ARN", "/arn"});
    if (!arn.empty()) resources += (resources.empty() ? "" : ", ") + arn;
  }
  if (resources.empty()) {
    resources = first_text(request, {"/roleArn", "/policyArn", "/bucketName", "/secretId", "/trailName", "/functionName",
                                     "/instanceId", "/roleName", "/groupId"});
  }
  put(fields, "cloud.resource.id", resources);
}

}  // namespace

bool is_cloudtrail_record(const Json& record) {
  return record["eventName"].is_string() && record["eventSource"].is_string() && record["eventTime"].exists() &&
         (record["userIdentity"].exists() || record["awsRegion"].exists());
}

Fields cloudtrail_fields(const Json& record) {
  Fields fields;
  const std::string provider = text_of(record["eventSource"]);
  const std::string action = text_of(record["eventName"]);
  put(fields, "event.action", action);
  put(fields, "event.provider", provider);
  put(fields, "event.category", category_of(provider, action));
  put(fields, "event.outcome", outcome_of(record));
  put(fields, "event.type", record["readOnly"].boolean_or(false) ? "access" : "change");
  put(fields, "event.kind", "event");
  put(fields, "error.code", record["errorCode"]);
  put(fields, "error.message", record["errorMessage"]);
  put(fields, "cloud.provider", "aws");
  put(fields, "cloud.region", record["awsRegion"]);
  put(fields, "cloud.account.id", first_text(record, {"/recipientAccountId", "/userIdentity/accountId"}));
  put(fields, "user_agent.original", record["userAgent"]);
  const std::string source = text_of(record["sourceIPAddress"]);
  put(fields, "source.address", source);
  put(fields, "source.ip", address_of(source));
  put_identity(fields, record["userIdentity"]);
  put_target(fields, record);
  put(fields, "aws.cloudtrail.request_id", record["requestID"]);
  put(fields, "aws.cloudtrail.event_type", record["eventType"]);
  put(fields, "aws.cloudtrail.read_only", record["readOnly"]);
  put(fields, "aws.cloudtrail.management_event", record["managementEvent"]);
  put(fields, "aws.cloudtrail.shared_event_id", record["sharedEventID"]);
  put(fields, "aws.cloudtrail.vpc_endpoint_id", record["vpcEndpointId"]);
  put(fields, "aws.cloudtrail.session_credential_from_console", record["sessionCredentialFromConsole"]);
  flatten(record["requestParameters"], "aws.cloudtrail.request_parameters", fields, 60);
  flatten(record["responseElements"], "aws.cloudtrail.response_elements", fields, 40);
  flatten(record["additionalEventData"], "aws.cloudtrail.additional_event_data", fields, 20);
  flatten(record["serviceEventDetails"], "aws.cloudtrail.service_event_details", fields, 20);
  return fields;
}

Result<Event> parse_cloudtrail(const Json& record) {
  const auto time = time_of(record["eventTime"]);
  if (!time) return Error(Code::invalid_input, "a CloudTrail record without a readable eventTime");
  Event event;
  event.time = *time;
  event.fields = cloudtrail_fields(record);
  event.id = text_of(record["eventID"]);
  if (event.id.empty()) event.id = digest_id(record);
  return event;
}

}  // namespace vedette::intake
