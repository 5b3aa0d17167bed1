#include "bot/intake/import.hpp"

#include <cerrno>
#include <filesystem>
#include <system_error>

#include <fmt/format.h>
#include <zlib.h>

namespace vedette::intake {
namespace {

constexpr size_t kBatch = 500;
constexpr size_t kLongestRecord = 16 << 20;

// Files may be larger than what a webhook takes.
JsonLimits file_limits() {
  JsonLimits limits;
  limits.bytes = kLongestRecord;
  limits.values = 2'000'000;
  return limits;
}

Error not_recognised() { return Error(Code::invalid_input, "the format was not recognised"); }

Result<const EventFormat*> event_format(const ImportJob& job) {
  if (const auto* format = find_event_format(job.event_format.empty() ? job.dataset : job.event_format)) return format;
  if (job.event_format.empty()) return static_cast<const EventFormat*>(nullptr);  // a name of the user's own
  return Error(Code::invalid_input, fmt::format("unknown event format \"{}\"", job.event_format));
}

}  // namespace

FileReader::FileReader(std::shared_ptr<void> file) : file_(std::move(file)) {
  reader_ = std::make_unique<RecordReader>(
      [handle = file_.get()](char* buffer, size_t size) -> Result<size_t> {
        auto* stream = static_cast<gzFile>(handle);
        const int count = gzread(stream, buffer, static_cast<unsigned>(size));
        int state = Z_OK;
        const char* why = gzerror(stream, &state);
        if (count < 0) return Error(Code::invalid_input, fmt::format("the file cannot be read: {}", why));
        // zlib reports a stream that ends too early only like this.
        if (count == 0 && state == Z_BUF_ERROR) return Error(Code::invalid_input, "the gzip file is cut off");
        return static_cast<size_t>(count);
      },
      kLongestRecord);
}

Result<FileReader> FileReader::open(const std::string& path) {
  std::error_code error;
  if (std::filesystem::is_directory(path, error)) return Error(Code::invalid_input, fmt::format("{} is a folder", path));
  // zlib reads plain files as they are.
  gzFile file = gzopen(path.c_str(), "rb");
  if (file == nullptr) {
    return Error(Code::not_found, fmt::format("cannot open {}: {}", path, std::generic_category().message(errno)));
  }
  gzbuffer(file, 128 << 10);
  return FileReader(std::shared_ptr<void>(file, [](void* handle) { gzclose(static_cast<gzFile>(handle)); }));
}

namespace {

// A file, cut into batches of what its records become. Only one batch is in memory at a time.
template <class Item>
class Batches {
 public:
  using Parse = std::function<Status(const Json&, ImportCounts&, std::vector<Item>&)>;
  static Result<Batches> open(const std::string& path, Parse parse, BadRecord bad) {
    TRY(auto file, FileReader::open(path));
    return Batches(std::move(file), std::move(parse), std::move(bad));
  }
  // Empty at the end of the file.
  std::vector<Item> next(ImportCounts& counts) {
    std::vector<Item> batch;
    while (batch.size() < kBatch && !ended_) {
      auto record = file_.next();
      if (!record) {
        ++counts.bad;
        bad_(0, record.error());
        // A record over the limit is passed over; every other error is the end of what can be read. What came before it
        // counts.
        ended_ = record.error().code != Code::too_large;
        continue;
      }
      ended_ = !record->has_value();
      if (ended_) break;
      ++counts.records;
      const auto document = Json::parse((*record)->text, file_limits());
      const Status used = document ? parse_(*document, counts, batch) : Status(document.error());
      if (used) continue;
      ++counts.bad;
      bad_((*record)->line, used.error());
    }
    return batch;
  }

