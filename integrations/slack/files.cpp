#include "integrations/slack/files.hpp"

#include <algorithm>

#include "bot/base/crypto.hpp"
#include "bot/base/text.hpp"
#include "bot/net/url.hpp"
#include "integrations/slack/timestamp.hpp"

namespace vedette::slack {
namespace {

constexpr size_t kNameCharacters = 80;
constexpr size_t kNamesKept = 256;
constexpr size_t kTitleCharacters = 150;
constexpr int kPages = 25;
constexpr std::chrono::minutes kClockSkew(5);

// Slack's word that files are not for us here, whatever the file: a scope that is missing, a workspace without files, an API
// that does not know the method.
bool never_here(const Error& error) {
  if (error.http_status != 200) return false;
  if (error.code == Code::upstream) return true;
  if (error.code != Code::unauthenticated) return false;
  for (const char* name : {"(missing_scope)", "(no_permission)", "(access_denied)"}) {
    if (error.message.find(name) != std::string::npos) return true;
  }
  return false;
}

Error sorted(Error error) {
  if (error.message.find("(file_not_found)") != std::string::npos) {  // the upload did not arrive
    error.code = Code::unavailable;
    error.retryable = true;
  } else if (never_here(error)) {
    error.code = Code::forbidden;
    error.retryable = false;
  }
  return error;
}

}  // namespace

std::string file_name(const SharedFile& file) {
  std::string stem;
  for (const char c : std::string_view(file.name).substr(0, file.name.rfind('.'))) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '.';
    if (stem.size() < kNameCharacters) stem += plain ? c : '-';
  }
  while (!stem.empty() && stem.front() == '.') stem.erase(0, 1);
  if (stem.empty()) stem = "file";
  return stem + "-" + crypto::sha256_hex(file.key + "\n" + file.text).substr(0, 10) + ".txt";
}

bool is_upload_url(const std::string& text, const std::string& api_url) {
  const auto url = net::parse_url(text);
  const auto api = net::parse_url(api_url);
  if (!url || !api) return false;
  for (const std::string domain : {"slack.com", "slack-gov.com"}) {
    if (api->host != domain && api->host != "www." + domain) continue;
    return url->scheme == "https" && url->port == 443 && url->host.ends_with("." + domain);
  }
  return url->scheme == api->scheme && url->host == api->host && url->port == api->port;
}

Files::Files(WebApi& api, SlackOptions options) : api_(api), options_(std::move(options)) {}

// The address is the right to upload: no token goes there, and a redirect is not followed.
Async<void> Files::upload(std::string url, std::string text, Deadline deadline) {
  if (!is_upload_url(url, options_.api_url)) {
    co_return Error(Code::upstream, "Slack named an upload address that is not one of its own");
  }
  net::HttpRequest request("POST", std::move(url));
  request.headers.set("Content-Type", "text/plain; charset=utf-8");
  request.body = std::move(text);
  const auto answer = co_await api_.http().send(std::move(request), deadline);
  if (answer && answer->status == 200) co_return Status();
  Error error(Code::unavailable, "a file could not be uploaded to Slack", true);
  if (!answer && answer.error().code == Code::cancelled) error.code = Code::cancelled;
  if (answer) error.message += " (HTTP " + std::to_string(answer->status) + ")";
  if (answer && answer->status == 429) {
    error.code = Code::rate_limited;
    const auto now = std::chrono::system_clock::time_point(api_.clock().now());
    error.retry_after = net::parse_retry_after(answer->headers.get("Retry-After"), now);
  }
  co_return error;
}

void Files::remember(const std::string& name, std::string id) {
  const auto now = api_.clock().steady_now();
  std::erase_if(shared_, [&](const auto& entry) { return now - entry.second.at > 10 * options_.share_wait; });
  if (shared_.size() < kNamesKept) shared_[name] = {now, std::move(id)};
}

