#include "app/replay.hpp"

#include <fmt/format.h>

#include <charconv>
#include <deque>
#include <limits>
#include <thread>
#include <unordered_map>

#include "app/ingest.hpp"
#include "app/line_reader.hpp"
#include "app/playback.hpp"
#include "app/resume.hpp"
#include "app/writer.hpp"
#include "core/time_text.hpp"
#include "settings/words.hpp"

namespace hazgate::app {

namespace fs = std::filesystem;
using settings::in_quotes;

namespace {

constexpr std::size_t samples_a_batch = 50'000;
constexpr const char* no_input = "cannot be read; give the path of a CSV file or of a store";

bool number_from(std::string_view text, double& value) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc{} && end == text.data() + text.size();
}

class Replay {
 public:
  Replay(settings::Settings settings, const std::function<void(const core::Site&, const core::Alarm&)>& on_alarm)
      : settings_(std::move(settings)),
        on_alarm_(on_alarm),
        writer_(settings_),
        ingest_(settings_, make_monitor(settings_, 0)) {}

  const settings::Settings& settings() const { return settings_; }
  const core::Site& site() const { return settings_.site; }
  Ingest& ingest() { return ingest_; }

  void frame(core::DeviceIndex device, core::Timestamp at, std::span<const core::Sample> samples) {
    step(at, [&] { ingest_.on_frame(device, at, samples, batch_); });
  }
  void poll(const modbus::Outcome& outcome, core::Timestamp at) {
    step(at, [&] { ingest_.on_outcome(outcome, at, batch_); });
  }
  /// What was done with alarms, and was no reading.
  void input(const core::AlarmInput& input) {
    summary_.last = std::max(summary_.last, input.at);
    tell_alarms([&] { ingest_.on_input(input, batch_); });
  }
  /// So far time went on after the last frame.
  void until(core::Timestamp end) {
    tell_alarms([&] { ingest_.on_time(end, batch_); });
  }
  ReplaySummary finish(std::uint64_t damaged_frames) {
    summary_.damaged_frames = damaged_frames;
    hand_over();
    while (!writer_.committed()) {
      wait();
    }
    return summary_;
  }

 private:
  /// One frame.
  template <class Take>
  void step(core::Timestamp at, Take take) {
    if (summary_.frames++ == 0) summary_.first = at;
    summary_.last = at;
    const auto samples = batch_.samples.size();
    tell_alarms(take);
    summary_.readings += batch_.samples.size() - samples;
    if (batch_.samples.size() >= samples_a_batch) hand_over();
  }
  template <class Take>
  void tell_alarms(Take take) {
    const auto alarms = batch_.alarms.size();
    take();
    for (auto i = alarms; i < batch_.alarms.size(); ++i) on_alarm_(settings_.site, batch_.alarms[i]);
  }
  void hand_over() {
    summary_.alarm_changes += batch_.alarms.size();
    summary_.exposures += batch_.exposures.size();
    if (!batch_.empty()) writer_.submit(batch_, summary_.last);
    while (writer_.waiting() > Writer::most_waiting_samples / 2) wait();
  }
  void wait() {
    const auto state = writer_.health().state;
    if (state.starts_with("failing")) throw std::runtime_error("the store of the replay: " + state);
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }

  settings::Settings settings_;
  const std::function<void(const core::Site&, const core::Alarm&)>& on_alarm_;
  Writer writer_;
  Ingest ingest_;
  core::Batch batch_;
  ReplaySummary summary_;
};

/// Rows of one device and time make a frame, also where those of another device stand between them.
class CsvFrames {
 public:
  CsvFrames(const fs::path& file, Replay& replay)
      : file_(file),
        lines_(file),
        replay_(replay),
        line_of_(replay.site().points.size()),
        frames_(replay.site().devices.size()) {
    for (std::size_t i = 0; i < replay.site().points.size(); ++i) numbers_.emplace(replay.site().points[i].id, i);
  }
  void play() {
    while (const auto line = lines_.next()) {
      if (line->size() > LineReader::longest) fail("is longer than 1000 bytes; expected t,point,value[,flag]");
      if (lines_.number() == 1) {
        with_unit_ = *line == "t,point,value,unit,flag";
        if (!with_unit_ && *line != "t,point,value,flag" && *line != "t,point,value")
          fail("expected the header t,point,value,flag or t,point,value or, as exported, t,point,value,unit,flag");
      } else if (!line->empty()) {
        row(*line);
      }
    }
    if (lines_.failed()) fail(no_input);
    if (lines_.number() == 0) fail("is empty; expected the header t,point,value,flag");
    end_frames();
  }

