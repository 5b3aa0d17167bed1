// Suricata EVE records. Source: Suricata User Guide, "EVE JSON Format" and "EVE JSON Output". All event types: alert, flow,
// netflow, http, dns, tls, fileinfo, ssh, smb, smtp, anomaly, and those to come, whose members are kept under
// suricata.eve.*.

#include <fmt/format.h>

#include "bot/base/text.hpp"
#include "bot/intake/events/event_format.hpp"
#include "bot/intake/reading.hpp"

namespace vedette::intake {
namespace {

void put_network(Fields& fields, const Json& record) {
  put(fields, "source.ip", address_of(text_of(record["src_ip"])));
  put(fields, "source.port", record["src_port"]);
  put(fields, "destination.ip", address_of(text_of(record["dest_ip"])));
  put(fields, "destination.port", record["dest_port"]);
  put(fields, "source.mac", record.at("/ether/src_mac"));
  put(fields, "destination.mac", record.at("/ether/dest_mac"));
  put(fields, "network.transport", text::lower(text_of(record["proto"])));
  put(fields, "network.protocol", text::lower(text_of(record["app_proto"])));
  put(fields, "network.community_id", record["community_id"]);
  put(fields, "network.direction", record["direction"]);
  put(fields, "observer.name", record["host"]);
  put(fields, "observer.ingress.interface.name", record["in_iface"]);
  put(fields, "suricata.eve.flow_id", record["flow_id"]);
  const Json flow = record["flow"].exists() ? record["flow"] : record["netflow"];
  put(fields, "source.bytes", flow["bytes_toserver"]);
  put(fields, "destination.bytes", flow["bytes_toclient"]);
  put(fields, "source.packets", flow["pkts_toserver"]);
  put(fields, "destination.packets", flow["pkts_toclient"]);
  put(fields, "event.reason", flow["reason"]);
  put(fields, "event.duration", flow["age"]);
}

void put_http(Fields& fields, const Json& http) {
  if (!http.exists()) return;
  const std::string host = text_of(http["hostname"]);
  const std::string path = text_of(http["url"]);
  put(fields, "url.domain", host);
  put(fields, "url.original", path);
  if (path.find("://") != std::string::npos) {
    put(fields, "url.full", path);
  } else if (!host.empty()) {
    const auto port = http["http_port"].integer();
    const std::string suffix = port && *port != 80 && host.find(':') == std::string::npos ? fmt::format(":{}", *port) : "";
    put(fields, "url.full", "http://" + host + suffix + path);
  }
  put(fields, "http.request.method", http["http_method"]);
  put(fields, "http.response.status_code", http["status"]);
  put(fields, "http.response.body.bytes", http["length"]);
  put(fields, "http.response.mime_type", http["http_content_type"]);
  put(fields, "http.request.referrer", http["http_refer"]);
  put(fields, "user_agent.original", http["http_user_agent"]);
}

// Version 2 writes rrname at the top; version 3 and alerts write lists of queries and answers.
void put_dns(Fields& fields, const Json& dns) {
  if (!dns.exists()) return;
  std::string name = text_of(dns["rrname"]);
  std::string type = text_of(dns["rrtype"]);
  for (const char* list : {"queries", "query"}) {
    if (name.empty()) name = text_of(dns[list][size_t{0}]["rrname"]);
    if (type.empty()) type = text_of(dns[list][size_t{0}]["rrtype"]);
  }
  put(fields, "dns.question.name", name);
  put(fields, "dns.question.type", type);
  put(fields, "dns.type", dns["type"]);
  put(fields, "dns.response_code", dns["rcode"]);
  Fields answers;
  flatten(dns["answers"], "answers", answers, 40);
  flatten(dns["grouped"], "grouped", answers, 40);
  put(fields, "dns.answers.data", get(answers, "answers.rdata"));
  for (const char* kind : {"grouped.A", "grouped.AAAA", "grouped.CNAME"}) {
    put_if_absent(fields, "dns.answers.data", get(answers, kind));
  }
}

void put_files(Fields& fields, const Json& record) {
  const Json file = record["fileinfo"].exists() ? record["fileinfo"] : record["files"][size_t{0}];
  put(fields, "file.path", file["filename"]);
  put(fields, "file.name", base_name(text_of(file["filename"])));
  put(fields, "file.size", file["size"]);
  put(fields, "file.mime_type", file["magic"]);
  put(fields, "file.hash.md5", file["md5"]);
  put(fields, "file.hash.sha1", file["sha1"]);
  put(fields, "file.hash.sha256", file["sha256"]);
}

void put_protocols(Fields& fields, const Json& record) {
  const Json tls = record["tls"];
  put(fields, "tls.client.server_name", tls["sni"]);
  put(fields, "tls.server.subject", tls["subject"]);
  put(fields, "tls.server.issuer", tls["issuerdn"]);
  put(fields, "tls.server.hash.sha1", text::replace_all(text_of(tls["fingerprint"]), ":", ""));
  put(fields, "tls.version", tls["version"]);
  put(fields, "tls.client.ja3", first_text(tls, {"/ja3/hash", "/ja4"}));
  put(fields, "tls.server.ja3s", tls.at("/ja3s/hash"));
  const Json smtp = record["smtp"];
  put(fields, "email.from.address", first_text(record, {"/email/from", "/smtp/mail_from"}));
  put(fields, "email.to.address", first_text(record, {"/email/to", "/smtp/rcpt_to"}));
  put(fields, "email.subject", record.at("/email/subject"));
  put(fields, "source.domain", smtp["helo"]);
  put(fields, "user.name", first_text(record, {"/smb/ntlmssp/user", "/krb5/cname", "/ftp/user", "/rdp/cookie"}));
  for (const char* member : {"ssh", "smb", "krb5", "anomaly", "rdp", "ftp", "snmp", "dhcp", "nfs", "tftp", "mqtt", "rfb"}) {
    flatten(record[member], std::string("suricata.eve.") + member, fields, 30);
  }
}

void put_alert(Fields& fields, const Json& alert) {
  if (!alert.exists()) return;
  put(fields, "rule.id", alert["signature_id"]);
  put(fields, "rule.name", alert["signature"]);
  put(fields, "rule.category", alert["category"]);
  put(fields, "rule.version", alert["rev"]);
  put(fields, "event.severity", alert["severity"]);
  const std::string action = text_of(alert["action"]);
  put(fields, "suricata.eve.alert.action", action);
  put(fields, "event.outcome", action == "blocked" ? "failure" : action == "allowed" ? "success" : "");
  flatten(alert["metadata"], "suricata.eve.alert.metadata", fields, 30);
}

}  // namespace

bool is_suricata_record(const Json& record) {
  if (!record["event_type"].is_string() || !record["timestamp"].exists()) return false;
  const std::string type = text_of(record["event_type"]);
  return record["flow_id"].exists() || record["src_ip"].exists() || record["pcap_cnt"].exists() ||
         record["community_id"].exists() || record[std::string_view(type)].is_object();
}

Fields suricata_fields(const Json& record) {
  Fields fields;
  const std::string type = text_of(record["event_type"]);
  put(fields, "event.action", type);
  put(fields, "event.kind", type == "alert" ? "alert" : "event");
  put(fields, "event.category", type == "alert" ? "intrusion_detection" : "network");
  put_network(fields, record);
  put_http(fields, record["http"]);
  put_dns(fields, record["dns"]);
  put_files(fields, record);
  put_protocols(fields, record);
  put_alert(fields, record["alert"]);
  return fields;
}

Result<Event> parse_suricata(const Json& record) {
  const auto time = time_of(record["timestamp"]);
  if (!time) return Error(Code::invalid_input, "a Suricata record without a readable timestamp");
  Event event;
  event.time = *time;
  event.fields = suricata_fields(record);
  // EVE records have no id of their own; a flow has many.
  event.id = digest_id(record);
  return event;
}

}  // namespace vedette::intake
