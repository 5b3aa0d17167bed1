// What each format makes of payloads written for these tests.

#include "bot/intake/format.hpp"

#include <gtest/gtest.h>

#include "bot/base/crypto.hpp"
#include "bot/base/text.hpp"

namespace vedette::intake {
namespace {

const Time kReceived = *parse_time("2026-11-24T03:00:00Z");

std::vector<Alert> read(std::string_view format_name, const std::string& payload) {
  auto document = Json::parse(payload);
  EXPECT_TRUE(document) << payload;
  const Format* format = recognise_format(*document);
  EXPECT_NE(nullptr, format) << "not recognised: " << payload;
  if (format == nullptr) return {};
  EXPECT_EQ(format_name, format->name);
  auto parsed = format->parse(*document);
  EXPECT_TRUE(parsed) << parsed.error().message;
  if (!parsed) return {};
  for (size_t i = 0; i < parsed->alerts.size(); ++i) {
    complete(parsed->alerts[i], parsed->records[i], "test", format->name, kReceived);
  }
  return std::move(parsed->alerts);
}

std::string entities(const Alert& alert) {
  std::vector<std::string> parts;
  for (const auto& entity : alert.entities) parts.push_back(to_text(entity));
  return text::join(parts, " ");
}

std::string field(const Alert& alert, const std::string& name) {
  const auto found = alert.fields.find(name);
  return found == alert.fields.end() ? "" : found->second;
}

TEST(WazuhFormat, sysmon_alert_with_its_double_escapes) {
  const auto alerts =
      read("wazuh", R"json({"timestamp":"2026-07-04T19:08:55.941+0000","id":"17516.1","manager":{"name":"mgr"},
    "rule":{"level":4,"description":"Script host started","id":"92005","groups":["sysmon"],"mitre":{"id":["T1059.005","T1204"]}},
    "agent":{"id":"003","name":"PC-7","ip":"10.0.2.14"},
    "data":{"win":{"system":{"eventID":"1","channel":"Microsoft-Windows-Sysmon/Operational","computer":"pc-7.corp.example"},
      "eventdata":{"image":"C:\\\\Windows\\\\System32\\\\wscript.exe","commandLine":"\\\"wscript.exe\\\" a.vbs &amp; b","user":"CORP\\\\ann",
      "hashes":"MD5=60933788CB36C3EE2199626C5EC8ADA0,SHA256=7D31A31136319D0A277C7FB0E9BBCB46BA3535A42AEB0307FED70F92649F4162","parentImage":"C:\\\\Windows\\\\explorer.exe"}}}})json");
  ASSERT_EQ(1u, alerts.size());
  const Alert& alert = alerts[0];
  EXPECT_EQ("Script host started", alert.title);
  EXPECT_EQ("92005", alert.rule);
  EXPECT_EQ(Severity::low, alert.severity);
  EXPECT_EQ("2026-07-04T19:08:55.941Z", to_rfc3339(alert.time));
  EXPECT_EQ((std::vector<std::string>{"T1059.005", "T1204"}), alert.techniques);
  EXPECT_EQ("mgr/17516.1", alert.dedup_key);
  EXPECT_EQ("C:\\Windows\\System32\\wscript.exe", field(alert, "process.executable"));
  EXPECT_EQ("\"wscript.exe\" a.vbs & b", field(alert, "process.command_line"));
  EXPECT_EQ("explorer.exe", field(alert, "process.parent.name"));
  EXPECT_EQ("ann", field(alert, "user.name"));
  EXPECT_TRUE(entities(alert).starts_with("host:pc-7.corp.example host:pc-7 user:ann")) << entities(alert);
  EXPECT_NE(std::string::npos, entities(alert).find("hash:7d31a31136319d0a"));
}

TEST(WazuhFormat, levels) {
  const std::pair<int, Severity> rows[] = {
      {0, Severity::informational}, {3, Severity::informational}, {4, Severity::low},   {6, Severity::low},
      {7, Severity::medium},        {11, Severity::medium},       {12, Severity::high}, {14, Severity::high},
      {15, Severity::critical},     {16, Severity::critical}};
  for (const auto& [level, severity] : rows) {
    const auto alerts = read(
        "wazuh", R"({"rule":{"level":)" + std::to_string(level) + R"(,"description":"x","id":"1"},"agent":{"name":"h"}})");
    EXPECT_EQ(severity, alerts.at(0).severity) << level;
  }
}

TEST(WazuhFormat, ssh_sudo_file_and_relay) {
  const auto ssh = read(
      "wazuh", R"({"rule":{"level":10,"description":"sshd: brute force","id":"5763"},"agent":{"id":"000","name":"manager"},
    "predecoder":{"hostname":"bastion"},"data":{"srcip":"203.0.113.7","srcport":"4711","dstuser":"root"},"full_log":"Failed password"})");
  EXPECT_EQ("bastion", field(ssh[0], "host.name"));
  EXPECT_EQ("203.0.113.7", field(ssh[0], "source.ip"));
  EXPECT_EQ("root", field(ssh[0], "user.name"));
  const auto sudo = read("wazuh", R"({"rule":{"level":3,"description":"sudo","id":"5402"},"agent":{"name":"web"},
    "data":{"srcuser":"ann","dstuser":"root","command":"/bin/cat /etc/shadow"}})");
  EXPECT_EQ("ann", field(sudo[0], "user.name"));
  EXPECT_EQ("root", field(sudo[0], "user.target.name"));
  EXPECT_EQ("/bin/cat /etc/shadow", field(sudo[0], "process.command_line"));
  const auto file = read("wazuh", R"({"rule":{"level":5,"description":"File added","id":"554"},"agent":{"name":"pc"},
    "syscheck":{"path":"c:\\tmp\\x.exe","sha1_after":"3395856ce81f2b7382dee72602f798b642f14140","uname_after":"snell","event":"added"}})");
  EXPECT_EQ("c:\\tmp\\x.exe", field(file[0], "file.path"));
  EXPECT_NE(std::string::npos, entities(file[0]).find("hash:3395856ce81f2b7382dee72602f798b642f14140"));
  const auto relay =
      read("wazuh", R"({"message":"Package installed.","severity":"info","created_at":"2026-02-03T21:41:42.853014+01.00",
    "description":"Rule ID 2902\nLevel 7\nAgent ID 001\nAgent Name build-3\nTitle New package installed.\nFull Log status installed"})");
  EXPECT_EQ("2902", relay[0].rule);
  EXPECT_EQ(Severity::medium, relay[0].severity);
  EXPECT_EQ("2026-02-03T20:41:42.853014Z", to_rfc3339(relay[0].time));
  EXPECT_EQ("host:build-3", entities(relay[0]));
}

