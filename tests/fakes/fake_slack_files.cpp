// Files of the fake Slack by the external upload flow (docs.slack.dev/reference/methods/files.getUploadURLExternal and
// files.completeUploadExternal).

#include "bot/base/text.hpp"
#include "tests/fakes/fake_slack.hpp"

namespace vedette::test {
namespace {

using json = nlohmann::json;

std::string field(const std::map<std::string, std::string>& form, const std::string& name) {
  const auto found = form.find(name);
  return found == form.end() ? "" : found->second;
}

// The bytes themselves, or the one part of a multipart form: Slack takes both.
std::string content_of(const net::HttpRequest& request) {
  const std::string type(request.headers.get("Content-Type"));
  const size_t at = type.find("boundary=");
  if (!type.starts_with("multipart/form-data") || at == std::string::npos) return request.body;
  const std::string line = "--" + type.substr(at + 9);
  const size_t head = request.body.find("\r\n\r\n");
  if (head == std::string::npos) return {};
  const size_t end = request.body.find("\r\n" + line, head + 4);
  return end == std::string::npos ? std::string() : request.body.substr(head + 4, end - head - 4);
}

}  // namespace

// Nothing when the bot's token may handle files. Without a list of scopes it may do everything.
std::optional<FakeSlack::Answer> FakeSlack::no_files() const {
  if (scopes_.empty() || ("," + scopes_ + ",").find(",files:write,") != std::string::npos) return std::nullopt;
  Answer answer = fail("missing_scope");
  answer.body["needed"] = "files:write";
  answer.body["provided"] = scopes_;
  return answer;
}

FakeSlack::Answer FakeSlack::upload_url(const Form& form) {
  if (const auto refused = no_files()) return *refused;
  const auto length = text::parse_integer(field(form, "length"));
  if (field(form, "filename").empty() || !length || *length <= 0) return fail("missing_argument");
  FakeFile file;
  file.id = "F" + std::to_string(100'000 + next_id_++);
  file.name = field(form, "filename");
  file.length = static_cast<size_t>(*length);
  const std::string url = "http://127.0.0.1:" + std::to_string(port()) + "/upload/" + file.id;
  Answer answer{200, {{"ok", true}, {"upload_url", url}, {"file_id", file.id}}};
  files_[file.id] = std::move(file);
  return answer;
}

// Faults of "upload": 500, hang, lost (the answer is fine, the bytes are gone), redirect.
boost::asio::awaitable<net::HttpResponse> FakeSlack::on_upload(net::HttpRequest request) {
  ++calls_["upload"];
  const auto fault = next_fault("upload");
  const std::string kind = fault ? fault->kind : "";
  if (kind == "500") co_return net::HttpResponse(500, "text/plain", "upstream error");
  if (kind == "redirect") {
    net::HttpResponse response(302, "text/plain", "");
    response.headers.set("Location", "/upload/" + request.params["file"]);
    co_return response;
  }
  if (kind == "hang") {
    co_await sleep_for(fault->hold);
    co_return net::HttpResponse(504, "text/plain", "gateway timeout");
  }
  const auto found = files_.find(request.params["file"]);
  if (found == files_.end() || found->second.shared) co_return net::HttpResponse(404, "text/plain", "no such upload");
  FakeFile& file = found->second;
  file.token_seen = file.token_seen || !request.headers.get("Authorization").empty();
  std::string content = content_of(request);
  if (content.size() != file.length) co_return net::HttpResponse(400, "text/plain", "not the length that was announced");
  if (kind != "lost") {
    file.content = std::move(content);
    file.uploaded = true;
  }
  co_return net::HttpResponse(200, "text/plain", "OK - " + std::to_string(file.length));
}

FakeSlack::Answer FakeSlack::complete_upload(const Form& form) {
  if (const auto refused = no_files()) return *refused;
  const json wanted = json::parse(field(form, "files"), nullptr, false);
  if (!wanted.is_array() || wanted.empty()) return fail("invalid_arguments");
  const std::string channel = field(form, "channel_id");
  const std::string thread = field(form, "thread_ts");
  if (!channel.empty() && !known_channel(channel)) return fail("channel_not_found");
  if (const auto error = closed_to_us(channel)) return fail(*error);
  if (!thread.empty() && find_message(channel, thread) == nullptr) return fail("thread_not_found");
  json shown = json::array();
  for (const auto& item : wanted) {
    const auto found = files_.find(item.value("id", ""));
    if (found == files_.end() || !found->second.uploaded || found->second.shared) return fail("file_not_found");
    FakeFile& file = found->second;
    file.title = item.value("title", file.name);
    shown.push_back({{"id", file.id},
                     {"name", file.name},
                     {"title", file.title},
                     {"size", file.length},
                     {"mimetype", "text/plain"},
                     {"user", kFakeBotUser}});
  }
  for (const auto& item : wanted) files_[item["id"]].shared = true;
  Answer answer{200, {{"ok", true}, {"files", shown}}};
  if (channel.empty()) return answer;
  FakeMessage message;
  message.channel = channel;
  message.thread_ts = thread;
  message.user = kFakeBotUser;
  message.bot_id = kFakeBotId;
  message.text = field(form, "initial_comment");
  message.files = std::move(shown);
  jobs_.spawn("share", show_file(std::move(message)));
  return answer;
}

void FakeSlack::disown_files(const std::string& user) {
  for (auto& message : messages_) {
    if (!message.files.is_array()) continue;
    message.user = user;
    message.bot_id.clear();
  }
}

// Slack answers before it is there.
Job FakeSlack::show_file(FakeMessage message) {
  if (options_.share_delay.count() > 0) co_await sleep_for(options_.share_delay);
  message.ts = next_ts();
  store(std::move(message));
}

}  // namespace vedette::test
