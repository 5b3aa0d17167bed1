#include "bot/net/http_codec.hpp"

#include <optional>

#include <fmt/format.h>
#include <boost/beast/http/basic_parser.hpp>
#include <boost/beast/http/error.hpp>

#include "bot/base/text.hpp"
#include "bot/net/status.hpp"

namespace vedette::net {
namespace {

namespace beast = boost::beast;
namespace bhttp = boost::beast::http;
using beast::error_code;

constexpr size_t kMostFields = 200;
constexpr size_t kReadAhead = 64 << 10;      // more than a single read brings
constexpr size_t kReserveAtOnce = 64 << 10;  // a stated length is a promise, not yet memory

std::string to_string(beast::string_view text) { return std::string(text.data(), text.size()); }

// Collects a message straight into our own types.
template <bool kRequest>
class Parser : public bhttp::basic_parser<kRequest> {
 public:
  explicit Parser(const MessageLimits& limits) {
    this->header_limit(static_cast<uint32_t>(limits.header_bytes));
    this->body_limit(limits.body_bytes);
    this->eager(true);
  }
  std::string method;
  std::string target;
  int status = 0;
  int version = 11;
  Headers headers;
  std::string body;
  int refused = 0;  // status for a request that is well-formed but not acceptable
  bool header_seen = false;

 protected:
  void on_request_impl(bhttp::verb, beast::string_view name, beast::string_view where, int number, error_code& ec) override {
    method = to_string(name);
    target = to_string(where);
    set_version(number, ec);
  }
  void on_response_impl(int code, beast::string_view, int number, error_code& ec) override {
    status = code;
    set_version(number, ec);
  }
  void on_field_impl(bhttp::field, beast::string_view name, beast::string_view value, error_code& ec) override {
    if (header_seen) return;  // trailers after a chunked body must not change what the header said
    if (headers.all().size() >= kMostFields) return refuse(431, ec);
    headers.add(to_string(name), to_string(value));
  }
  void on_header_impl(error_code& ec) override {
    header_seen = true;
    if constexpr (kRequest) check_request(ec);
  }
  void on_body_init_impl(const boost::optional<uint64_t>& length, error_code&) override {
    if (length) body.reserve(std::min<size_t>(*length, kReserveAtOnce));
  }
  size_t on_body_impl(beast::string_view bytes, error_code&) override {
    body.append(bytes.data(), bytes.size());
    return bytes.size();
  }
  void on_chunk_header_impl(uint64_t, beast::string_view, error_code&) override {}
  size_t on_chunk_body_impl(uint64_t, beast::string_view bytes, error_code&) override {
    body.append(bytes.data(), bytes.size());
    return bytes.size();
  }
  void on_finish_impl(error_code&) override {}