TEST(SuricataFormat, alert_and_its_subject) {
  const auto alerts =
      read("suricata",
           R"({"timestamp":"2026-09-18T06:13:41.532140+0000","flow_id":12,"event_type":"alert","src_ip":"198.51.100.9",
    "src_port":443,"dest_ip":"10.1.2.3","dest_port":49175,"proto":"TCP","app_proto":"http","host":"sensor-1",
    "alert":{"action":"blocked","gid":1,"signature_id":2027865,"rev":1,"signature":"ET TROJAN beacon","category":"A Network Trojan was detected","severity":1,
      "metadata":{"signature_severity":["Critical"],"mitre_technique_id":["T1071"]}},
    "http":{"hostname":"evil.example","url":"/gate.php","http_method":"POST","http_user_agent":"curl/8"}})");
  const Alert& alert = alerts.at(0);
  EXPECT_EQ("ET TROJAN beacon", alert.title);
  EXPECT_EQ("2027865", alert.rule);
  EXPECT_EQ(Severity::critical, alert.severity);
  EXPECT_EQ((std::vector<std::string>{"T1071"}), alert.techniques);
  // The inside machine is what the alert is about, whoever sent the packet.
  EXPECT_TRUE(entities(alert).starts_with("ip:10.1.2.3 ip:198.51.100.9")) << entities(alert);
  EXPECT_EQ("http://evil.example/gate.php", field(alert, "url.full"));
  EXPECT_EQ("curl/8", field(alert, "user_agent.original"));
  EXPECT_EQ("ET TROJAN beacon from 198.51.100.9 port 443 to 10.1.2.3 port 49175, blocked", alert.description);
}