 private:
  [[noreturn]] void fail(const std::string& what) const {
    throw std::runtime_error(fmt::format("{}:{}: {}", file_.string(), lines_.number(), what));
  }
  static std::string_view cut(std::string_view& rest) {
    const auto comma = rest.find(',');
    const auto field = rest.substr(0, comma);
    rest = comma == std::string_view::npos ? std::string_view{} : rest.substr(comma + 1);
    return field;
  }
  core::Timestamp time(std::string_view text) {
    if (!text.empty() && text == last_time_text_) return at_;
    const auto at = core::time_from(text);
    if (!at) fail(fmt::format("{} is no time; expected RFC 3339 such as 2026-11-23T20:00:00Z", in_quotes(text)));
    last_time_text_ = text;
    return *at;
  }
  /// Rows mostly come in the order of the points.
  std::size_t point(std::string_view id) {
    const auto& points = replay_.site().points;
    const auto next = last_point_ + 1 < points.size() ? last_point_ + 1 : 0;
    if (points[next].id == id) return last_point_ = next;
    if (points[last_point_].id == id) return last_point_;
    const auto found = numbers_.find(id);
    if (found == numbers_.end()) fail(fmt::format("{} is no point of the configuration", in_quotes(id)));
    return last_point_ = found->second;
  }
  void row(std::string_view rest) {
    const auto at = time(cut(rest));
    const auto number_of_point = point(cut(rest));
    const auto value_text = cut(rest);
    if (with_unit_) expect_unit(number_of_point, cut(rest));
    const core::PointIndex index{static_cast<std::uint32_t>(number_of_point)};
    const auto& p = replay_.site().points[number_of_point];
    if (at < at_) fail("goes back in time; sort the rows by t");
    if (at != at_) {
      end_frames();
      at_ = at;
      first_line_ = lines_.number();
    }
    only_once(number_of_point);
    double value = core::no_value;
    if (!value_text.empty() && (!number_from(value_text, value) || !std::isfinite(value)))
      fail(fmt::format("{} is no finite number", in_quotes(value_text)));
    auto& sample = frame_of(p.device)[number_of_point - core::at(replay_.site().device_of(index).first_point)];
    if (rest.empty()) {
      sample = replay_.ingest().judge(index, at, value);
      return;
    }
    const auto flag = rest.size() == 1 ? core::flag_from(rest.front()) : std::nullopt;
    if (!flag) fail(fmt::format("{} is no flag; expected one of N T D B C M F S L", in_quotes(rest)));
    if (core::enters_averages(*flag) && value_text.empty()) fail(fmt::format("flag {} needs a value", rest));
    sample = {value, *flag};
  }
  void expect_unit(std::size_t number, std::string_view unit) const {
    const auto& p = replay_.site().points[number];
    if (unit != core::symbol(p.unit))
      fail(fmt::format("{} is in {}; the configuration has it in {}", p.id, in_quotes(unit), core::symbol(p.unit)));
  }
  /// Which of two values of one moment is the true one, nobody here can tell.
  void only_once(std::size_t point) {
    if (line_of_[point] >= first_line_)
      fail(fmt::format("{} has a value of this time already, in line {}; remove one of the two",
                       in_quotes(replay_.site().points[point].id), line_of_[point]));
    line_of_[point] = lines_.number();
  }
  /// Of this time; what no row mentions is flagged F.
  std::vector<core::Sample>& frame_of(core::DeviceIndex device) {
    auto& frame = frames_[core::at(device)];
    if (!frame.empty()) return frame;
    open_.push_back(device);
    frame.assign(replay_.site().devices[core::at(device)].point_count, {core::no_value, core::Flag::stopped});
    return frame;
  }
  void end_frames() {
    for (const auto device : open_) {
      replay_.frame(device, at_, frames_[core::at(device)]);
      frames_[core::at(device)].clear();
    }
    open_.clear();
  }

