#include "app/export.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cmath>
#include <fstream>
#include <system_error>

#include "feed/payload.hpp"
#include "settings/words.hpp"
#include "storage/database.hpp"
#include "storage/new_file.hpp"
#include "storage/roll_up.hpp"
#include "storage/stored_frames.hpp"

namespace hazgate::app {

namespace {

constexpr std::size_t flush_at = 1U << 18U;

core::Timestamp monotonic_now() {
  return core::Timestamp(
      std::chrono::duration_cast<core::Duration>(std::chrono::steady_clock::now().time_since_epoch()));
}

/// RFC 4180.
void append_csv(std::string& out, std::string_view text) {
  if (text.find_first_of("\",\r\n") == std::string_view::npos) {
    out += text;
    return;
  }
  out += '"';
  for (const char c : text) out.append(c == '"' ? 2 : 1, c);
  out += '"';
}

void append_csv_row(std::string& out, std::string_view time, const storage::Layout::Column& column,
                    const core::Sample& sample) {
  out += time;
  out += ',';
  append_csv(out, column.point);
  out += ',';
  if (std::isfinite(sample.value)) feed::append_number(out, sample.value);
  out += ',';
  append_csv(out, column.unit);
  out += ',';
  out += static_cast<char>(sample.flag);
  out += '\n';
}

void append_json_row(std::string& out, std::string_view time, const storage::Layout::Column& column,
                     const core::Sample& sample) {
  out += R"({"t":")";
  out += time;
  out += R"(","point":)";
  feed::append_quoted(out, column.point);
  out += R"(,"value":)";
  feed::append_number(out, sample.value);
  out += R"(,"unit":)";
  feed::append_quoted(out, column.unit);
  out += R"(,"flag":")";
  out += static_cast<char>(sample.flag);
  out += "\"}\n";
}

class Exporter {
 public:
  Exporter(const ExportOptions& options, std::ostream& out)
      : options_(options), out_(out), database_(storage::Database::to_read(options.store)) {
    for (const auto& point : options.points) expect_known(point);
  }

  ExportSummary run(const std::function<void(double)>& progress) {
    if (options_.format == ExportFormat::csv) text_ = "t,point,value,unit,flag\n";
    const auto hours = hours_asked_for();
    for (std::size_t i = 0; i < hours.size(); ++i) {
      export_hour(hours[i]);
      flush();
      progress(static_cast<double>(i + 1) / static_cast<double>(hours.size()));
    }
    flush();
    if (summary_.readings == 0) summary_.why_none = why_none(!hours.empty());
    return std::move(summary_);
  }

 private:
  static core::Timestamp begin_of(const storage::HourWithFrames& hour) {
    return core::Timestamp(core::Duration(hour.number * storage::micros_an_hour));
  }
  std::string why_none(bool any_hour) const {
    if (!stored_) return "the store holds none yet";
    if (!any_hour) {
      std::string span = "those that the store holds are from ";
      feed::append_time(span, stored_->first);
      span += " to ";
      feed::append_time(span, stored_->second);
      return span;
    }
    if (summary_.damaged_frames > 0) return "what the store holds of them is damaged";
    return options_.points.empty() ? "the store holds none of that time"
                                   : "of these points the store holds none of that time";
  }
  void expect_known(const std::string& point) {
    if (known_.empty()) known_ = storage::stored_points(database_);
    if (std::ranges::find(known_, point) != known_.end()) return;
    throw std::runtime_error(fmt::format("{} names no point of {}{}", settings::in_quotes(point),
                                         options_.store.string(), settings::hint(point, known_)));
  }
  std::vector<storage::HourWithFrames> hours_asked_for() {
    auto hours = storage::hours_with_frames(database_);
    if (!hours.empty()) stored_ = {begin_of(hours.front()), begin_of(hours.back()) + std::chrono::hours(1)};
    std::erase_if(hours, [&](const auto& hour) {
      const auto begin = begin_of(hour);
      return (options_.from && begin + std::chrono::hours(1) <= *options_.from) ||
             (options_.to && begin >= *options_.to);
    });
    return hours;
  }
  /// Each in a snapshot of its own: one of the whole would let the gateway's log grow for as long as this takes.
  void export_hour(const storage::HourWithFrames& hour) {
    storage::WantedFrames wanted{.first_hour = hour.number, .last_hour = hour.number, .uncompacted = hour.uncompacted};
    wanted.layout = [&](const storage::Layout& layout) {
      return options_.points.empty() || std::ranges::any_of(layout.columns, [&](const auto& column) {
               return options_.points.contains(column.point);
             });
    };
    const auto damaged =
        storage::for_each_frame(database_, wanted, [&](const storage::StoredFrame& frame) { add(frame); });
    summary_.damaged_frames += damaged;
    if (damaged > 0) feed::append_time(summary_.damaged_hours.emplace_back(), begin_of(hour));
  }
  void add(const storage::StoredFrame& frame) {
    if ((options_.from && frame.at < *options_.from) || (options_.to && frame.at >= *options_.to)) return;
    time_.clear();
    feed::append_time(time_, frame.at);
    for (std::size_t i = 0; i < frame.samples.size(); ++i) {
      const auto& column = frame.columns[i];
      if (!options_.points.empty() && !options_.points.contains(column.point)) continue;
      if (options_.format == ExportFormat::csv)
        append_csv_row(text_, time_, column, frame.samples[i]);
      else
        append_json_row(text_, time_, column, frame.samples[i]);
      ++summary_.readings;
    }
    if (text_.size() >= flush_at) flush();
  }
  void flush() {
    errno = 0;
    if (!(out_ << text_).flush()) {
      const int why = errno;
      const bool full = why == ENOSPC || why == EDQUOT || why == EFBIG;
      throw OutputFailed(fmt::format("cannot write the readings: {}{}",
                                     why == 0 ? "the output takes no more" : std::generic_category().message(why),
                                     full ? "; free some space on that disk" : ""));
    }
    text_.clear();
  }

  const ExportOptions& options_;
  std::ostream& out_;
  storage::Database database_;
  std::vector<std::string> known_;
  std::optional<std::pair<core::Timestamp, core::Timestamp>> stored_;  ///< whole hours
  std::string text_, time_;
  ExportSummary summary_;
};

}  // namespace

ExportSummary export_readings(const ExportOptions& options, std::ostream& out,
                              const std::function<void(double)>& progress) {
  return Exporter(options, out).run(progress);
}

ExportSummary export_to_file(const ExportOptions& options, const std::filesystem::path& file,
                             const std::function<void(double)>& progress) {
  storage::NewFile to(file);
  std::ofstream out(to.part(), std::ios::binary);
  auto summary = export_readings(options, out, progress);
  out.close();
  if (!out) throw OutputFailed(fmt::format("cannot write '{}'; see its disk", to.part().string()));
  to.finish();
  return summary;
}

ProgressLine::ProgressLine(std::ostream& to, std::string what)
    : to_(to), what_(std::move(what)), next_(monotonic_now() + std::chrono::seconds(2)) {}

void ProgressLine::operator()(double part) {
  if (monotonic_now() < next_) return;
  next_ = monotonic_now() + std::chrono::seconds(5);
  to_ << fmt::format("{}: {:.0f} %\n", what_, 100 * part) << std::flush;
}

}  // namespace hazgate::app