TEST(SuricataFormat, only_alerts_count_and_strings_are_opened) {
  const auto document = Json::parse(R"json({"entries":[
    {"data":"{\"timestamp\":\"2026-09-18T06:13:41.5+0000\",\"event_type\":\"alert\",\"flow_id\":1,\"src_ip\":\"10.0.0.1\",\"dest_ip\":\"10.0.0.2\",\"alert\":{\"signature_id\":9,\"severity\":3}}"},
    {"data":"{\"timestamp\":\"2026-09-18T06:13:41.5+0000\",\"event_type\":\"flow\",\"flow_id\":1}"}]})json");
  const auto parsed = parse_suricata_alerts(*document);
  ASSERT_TRUE(parsed);
  ASSERT_EQ(1u, parsed->alerts.size());
  EXPECT_EQ(1u, parsed->ignored);
  EXPECT_EQ("Suricata rule 1:9 matched", parsed->alerts[0].title);
  EXPECT_EQ(Severity::low, parsed->alerts[0].severity);
}

constexpr const char* kFinding =
    R"({"schemaVersion":"2.0","accountId":"123456789012","region":"eu-west-1","partition":"aws","id":"abc123",
  "type":"UnauthorizedAccess:IAMUser/MaliciousIPCaller.Custom","severity":5,"title":"API called from a bad address","description":"T1078.004 - Valid Accounts",
  "createdAt":"2026-01-20T14:00:00.000Z","updatedAt":"2026-01-20T14:35:00.000Z",
  "resource":{"resourceType":"AccessKey","accessKeyDetails":{"accessKeyId":"ASIAIOSFODNN7EXAMPLE","principalId":"AIDA1","userName":"deploy","userType":"IAMUser"}},
  "service":{"eventLastSeen":"2026-01-20T14:31:00Z","count":3,"action":{"actionType":"AWS_API_CALL","awsApiCallAction":{"api":"ListBuckets","serviceName":"s3.amazonaws.com",
    "remoteIpDetails":{"ipAddressV4":"198.51.100.23","country":{"countryName":"Nowhere"}}}}}})";

TEST(GuardDutyFormat, the_same_finding_in_every_envelope) {
  const std::string finding = kFinding;
  const std::string event =
      R"({"version":"0","detail-type":"GuardDuty Finding","source":"aws.guardduty","detail":)" + finding + "}";
  const std::string sns = R"({"Type":"Notification","MessageId":"m","TopicArn":"arn:aws:sns:eu-west-1:1:t","Message":)" +
                          json_quote(event) + "}";
  const std::string lambda = R"({"Records":[{"EventSource":"aws:sns","Sns":)" + sns + "}]}";
  const std::string list = R"({"Findings":[)" + finding + "]}";
  std::string key;
  for (const auto& payload : {finding, event, sns, lambda, list, "[" + finding + "]"}) {
    const auto alerts = read("guardduty", payload);
    ASSERT_EQ(1u, alerts.size()) << payload;
    const Alert& alert = alerts[0];
    EXPECT_EQ("API called from a bad address", alert.title);
    EXPECT_EQ("UnauthorizedAccess:IAMUser/MaliciousIPCaller.Custom", alert.rule);
    EXPECT_EQ(Severity::medium, alert.severity);
    EXPECT_EQ("2026-01-20T14:31:00Z", to_rfc3339(alert.time));
    EXPECT_EQ("user:deploy key:ASIAIOSFODNN7EXAMPLE ip:198.51.100.23 resource:aws-account/123456789012", entities(alert));
    EXPECT_EQ((std::vector<std::string>{"T1078.004"}), alert.techniques);
    EXPECT_EQ("ListBuckets", field(alert, "event.action"));
    EXPECT_EQ("https://eu-west-1.console.aws.amazon.com/guardduty/home?region=eu-west-1#/findings?macros=current&fId=abc123",
              alert.link);
    if (key.empty()) key = alert.dedup_key;
    EXPECT_EQ(key, alert.dedup_key);
  }
}