 private:
  Batches(FileReader file, Parse parse, BadRecord bad)
      : file_(std::move(file)), parse_(std::move(parse)), bad_(std::move(bad)) {}
  FileReader file_;
  Parse parse_;
  BadRecord bad_;
  bool ended_ = false;
};

Result<Batches<Alert>> open_alerts(const ImportJob& job, const Clock& clock, BadRecord bad) {
  const bool mapped = job.format == "mapped";
  const Format* given = mapped || job.format.empty() ? nullptr : find_format(job.format);
  if (!mapped && !job.format.empty() && given == nullptr) {
    return Error(Code::invalid_input, fmt::format("unknown alert format \"{}\"", job.format));
  }
  if (mapped) TRY_VOID(check(job.mapping));
  auto parse = [=, source = job.source, mapping = job.mapping, &clock](const Json& document, ImportCounts& counts,
                                                                       std::vector<Alert>& batch) -> Status {
    const Format* format = given != nullptr || mapped ? given : recognise_format(document);
    if (format == nullptr && !mapped) return not_recognised();
    TRY(auto parsed, mapped ? parse_mapped(mapping, document) : format->parse(document));
    counts.ignored += static_cast<int64_t>(parsed.ignored);
    for (size_t i = 0; i < parsed.alerts.size(); ++i) {
      complete(parsed.alerts[i], parsed.records[i], source, mapped ? "mapped" : format->name, clock.now());
      batch.push_back(std::move(parsed.alerts[i]));
      ++counts.alerts;
    }
    return {};
  };
  return Batches<Alert>::open(job.path, std::move(parse), std::move(bad));
}

Result<Batches<Event>> open_events(const ImportJob& job, BadRecord bad) {
  TRY(const EventFormat* given, event_format(job));
  auto parse = [given, dataset = job.dataset](const Json& document, ImportCounts& counts,
                                              std::vector<Event>& batch) -> Status {
    const EventFormat* format = given != nullptr ? given : recognise_events(document);
    if (format == nullptr) return not_recognised();
    TRY(auto parsed, parse_events(*format, dataset, document));
    counts.bad += static_cast<int64_t>(parsed.unreadable);
    counts.events += static_cast<int64_t>(parsed.events.size());
    std::move(parsed.events.begin(), parsed.events.end(), std::back_inserter(batch));
    return {};
  };
  return Batches<Event>::open(job.path, std::move(parse), std::move(bad));
}

template <class Item>
Result<ImportCounts> read_all(Batches<Item> batches, const std::function<Status(Item)>& sink) {
  ImportCounts counts;
  while (true) {
    auto batch = batches.next(counts);
    if (batch.empty()) return counts;
    for (auto& item : batch) TRY_VOID(sink(std::move(item)));
  }
}

}  // namespace

Result<ImportCounts> read_alerts(const ImportJob& job, const Clock& clock, const std::function<Status(Alert)>& sink,
                                 const BadRecord& bad) {
  TRY(auto batches, open_alerts(job, clock, bad));
  return read_all(std::move(batches), sink);
}

Result<ImportCounts> read_events(const ImportJob& job, const std::function<Status(Event)>& sink, const BadRecord& bad) {
  TRY(auto batches, open_events(job, bad));
  return read_all(std::move(batches), sink);
}

Async<ImportCounts> import_alerts(Store& store, ImportJob job, const Clock& clock, BadRecord bad) {
  auto batches = open_alerts(job, clock, std::move(bad));
  if (!batches) co_return batches.error();
  ImportCounts counts;
  while (true) {
    auto batch = batches->next(counts);
    if (batch.empty()) co_return counts;
    CO_TRY(const auto accepted, store.alerts().accept(std::move(batch)));
    for (const auto& alert : accepted) ++(alert.duplicate ? counts.duplicates : counts.stored);
  }
}

Async<ImportCounts> import_events(Store& store, ImportJob job, BadRecord bad) {
  auto batches = open_events(job, std::move(bad));
  if (!batches) co_return batches.error();
  ImportCounts counts;
  while (true) {
    auto batch = batches->next(counts);
    if (batch.empty()) co_return counts;
    const auto size = static_cast<int64_t>(batch.size());
    CO_TRY(const int64_t fresh, store.events().append(std::move(batch)));
    counts.stored += fresh;
    counts.duplicates += size - fresh;
  }
}

}  // namespace vedette::intake