Async<std::string> Files::share(SharedFile file, Deadline deadline) {
  const std::string name = file_name(file);
  if (file.perhaps_there) {
    SharedFile sought = file;
    CO_TRY(auto there, find(std::move(sought), Time(), deadline));
    if (there) co_return *there;
  }
  Fields wish = {{"filename", name}, {"length", std::to_string(file.text.size())}};
  auto named = co_await api_.call("files.getUploadURLExternal", std::move(wish), Repeat::repeatable, deadline);
  if (!named) co_return sorted(std::move(named).error());
  const std::string id = (*named)["file_id"].string_or("");
  CO_TRY_VOID(upload((*named)["upload_url"].string_or(""), std::move(file.text), deadline));
  JsonWriter files;
  files.begin_array().begin_object().field("id", id);
  files.field("title", text::ellipsize(text::displayable(file.title), kTitleCharacters)).end_object().end_array();
  Fields fields = {{"files", files.take()}, {"channel_id", file.channel}};
  if (!file.thread_ts.empty()) fields.emplace_back("thread_ts", file.thread_ts);
  remember(name, id);
  auto shared = co_await api_.call("files.completeUploadExternal", std::move(fields), Repeat::once, deadline);
  if (!shared) co_return sorted(std::move(shared).error());
  co_return id;
}

Async<std::optional<std::string>> Files::find(SharedFile file, Time since, Deadline deadline) {
  const std::string name = file_name(file);
  SharedFile sought = file;
  CO_TRY(auto there, look(std::move(sought), since, deadline));
  if (there) co_return there;
  const auto now = api_.clock().steady_now();
  const auto known = shared_.find(name);
  if (known == shared_.end() && file.perhaps_there) co_return std::optional<std::string>();
  // After a start nothing is known of earlier attempts: the first question counts as one.
  const auto from = known == shared_.end() ? now : known->second.at;
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(from + options_.share_wait - now);
  if (known == shared_.end()) remember(name, "");
  if (left.count() <= 0) {
    shared_.erase(name);
    co_return std::optional<std::string>();
  }
  Error early(Code::unavailable, "a file may still be on its way into its Slack thread", true);
  early.retry_after = left;
  co_return early;
}

Async<std::optional<std::string>> Files::look(SharedFile file, Time since, Deadline deadline) {
  CO_TRY(const Self us, api_.self(deadline));
  const std::string name = file_name(file);
  const auto sent = shared_.find(name);
  const std::string id = sent == shared_.end() ? "" : sent->second.id;
  const bool threaded = !file.thread_ts.empty();
  const std::string method = threaded ? "conversations.replies" : "conversations.history";
  const Time from = since == Time() ? api_.clock().now() - std::chrono::hours(1) : since - kClockSkew;
  std::string cursor;
  for (int page = 0; page < kPages; ++page) {
    Fields fields = {{"channel", file.channel}, {"limit", "200"}};
    if (threaded) fields.emplace_back("ts", file.thread_ts);
    if (!threaded || since != Time()) fields.emplace_back("oldest", to_ts(from));
    if (!cursor.empty()) fields.emplace_back("cursor", cursor);
    CO_TRY(const Json answer, api_.call(method, std::move(fields), Repeat::repeatable, deadline));
    for (const auto& message : answer["messages"].elements()) {
      const bool ours =
          message["user"].string_or("") == us.user || (!us.bot.empty() && message["bot_id"].string_or("") == us.bot);
      if (!ours) continue;  // anybody may give a file this name
      for (const auto& there : message["files"].elements()) {
        const bool same = there["name"].string_or("") == name || (!id.empty() && there["id"].string_or("") == id);
        if (same) co_return std::optional<std::string>(there["id"].string_or(""));
      }
    }
    cursor = answer.at("/response_metadata/next_cursor").string_or("");
    if (cursor.empty()) co_return std::optional<std::string>();
  }
  co_return Error(Code::unavailable, "too many messages to look through in this Slack channel", true);
}

}  // namespace vedette::slack