TEST(GuardDutyFormat, severities_and_updates) {
  for (const auto& [value, severity] : {std::pair{"9.5", Severity::critical},
                                        {"8", Severity::high},
                                        {"7", Severity::high},
                                        {"6.9", Severity::medium},
                                        {"4", Severity::medium},
                                        {"3.9", Severity::low},
                                        {"1", Severity::low}}) {
    const auto alerts =
        read("guardduty", text::replace_all(kFinding, "\"severity\":5", std::string("\"severity\":") + value));
    EXPECT_EQ(severity, alerts.at(0).severity) << value;
  }
  const auto first = read("guardduty", kFinding);
  const auto later = read("guardduty", text::replace_all(kFinding, "14:35:00", "15:35:00"));
  EXPECT_NE(first[0].dedup_key, later[0].dedup_key);
}

TEST(GuardDutyFormat, a_region_cannot_forge_the_link) {
  const auto alerts = read("guardduty", text::replace_all(kFinding, "\"eu-west-1\"", "\"evil.example/?x=\""));
  EXPECT_EQ("", alerts.at(0).link);
}

TEST(SentinelFormat, json_inside_strings) {
  const std::string list = R"([{"$id":"2","HostName":"MB-DC1","DnsDomain":"corp.example","Type":"host"},
    {"$id":"3","Name":"Ann Archer","AccountName":"aarcher","UserPrincipalName":"aarcher@corp.example","Type":"account"},
    {"$id":"4","Address":"198.51.100.9","Type":"ip"},{"$id":"5","ProcessId":"7","CommandLine":"lsass.exe","ImageFile":{"$id":"6","Directory":"C:\\Windows\\System32","Name":"lsass.exe",
      "FileHashes":[{"$id":"7","Algorithm":"SHA256","Value":"efa9e8325232bbd3f9a118d396de04370e56c3c7b6d552fab46b5b39f3ad522d","Type":"filehash"}],"Type":"file"},"Type":"process"},{"$ref":"6"},
    {"$id":"8","Url":"http://Bad.Example/x","Type":"url"},{"$id":"9","Recipient":"ann@corp.example","Type":"mailMessage"}])";
  const std::string payload =
      R"({"TimeGenerated":"2026-07-04 22:35:04.120690+00:00","StartTime":"2026-07-02 09:48:58.149031+00:00","DisplayName":"Credential memory read","AlertName":"Credential memory read",
    "AlertSeverity":"High","ProviderName":"MDATP","SystemAlertId":"d39a3e64","AlertType":"WindowsDefenderAtp","AlertLink":"https://security.example/alerts/1","CompromisedEntity":"mb-winclient.corp.example",
    "Tactics":"CredentialAccess","Techniques":"[\"T1003\"]","SubTechniques":"[\"T1003.001\"]","ExtendedProperties":)" +
      json_quote(R"({"DetectorId":"3f6cde2c","MicrosoftDefenderAtp.Category":"CredentialAccess","IncidentId":"384"})") +
      R"(,"Entities":)" + json_quote(list) + "}";
  for (const auto& wrapped : {payload, "[" + payload + "]", R"({"value":[)" + payload + "]}"}) {
    const auto alerts = read("sentinel", wrapped);
    ASSERT_EQ(1u, alerts.size());
    const Alert& alert = alerts[0];
    EXPECT_EQ("Credential memory read", alert.title);
    EXPECT_EQ("3f6cde2c", alert.rule);
    EXPECT_EQ(Severity::high, alert.severity);
    EXPECT_EQ("2026-07-02T09:48:58.149031Z", to_rfc3339(alert.time));
    EXPECT_EQ("d39a3e64", alert.dedup_key);
    EXPECT_EQ((std::vector<std::string>{"T1003.001", "T1003"}), alert.techniques);
    EXPECT_TRUE(entities(alert).starts_with(
        "host:mb-winclient.corp.example host:mb-dc1.corp.example user:aarcher mail:aarcher@corp.example ip:198.51.100.9"))
        << entities(alert);
    for (const char* part :
         {"hash:efa9e8325232", "url:http://bad.example/x", "mail:ann@corp.example", "process:lsass.exe"}) {
      EXPECT_NE(std::string::npos, entities(alert).find(part)) << part << " in " << entities(alert);
    }
    EXPECT_EQ("https://security.example/alerts/1", alert.link);
  }
}

