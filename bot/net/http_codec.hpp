#pragma once
// Inside bot/net: HTTP/1.1 messages from bytes and to bytes (RFC 9112), without sockets. The readers refuse what makes two
// servers disagree about where a request ends (request smuggling): repeated or conflicting lengths, odd transfer codings,
// no or several Host fields.

#include <chrono>
#include <memory>
#include <string>
#include <string_view>

#include "bot/net/http.hpp"

namespace vedette::net {

struct MessageLimits {
  size_t header_bytes = 16 << 10;
  size_t body_bytes = 1 << 20;
};

// One request at a time: feed() until done() or failed(), take(), reset().
class RequestReader {
 public:
  explicit RequestReader(MessageLimits limits);
  ~RequestReader();
  void reset();
  // Uses bytes from the front and returns how many; the rest must be fed again with more behind it.
  size_t feed(std::string_view bytes);
  bool started() const;  // at least one byte was used or is half a header
  bool header_done() const;
  bool done() const;
  int failed() const;       // 0, or the status to answer with: 400, 413, 417, 431, 501, 505
  bool keep_alive() const;  // once header_done()
  bool http_1_0() const;
  bool expects_continue() const;
  bool wants_websocket() const;
  const HttpRequest& request() const;  // once header_done(); the body may be missing still
  HttpRequest take();                  // once done()

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

// The answer to one request; interim ones (1xx) are skipped. `head_request` for whatever has no body in its answer: HEAD,
// and CONNECT, after whose answer the tunnel begins (RFC 9110 section 9.3.6).
class ResponseReader {
 public:
  ResponseReader(MessageLimits limits, bool head_request);
  ~ResponseReader();
  size_t feed(std::string_view bytes);
  void feed_end();       // the other side closed; an answer without a length is then complete
  bool started() const;  // any byte came
  bool done() const;
  bool too_large() const;
  bool malformed() const;        // or cut off by feed_end()
  bool keep_alive() const;       // once done()
  bool ends_with_close() const;  // the body has no length of its own
  bool header_done() const;
  int status() const;
  HttpResponse take();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

// RFC 9110 sections 5.1 and 5.5: a token, and text without line breaks or NUL.
bool valid_header(std::string_view name, std::string_view value);
bool valid_method(std::string_view method);

// The head of an answer up to the empty line. Content-Length, Connection and Date are the server's own business; the
// handler's are left out, and so is a field that is not valid.
struct AnswerOptions {
  bool keep_alive = true;
  bool http_1_0 = false;
  bool head_request = false;
};
void append_answer_head(std::string& out, const HttpResponse& response, const AnswerOptions& options, std::string_view date);
// The head of a request with Host and Content-Length.
void append_request_head(std::string& out, const HttpRequest& request, std::string_view host, std::string_view target);
std::string http_date(std::chrono::system_clock::time_point time);  // IMF-fixdate

}  // namespace vedette::net