 private:
  void refuse(int code, error_code& ec) {
    refused = code;
    ec = bhttp::error::bad_value;
  }
  void set_version(int number, error_code& ec) {
    version = number;
    if (number != 11 && number != 10) refuse(505, ec);
  }
  void check_request(error_code& ec) {
    const size_t hosts = headers.count("Host");
    if (hosts > 1 || (hosts == 0 && version == 11)) return refuse(400, ec);
    if (headers.count("Content-Length") > 1) return refuse(400, ec);
    const size_t codings = headers.count("Transfer-Encoding");
    // Anything but exactly "chunked" could be read differently by whatever stands in front of us.
    if (codings > 1 || (codings == 1 && version == 10)) return refuse(400, ec);
    if (codings == 1 && !text::iequals(headers.get("Transfer-Encoding"), "chunked")) return refuse(501, ec);
    if (headers.count("Expect") > 0 && !text::iequals(headers.get("Expect"), "100-continue")) return refuse(417, ec);
  }
};

int status_for(const error_code& ec) {
  if (ec == bhttp::error::header_limit) return 431;
  if (ec == bhttp::error::body_limit) return 413;
  if (ec == bhttp::error::bad_version) return 505;
  return 400;
}

bool names_token(std::string_view list, std::string_view token) {
  for (const auto& part : text::split(list, ',')) {
    if (text::iequals(text::trim(part), token)) return true;
  }
  return false;
}

bool is_token_char(char c) {
  if ((c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')) return true;
  return c != '\0' && std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string_view::npos;
}

bool valid_value(std::string_view value) {
  for (const char c : value) {
    if ((static_cast<unsigned char>(c) < 0x20 && c != '\t') || c == 0x7f) return false;
  }
  return true;
}

}  // namespace

// ---- requests

struct RequestReader::Impl {
  explicit Impl(MessageLimits l) : limits(l) { parser.emplace(limits); }
  MessageLimits limits;
  std::optional<Parser<true>> parser;
  HttpRequest request;
  bool started = false;
  bool header_moved = false;
  int failed = 0;
};

RequestReader::RequestReader(MessageLimits limits) : impl_(std::make_unique<Impl>(limits)) {}
RequestReader::~RequestReader() = default;

void RequestReader::reset() {
  impl_->parser.emplace(impl_->limits);
  impl_->request = HttpRequest();
  impl_->started = false;
  impl_->header_moved = false;
  impl_->failed = 0;
}

size_t RequestReader::feed(std::string_view bytes) {
  auto& impl = *impl_;
  if (impl.failed != 0 || impl.parser->is_done()) return 0;
  size_t skipped = 0;
  if (!impl.started) {
    // RFC 9112 section 2.2: empty lines before a request are ignored.
    while (skipped < bytes.size() && (bytes[skipped] == '\r' || bytes[skipped] == '\n')) ++skipped;
    if (skipped == bytes.size()) return skipped;
    impl.started = true;
  }
  error_code ec;
  const size_t used = impl.parser->put(boost::asio::const_buffer(bytes.data() + skipped, bytes.size() - skipped), ec);
  // Chunk extensions and trailers have no limit of their own in the parser.
  const bool endless = bytes.size() - skipped - used > impl.limits.header_bytes + kReadAhead;
  if (ec == bhttp::error::need_more && endless) impl.failed = 431;
  if (ec && ec != bhttp::error::need_more) impl.failed = impl.parser->refused != 0 ? impl.parser->refused : status_for(ec);
  if (impl.parser->header_seen && !impl.header_moved) {
    impl.header_moved = true;
    impl.request.method = std::move(impl.parser->method);
    impl.request.target = std::move(impl.parser->target);
    impl.request.headers = std::move(impl.parser->headers);
  }
  return skipped + used;
}

bool RequestReader::started() const { return impl_->started; }
bool RequestReader::header_done() const { return impl_->parser->is_header_done() && impl_->failed == 0; }
bool RequestReader::done() const { return impl_->parser->is_done() && impl_->failed == 0; }
int RequestReader::failed() const { return impl_->failed; }
bool RequestReader::keep_alive() const { return impl_->parser->keep_alive(); }
bool RequestReader::http_1_0() const { return impl_->parser->version == 10; }
bool RequestReader::expects_continue() const { return impl_->request.headers.count("Expect") > 0; }
bool RequestReader::wants_websocket() const {
  return names_token(impl_->request.headers.get("Connection"), "upgrade") &&
         names_token(impl_->request.headers.get("Upgrade"), "websocket");
}
const HttpRequest& RequestReader::request() const { return impl_->request; }
HttpRequest RequestReader::take() {
  impl_->request.body = std::move(impl_->parser->body);
  return std::move(impl_->request);
}

// ---- responses

struct ResponseReader::Impl {
  Impl(MessageLimits l, bool head) : limits(l), head_request(head) { restart(); }
  void restart() {
    parser.emplace(limits);
    if (head_request) parser->skip(true);
  }
  MessageLimits limits;
  bool head_request;
  std::optional<Parser<false>> parser;
  int interim = 0;
  bool started = false;
  bool too_large = false;
  bool malformed = false;
};

ResponseReader::ResponseReader(MessageLimits limits, bool head_request)
    : impl_(std::make_unique<Impl>(limits, head_request)) {}
ResponseReader::~ResponseReader() = default;

size_t ResponseReader::feed(std::string_view bytes) {
  constexpr int kMostInterim = 20;
  auto& impl = *impl_;
  size_t used = 0;
  while (used < bytes.size() && !impl.too_large && !impl.malformed && !impl.parser->is_done()) {
    impl.started = true;
    error_code ec;
    const size_t taken = impl.parser->put(boost::asio::const_buffer(bytes.data() + used, bytes.size() - used), ec);
    used += taken;
    if (ec == bhttp::error::need_more) {
      impl.malformed = bytes.size() - used > impl.limits.header_bytes + kReadAhead;
      break;
    }
    impl.too_large = ec == bhttp::error::body_limit || ec == bhttp::error::header_limit || impl.parser->refused == 431;
    impl.malformed = ec.failed() && !impl.too_large;
    const int status = impl.parser->status;
    if (impl.parser->is_done() && status >= 100 && status < 200 && status != 101) {
      if (++impl.interim > kMostInterim) impl.malformed = true;
      impl.restart();
    } else if (taken == 0) {
      break;
    }
  }
  return used;
}

void ResponseReader::feed_end() {
  if (done() || impl_->malformed || impl_->too_large) return;
  error_code ec;
  if (impl_->parser->got_some()) impl_->parser->put_eof(ec);
  impl_->malformed = ec.failed() || !impl_->parser->is_done();
}

bool ResponseReader::started() const { return impl_->started; }
bool ResponseReader::done() const { return impl_->parser->is_done() && !impl_->malformed && !impl_->too_large; }
bool ResponseReader::too_large() const { return impl_->too_large; }
bool ResponseReader::malformed() const { return impl_->malformed; }
bool ResponseReader::keep_alive() const { return impl_->parser->keep_alive(); }
bool ResponseReader::ends_with_close() const { return impl_->parser->is_header_done() && impl_->parser->need_eof(); }
bool ResponseReader::header_done() const { return impl_->parser->is_header_done() && !impl_->malformed; }
int ResponseReader::status() const { return impl_->parser->status; }
HttpResponse ResponseReader::take() {
  HttpResponse response(impl_->parser->status);
  response.headers = std::move(impl_->parser->headers);
  response.body = std::move(impl_->parser->body);
  return response;
}

// ---- writing

bool valid_header(std::string_view name, std::string_view value) { return valid_method(name) && valid_value(value); }

bool valid_method(std::string_view method) {
  if (method.empty() || method.size() > 256) return false;
  for (const char c : method) {
    if (!is_token_char(c)) return false;
  }
  return true;
}

namespace {
void append_field(std::string& out, std::string_view name, std::string_view value) {
  out.append(name).append(": ").append(value).append("\r\n");
}
bool servers_own(std::string_view name) {
  for (const std::string_view own :
       {"Content-Length", "Connection", "Keep-Alive", "Transfer-Encoding", "Date", "X-Content-Type-Options"}) {
    if (text::iequals(name, own)) return true;
  }
  return false;
}
}  // namespace

void append_answer_head(std::string& out, const HttpResponse& response, const AnswerOptions& options,
                        std::string_view date) {
  const int status = response.status;
  fmt::format_to(std::back_inserter(out), "HTTP/1.1 {} {}\r\n", status, reason_phrase(status));
  for (const auto& [name, value] : response.headers.all()) {
    if (!servers_own(name) && valid_header(name, value)) append_field(out, name, value);
  }
  append_field(out, "Date", date);
  append_field(out, "X-Content-Type-Options", "nosniff");
  if (status >= 200 && status != 204 && status != 304) {
    fmt::format_to(std::back_inserter(out), "Content-Length: {}\r\n", response.body.size());
  }
  if (!options.keep_alive) {
    append_field(out, "Connection", "close");
  } else if (options.http_1_0) {
    append_field(out, "Connection", "keep-alive");
  }
  out += "\r\n";
}

void append_request_head(std::string& out, const HttpRequest& request, std::string_view host, std::string_view target) {
  out.append(request.method).append(" ").append(target).append(" HTTP/1.1\r\n");
  append_field(out, "Host", host);
  bool has_agent = false;
  for (const auto& [name, value] : request.headers.all()) {
    if (text::iequals(name, "Host") || text::iequals(name, "Content-Length") || text::iequals(name, "Transfer-Encoding") ||
        text::iequals(name, "Connection")) {
      continue;
    }
    has_agent = has_agent || text::iequals(name, "User-Agent");
    append_field(out, name, value);
  }
  if (!has_agent) append_field(out, "User-Agent", "vedette");
  const bool may_be_empty = request.method == "GET" || request.method == "HEAD" || request.method == "DELETE";
  if (!request.body.empty() || !may_be_empty) {
    fmt::format_to(std::back_inserter(out), "Content-Length: {}\r\n", request.body.size());
  }
  out += "\r\n";
}

std::string http_date(std::chrono::system_clock::time_point time) {
  constexpr const char* kDays[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  constexpr const char* kNames[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const auto day = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss clock(std::chrono::floor<std::chrono::seconds>(time - day));
  return fmt::format("{}, {:02} {} {:04} {:02}:{:02}:{:02} GMT", kDays[std::chrono::weekday(day).c_encoding()],
                     static_cast<unsigned>(date.day()), kNames[static_cast<unsigned>(date.month()) - 1],
                     static_cast<int>(date.year()), clock.hours().count(), clock.minutes().count(), clock.seconds().count());
}

}  // namespace vedette::net