TEST(SentinelFormat, broken_entities_do_not_cost_the_alert) {
  const auto alerts = read(
      "sentinel",
      R"({"DisplayName":"X","AlertSeverity":"Medium","SystemAlertId":"1","CompromisedEntity":"pc-1","Entities":"[{\"Type\":","ExtendedProperties":"no json"})");
  EXPECT_EQ("host:pc-1", entities(alerts.at(0)));
}

TEST(AlertmanagerFormat, webhook_api_and_prometheus) {
  const std::string firing =
      R"({"status":"firing","labels":{"alertname":"HighLoad","instance":"web-1:9100","severity":"critical","namespace":"shop"},"annotations":{"summary":"Load is high","description":"long"},
    "startsAt":"2026-11-24T02:00:00Z","endsAt":"0001-01-01T00:00:00Z","generatorURL":"http://prom.example/graph","fingerprint":"c0ffee"})";
  const std::string resolved = text::replace_all(firing, "\"firing\"", "\"resolved\"");
  const auto document =
      Json::parse(R"({"version":"4","status":"firing","receiver":"vedette","alerts":[)" + firing + "," + resolved + "]}");
  const auto parsed = parse_alertmanager(*document);
  ASSERT_TRUE(parsed);
  EXPECT_EQ(1u, parsed->ignored);
  const auto alerts = read("alertmanager", R"({"alerts":[)" + firing + "]}");
  EXPECT_EQ("Load is high", alerts[0].title);
  EXPECT_EQ("HighLoad", alerts[0].rule);
  EXPECT_EQ(Severity::critical, alerts[0].severity);
  EXPECT_EQ("host:web-1 resource:namespace/shop", entities(alerts[0]));
  EXPECT_EQ("http://prom.example/graph", alerts[0].link);
  EXPECT_EQ("c0ffee/2026-11-24T02:00:00Z", alerts[0].dedup_key);
  const auto api = read(
      "alertmanager",
      R"([{"labels":{"alertname":"A","instance":"10.0.0.5:9100"},"annotations":{},"startsAt":"2026-11-24T02:00:00.000Z","status":{"state":"active"},"fingerprint":"f"}])");
  EXPECT_EQ("ip:10.0.0.5", entities(api[0]));
  const auto prometheus = read(
      "alertmanager",
      R"({"status":"success","data":{"alerts":[{"labels":{"alertname":"Watchdog"},"annotations":{},"state":"firing","activeAt":"2026-11-24T02:00:00Z","value":"1"}]}})");
  EXPECT_EQ("Watchdog", prometheus[0].title);
  EXPECT_EQ("resource:alertname/Watchdog", entities(prometheus[0]));
}

