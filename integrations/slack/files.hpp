#pragma once
// Text files in a thread, by the external upload flow: files.getUploadURLExternal names an address, the bytes go there,
// files.completeUploadExternal shares them (docs.slack.dev/messaging/working-with-files). Scope files:write.
//
// A share carries no metadata, and Slack lets it appear in the thread some time after it answered, so the name is what a
// file is known by: it ends in a part made of delivery key and content. The same content for the same slot has the same name
// and is shared once: before a file is shared that may be there already, the thread is searched. What was uploaded and never
// shared is seen by nobody, so everything before the last call is repeated without harm.
//
// Lives as long as the app; io thread only. Our token goes to the API alone, never with the bytes.

#include <map>
#include <optional>
#include <string>

#include "integrations/slack/web_api.hpp"

namespace vedette::slack {

struct SharedFile {
  std::string channel;
  std::string thread_ts;
  std::string name;  // as wished; sanitised, and made unique by file_name()
  std::string title;
  std::string text;
  std::string key;             // delivery key
  bool perhaps_there = false;  // look first
};

class Files {
 public:
  Files(WebApi& api, SlackOptions options);

  // Answers the file's id. Errors: unknown_outcome, it may have been shared; unavailable and rate_limited, surely not;
  // forbidden without retryable: files are not taken here.
  Async<std::string> share(SharedFile file, Deadline deadline);
  // The id of our file of this name in the thread. unavailable where it is too early to say that there is none.
  Async<std::optional<std::string>> find(SharedFile file, Time since, Deadline deadline);

 private:
  Async<std::optional<std::string>> look(SharedFile file, Time since, Deadline deadline);
  struct Sent {
    SteadyTime at;
    std::string id;  // of the file; empty: not known, from before a start
  };
  void remember(const std::string& name, std::string id);
  Async<void> upload(std::string url, std::string text, Deadline deadline);

  WebApi& api_;
  SlackOptions options_;
  std::map<std::string, Sent> shared_;  // by name: what may be on its way into its thread
};

// "C-12-evidence.txt" → "C-12-evidence-3fa9c1d2e4.txt": letters, digits, '.', '_' and '-' only.
std::string file_name(const SharedFile& file);
// Slack's own hosts, or, where another API address is configured (an emulator), that address itself.
bool is_upload_url(const std::string& text, const std::string& api_url);

}  // namespace vedette::slack