  fs::path file_;
  LineReader lines_;
  Replay& replay_;
  std::unordered_map<std::string_view, std::size_t> numbers_;
  std::size_t last_point_ = 0;
  std::string last_time_text_;
  bool with_unit_ = false;
  core::Timestamp at_{};
  std::size_t first_line_ = 1;                     ///< of this time
  std::vector<std::size_t> line_of_;               ///< of each point: its newest row
  std::vector<std::vector<core::Sample>> frames_;  ///< of each device; empty while no row of this time mentioned it
  std::vector<core::DeviceIndex> open_;            ///< whose frames are not, in order
};

/// A copy is read: the store that is replayed may be evidence, and opening it would write to it.
class CopiedStore {
 public:
  CopiedStore(const fs::path& store, const fs::path& folder) : copy_(folder / "replayed.sqlite") {
    for (const char* suffix : {"", "-wal"}) {
      const fs::path from = store.string() + suffix;
      if (fs::exists(from)) fs::copy_file(from, copy_.string() + suffix, fs::copy_options::overwrite_existing);
    }
  }
  ~CopiedStore() {
    std::error_code ignored;
    for (const char* suffix : {"", "-wal", "-shm", ".lock"}) fs::remove(copy_.string() + suffix, ignored);
  }
  const fs::path& path() const { return copy_; }

 private:
  fs::path copy_;
};

/// Gives the number of frames that cannot be understood.
std::uint64_t play_store(const fs::path& store, const fs::path& folder, Replay& replay) {
  if (!fs::is_regular_file(store)) throw std::runtime_error(fmt::format("{}: {}", store.string(), no_input));
  const CopiedStore copy(store, folder);
  storage::Database database(copy.path());
  storage::Readings readings(database, replay.site());
  const auto& site = replay.site();
  std::unordered_map<std::string_view, std::size_t> devices;
  for (std::size_t i = 0; i < site.devices.size(); ++i) devices.emplace(site.devices[i].id, i);
  storage::Alarms alarms(database, site);
  std::deque<std::pair<std::int64_t, core::AlarmInput>> inputs;
  alarms.for_each_input([&](std::int64_t after, const auto& input) { inputs.emplace_back(after, input); });
  const auto give_inputs_before = [&](std::int64_t frame) {
    for (; !inputs.empty() && inputs.front().first < frame; inputs.pop_front()) replay.input(inputs.front().second);
  };
  readings.for_each_frame_after(0, [&](const storage::Readings::StoredFrame& frame) {
    give_inputs_before(frame.id);
    const auto found = devices.find(frame.device_id);
    const bool same = found != devices.end() && site.devices[found->second].point_count == frame.samples.size();
    if (!same) {
      throw std::runtime_error(fmt::format("{}: device {} is not in the configuration, or has other points there",
                                           store.string(), frame.device_id));
    }
    replay.frame(core::DeviceIndex{static_cast<std::uint32_t>(found->second)}, frame.at, frame.samples);
  });
  give_inputs_before(std::numeric_limits<std::int64_t>::max());
  replay.until(alarms.last_change());
  return readings.damaged_frames();
}

settings::Playback playback_of(const settings::Settings& settings, const fs::path& file) {
  auto loaded = settings::load_playback(settings, file);
  if (loaded.has_value()) return std::move(*loaded);
  std::string lines;
  for (const auto& problem : loaded.error()) lines += (lines.empty() ? "" : "\n") + settings::to_string(problem);
  throw std::runtime_error(lines);
}

}  // namespace

ReplaySummary replay(settings::Settings settings, const ReplayOptions& options,
                     const std::function<void(const core::Site&, const core::Alarm&)>& on_alarm) {
  if (fs::exists(options.data_dir / "hazgate.sqlite")) {
    throw std::runtime_error(fmt::format("{}: there is a store already; name a folder without one",
                                         (options.data_dir / "hazgate.sqlite").string()));
  }
  const auto kind = options.input.extension();
  std::optional<settings::Playback> playback;
  if (kind == ".toml") playback = playback_of(settings, options.input);
  fs::create_directories(options.data_dir);
  settings.gateway.data_dir = options.data_dir;
  settings.mqtt.reset();  // nothing is announced: it has happened already
  Replay run(std::move(settings), on_alarm);
  std::uint64_t damaged = 0;
  if (playback) {
    play(run.settings(), *playback, [&](const auto& outcome, core::Timestamp at) { run.poll(outcome, at); });
  } else if (kind == ".sqlite") {
    damaged = play_store(options.input, options.data_dir, run);
  } else {
    CsvFrames(options.input, run).play();
  }
  return run.finish(damaged);
}

}  // namespace hazgate::app