TEST(EcsFormat, dotted_nested_signal_and_plain) {
  const auto dotted = read(
      "ecs",
      R"({"@timestamp":"2026-12-23T10:39:44.298Z","event.kind":"signal","kibana.alert.rule.name":"Shell via awk","kibana.alert.rule.rule_id":"10754992","kibana.alert.severity":"medium",
    "kibana.alert.original_time":"2026-12-23T10:36:43.160Z","kibana.alert.uuid":"dded","kibana.alert.reason":"process event","kibana.alert.url":"https://kb.example/a",
    "kibana.alert.rule.threat":[{"technique":[{"id":"T1059","subtechnique":[{"id":"T1059.004"}]}]}],"host":{"name":"Web-1"},"user.name":"ann","process":{"name":"bash"}})");
  EXPECT_EQ("Shell via awk", dotted[0].title);
  EXPECT_EQ("10754992", dotted[0].rule);
  EXPECT_EQ("2026-12-23T10:36:43.160Z", to_rfc3339(dotted[0].time));
  EXPECT_EQ("dded", dotted[0].dedup_key);
  EXPECT_EQ((std::vector<std::string>{"T1059.004", "T1059"}), dotted[0].techniques);
  EXPECT_EQ("host:web-1 user:ann process:bash", entities(dotted[0]));
  EXPECT_EQ("", field(dotted[0], "kibana.alert.rule.name"));
  const auto nested = read(
      "ecs",
      R"({"hits":{"hits":[{"_id":"x","_source":{"@timestamp":"2026-12-23T10:39:44Z","kibana":{"alert":{"rule":{"name":"N","rule_id":"r1"},"risk_score":73}},"source":{"ip":"203.0.113.9"}}}]}})");
  EXPECT_EQ(Severity::high, nested[0].severity);
  EXPECT_EQ("ip:203.0.113.9", entities(nested[0]));
  const auto signal = read(
      "ecs",
      R"({"@timestamp":"2026-12-23T10:39:44Z","signal":{"rule":{"name":"Old","rule_id":"r2","severity":"low"},"original_time":"2026-12-23T10:00:00Z"},"host":{"name":"h"}})");
  EXPECT_EQ("r2", signal[0].rule);
  EXPECT_EQ(Severity::low, signal[0].severity);
  EXPECT_EQ("2026-12-23T10:00:00Z", to_rfc3339(signal[0].time));
  const auto plain = read(
      "ecs",
      R"({"@timestamp":"2026-12-23T10:39:44Z","event":{"kind":"alert","id":"e1"},"rule":{"name":"Plain","id":"7"},"host":{"name":"h"},"threat":{"technique":{"id":["T1110"]}}})");
  EXPECT_EQ("7", plain[0].rule);
  EXPECT_EQ((std::vector<std::string>{"T1110"}), plain[0].techniques);
}

TEST(OcsfFormat, detection_finding_and_activity) {
  const auto finding = read(
      "ocsf",
      R"({"class_uid":2004,"class_name":"Detection Finding","category_uid":2,"type_uid":200401,"severity_id":4,"time":1795489200000,"metadata":{"version":"1.3.0","product":{"name":"EDR"}},
    "finding_info":{"uid":"f-1","title":"Ransom note","desc":"seen","analytic":{"uid":"an-9","name":"Notes"},"src_url":"https://edr.example/f-1","attacks":[{"technique":{"uid":"T1486"}}]},
    "device":{"hostname":"PC-1","ip":"10.0.0.8"},"actor":{"user":{"name":"ann"},"process":{"name":"x.exe","cmd_line":"x.exe -e"}},
    "observables":[{"type_id":2,"name":"src","value":"203.0.113.5"},{"type_id":8,"name":"h","value":"d41d8cd98f00b204e9800998ecf8427e"},{"type_id":3,"value":"00:11:22:33:44:55"}]})");
  EXPECT_EQ("Ransom note", finding[0].title);
  EXPECT_EQ("an-9", finding[0].rule);
  EXPECT_EQ(Severity::high, finding[0].severity);
  EXPECT_EQ("2026-11-24T03:00:00Z", to_rfc3339(finding[0].time));
  EXPECT_EQ((std::vector<std::string>{"T1486"}), finding[0].techniques);
  EXPECT_TRUE(entities(finding[0]).starts_with("host:pc-1 ip:10.0.0.8 user:ann ip:203.0.113.5 hash:d41d8cd9"))
      << entities(finding[0]);
  EXPECT_EQ("https://edr.example/f-1", finding[0].link);
  const auto dns = read(
      "ocsf",
      R"({"class_uid":4003,"class_name":"DNS Activity","type_name":"DNS Activity: Query","type_uid":400301,"category_uid":4,"severity":"Informational","severity_id":1,"time":"2026-06-25 00:27:53",
    "metadata":{"version":"1.1.0"},"query":{"hostname":"pool.example"},"src_endpoint":{"ip":"10.6.7.8","instance_uid":"i-0abc"}})");
  EXPECT_EQ("DNS Activity: Query pool.example", dns[0].title);
  EXPECT_EQ(Severity::informational, dns[0].severity);
  EXPECT_EQ("host:i-0abc ip:10.6.7.8 domain:pool.example resource:i-0abc", entities(dns[0]));
}

