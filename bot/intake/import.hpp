#pragma once
// Alerts and events from files: JSON, lists, JSON lines, {"Records": […]}, each plain or gzip; read in pieces, with bounded
// memory. Blocking file reads on the calling thread: for the command line, not for the running app.

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "bot/base/async.hpp"
#include "bot/intake/events/event_format.hpp"
#include "bot/intake/format.hpp"
#include "bot/intake/records.hpp"
#include "bot/store/store.hpp"

namespace vedette::intake {

// Reads a file record by record. Errors: not_found, and those of RecordReader.
class FileReader {
 public:
  static Result<FileReader> open(const std::string& path);
  Result<std::optional<RawRecord>> next() { return reader_->next(); }

 private:
  explicit FileReader(std::shared_ptr<void> file);
  std::shared_ptr<void> file_;
  std::unique_ptr<RecordReader> reader_;
};

struct ImportCounts {
  int64_t records = 0;  // JSON values read
  int64_t alerts = 0;   // normalised
  int64_t events = 0;
  int64_t stored = 0;  // of those, new in the store
  int64_t duplicates = 0;
  int64_t ignored = 0;  // records of a known format that are no alerts
  int64_t bad = 0;      // not JSON, not recognised, without a time
};

// Called for every record that could not be used; `line` is where it starts.
using BadRecord = std::function<void(size_t line, const Error& error)>;

// What to read a file as. Names of formats; empty: recognised record by record.
struct ImportJob {
  ImportJob() = default;
  explicit ImportJob(std::string path_) : path(std::move(path_)) {}
  std::string path;
  std::string format;             // of alerts
  Mapping mapping;                // for the format "mapped"
  std::string source = "import";  // the alerts' source, part of what makes repeats known
  std::string dataset;            // set: the records are events of this dataset …
  std::string event_format;       // … in this format; empty: the dataset's name, or recognised
};

// Calls `sink` for each alert or event of the file, in order. Stops at the sink's first error.
Result<ImportCounts> read_alerts(const ImportJob& job, const Clock& clock, const std::function<Status(Alert)>& sink,
                                 const BadRecord& bad);
Result<ImportCounts> read_events(const ImportJob& job, const std::function<Status(Event)>& sink, const BadRecord& bad);

// The same into the store, in batches; what is counted as stored is on disk.
Async<ImportCounts> import_alerts(Store& store, ImportJob job, const Clock& clock, BadRecord bad);
Async<ImportCounts> import_events(Store& store, ImportJob job, BadRecord bad);

// `vedette format test`: one JSON object a line for every alert and event in the file, as
// {"kind":"alert","format":"wazuh","title":…,"time":…,"severity":…,"rule":…,"entities":["host:web-1"],…}. Records that are
// neither give {"kind":"unknown","line":…,"error":…}. `format` names one of alerts or events; empty: recognised.
Result<ImportCounts> format_test(const std::string& path, const std::string& format, const Clock& clock,
                                 const std::function<void(const std::string& line)>& out);
std::string format_test_line(const Alert& alert);
std::string format_test_line(const Event& event);

}  // namespace vedette::intake
