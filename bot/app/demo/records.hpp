#pragma once
// Log records as the systems of the simulated company write them: Windows (Sysmon, Security), CloudTrail, Suricata, and ECS
// for identity provider, mail gateway and web proxy.

#include <initializer_list>
#include <string>
#include <utility>

#include "bot/app/demo/company.hpp"

namespace vedette::app::demo {

using Fields = std::vector<std::pair<std::string, std::string>>;

struct Process {
  std::string host;
  std::string user;
  std::string image;
  std::string command_line;
  std::string parent_image;
  std::string parent_command_line;
};

class Records {
 public:
  Records(const Company& company, Random& random) : company_(company), random_(random) {}

  Record process_started(Time time, const Process& process);
  Record process_accessed(Time time, const std::string& host, const std::string& user, const std::string& image,
                          const std::string& target, const std::string& access);
  Record network_connection(Time time, const std::string& host, const std::string& user, const std::string& image,
                            const std::string& source_ip, const std::string& destination_ip, int port);
  Record file_created(Time time, const std::string& host, const std::string& user, const std::string& image,
                      const std::string& path);
  Record registry_set(Time time, const std::string& host, const std::string& user, const std::string& image,
                      const std::string& key, const std::string& value);
  Record logon(Time time, const std::string& host, const std::string& user, const std::string& source_ip, int type,
               bool success);
  Record service_installed(Time time, const std::string& host, const std::string& user, const std::string& name,
                           const std::string& path);
  Record log_cleared(Time time, const std::string& host, const std::string& user);

  Record cloud_call(Time time, const std::string& user, const std::string& key, const std::string& ip,
                    const std::string& agent, const std::string& service, const std::string& name, const Fields& parameters,
                    const std::string& error = {});

  Record dns_query(Time time, const std::string& source_ip, const std::string& name, const std::string& answer);
  Record flow(Time time, const std::string& source_ip, const std::string& destination_ip, int port, int64_t bytes_out,
              int64_t bytes_in);

  Record sign_in(Time time, const std::string& user, const std::string& ip, const std::string& country, bool success,
                 const std::string& agent);
  Record mail_received(Time time, const std::string& from, const std::string& to, const std::string& subject,
                       const std::string& link);
  Record web_request(Time time, const Employee& employee, const std::string& domain, const std::string& path, int status);
  Record mailbox_rule(Time time, const std::string& user, const std::string& ip, const std::string& rule);

 private:
  Record windows(Time time, const std::string& host, const std::string& channel, int code, Fields fields);
  const Company& company_;
  Random& random_;
  int64_t record_number_ = 100'000;
};

// Builds one JSON object; a name with dots makes nested objects, values are text unless given as a number.
std::string json_object(const Fields& text_fields, const std::vector<std::pair<std::string, int64_t>>& numbers = {});

}  // namespace vedette::app::demo