TEST(MappedFormat, pointers_values_and_lists) {
  Mapping mapping;
  mapping.records = "/items";
  mapping.title = "/what/name";
  mapping.time = "/when";
  mapping.severity = "/level";
  mapping.severity_values = {{"42", Severity::critical}, {"scary", Severity::high}};
  mapping.rule = "/what/id";
  mapping.id = "/uid";
  mapping.techniques = "/tags";
  mapping.link = "/href";
  mapping.category = "edr";
  mapping.entities = {{EntityType::host, "/hosts"}, {EntityType::user, "/who~1what"}};
  mapping.fields = {{"event.action", "/act"}};
  ASSERT_TRUE(check(mapping));
  const auto document = Json::parse(
      R"json({"items":[{"what":{"name":"One","id":"r"},"when":1795489200,"level":42,"uid":"u1","tags":["attack.T1059.001","x"],"hosts":["A","B"],"who/what":"CORP\\Ann","act":"run","href":"https://x.example/1"},
    {"what":{"name":"Two"},"level":"Scary","href":"javascript:alert(1)"}]})json");
  const auto parsed = parse_mapped(mapping, *document);
  ASSERT_TRUE(parsed) << parsed.error().message;
  ASSERT_EQ(2u, parsed->alerts.size());
  const Alert& one = parsed->alerts[0];
  EXPECT_EQ(Severity::critical, one.severity);
  EXPECT_EQ("2026-11-24T03:00:00Z", to_rfc3339(one.time));
  EXPECT_EQ("host:a host:b user:ann", entities(one));
  EXPECT_EQ((std::vector<std::string>{"T1059.001"}), one.techniques);
  EXPECT_EQ("edr", one.category);
  EXPECT_EQ("run", field(one, "event.action"));
  EXPECT_EQ("https://x.example/1", one.link);
  EXPECT_EQ(Severity::high, parsed->alerts[1].severity);
  EXPECT_EQ("", parsed->alerts[1].link);
  EXPECT_FALSE(parse_mapped(mapping, *Json::parse(R"({"other":[]})")));
  EXPECT_FALSE(parse_mapped(mapping, *Json::parse(R"({"items":[{}]})")));
  EXPECT_FALSE(parse_mapped(mapping, *Json::parse(R"({"items":[7]})")));
}

TEST(Complete, times_titles_and_keys) {
  const auto make = [](const std::string& time) {
    Alert alert;
    alert.title = "A\u202Eevil\x01 title\n";
    if (!time.empty()) alert.time = *parse_time(time);
    complete(alert, *Json::parse(R"({"b":1,"a":2})"), "src", "f", kReceived);
    return alert;
  };
  EXPECT_EQ("Aevil  title", make("").title);
  EXPECT_EQ(kReceived, make("").time);
  EXPECT_EQ("The alert has no time of its own; the time of receipt stands in.", field(make(""), "vedette.time_note"));
  EXPECT_EQ("", field(make("2026-11-24T02:00:00Z"), "vedette.time_note"));
  EXPECT_EQ("2031-01-01T00:00:00Z", to_rfc3339(make("2031-01-01T00:00:00Z").time));
  EXPECT_NE(std::string::npos, field(make("2031-01-01T00:00:00Z"), "vedette.time_note").find("ahead of its receipt"));
  EXPECT_NE(std::string::npos, field(make("2020-01-01T00:00:00Z"), "vedette.time_note").find("before its receipt"));
  EXPECT_EQ(crypto::sha256_hex(R"({"a":2,"b":1})"), make("").dedup_key);
  EXPECT_EQ(R"({"a":2,"b":1})", make("").raw);
  Alert unnamed;
  complete(unnamed, *Json::parse("{}"), "src", "f", kReceived);
  EXPECT_EQ("Alert from src", unnamed.title);
  EXPECT_EQ("Alert from src", unnamed.rule);
}

TEST(Recognise, nothing_of_ours_is_nobody) {
  for (const char* foreign : {"{}", "[]", "7", "\"text\"", R"({"alert":"x"})", R"({"rule":{"name":"x"}})",
                              R"({"labels":{}})", R"({"severity":5,"type":"a"})"}) {
    EXPECT_EQ(nullptr, recognise_format(*Json::parse(foreign))) << foreign;
  }
}

}  // namespace
}  // namespace vedette::intake
