// The commands. Exit codes: 0 good, 1 failed, 2 wrong use or bad input; errors go to stderr, one line each.
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <malloc.h>
#include <pwd.h>
#include <spdlog/sinks/stdout_color_sinks.h>
#include <spdlog/spdlog.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <span>
#include <system_error>

#include "app/evaluate.hpp"
#include "app/export.hpp"
#include "app/gateway.hpp"
#include "app/ledger_commands.hpp"
#include "app/record_commands.hpp"
#include "app/reload.hpp"
#include "app/replay.hpp"
#include "app/replay_report.hpp"
#include "app/simulate.hpp"
#include "app/user_commands.hpp"
#include "core/time_text.hpp"
#include "settings/load.hpp"
#include "settings/words.hpp"
#include "storage/backup.hpp"

namespace {

using namespace hazgate;

enum Exit { good = 0, failed = 1, bad_input = 2 };

struct Options {
  std::string config = "config/gateway.toml";
  std::string data = "tests/data";
  double speed = 1;
  int seconds = 0;
  std::string summary;
  std::string input, data_dir;
  std::string limits;
  std::string store, from, to, format = "csv", output, backup;
  std::vector<std::string> points;
};

void print(const settings::Problems& problems) {
  for (const auto& problem : problems) std::cerr << settings::to_string(problem) << '\n';
}

/// Each TCP bus needs a descriptor; the customary soft limit of 1,024 is for programs that use select().
void raise_descriptor_limit() {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
}

int check(const Options& options) {
  const auto loaded = settings::load(options.config);
  if (loaded.has_error()) {
    print(loaded.error());
    return bad_input;
  }
  const auto& s = *loaded;
  std::size_t judged = 0;
  for (const auto& point : s.points) judged += point.levels.empty() ? 0 : 1;
  std::cout << fmt::format("{}: good; {} buses, {} devices, {} points ({} with alarm levels), {} workplaces\n",
                           options.config, s.buses.size(), s.devices.size(), s.points.size(), judged,
                           s.site.workplaces.size());
  return good;
}

/// The name of the user who owns the file; empty where there is none.
std::string owner_of(const std::string& file) {
  struct stat status {};
  if (stat(file.c_str(), &status) != 0) return {};
  const auto* user = getpwuid(status.st_uid);
  return user == nullptr ? fmt::format("user {}", status.st_uid) : user->pw_name;
}

int cannot_write_summary(const std::string& file) {
  std::cerr << fmt::format("hazgate run: --summary {}: cannot be written: {}; see its folder and disk\n", file,
                           std::generic_category().message(errno));
  return bad_input;
}

int run(const Options& options) {
  auto loaded = settings::load(options.config);
  if (loaded.has_error()) {
    print(loaded.error());
    return bad_input;
  }
  // Before days of work, not after them. What stood in the file stays until then.
  if (!options.summary.empty() && !std::ofstream(options.summary, std::ios::app))
    return cannot_write_summary(options.summary);
  app::RunOptions run_options{.duration = {}, .config = options.config, .file_owner = owner_of(options.config)};
  if (options.seconds > 0) run_options.duration = std::chrono::seconds(options.seconds);
  const auto summary = app::run(std::move(*loaded), run_options);
  std::cout << summary;
  if (!options.summary.empty() && !(std::ofstream(options.summary) << summary).flush()) {
    cannot_write_summary(options.summary);
    return failed;
  }
  if (summary.readings_lost == 0) return good;
  std::cerr << fmt::format("hazgate: {} readings could not be stored; see the log for the reason\n",
                           summary.readings_lost);
  return failed;
}

int replay(const Options& options) {
  auto loaded = settings::load(options.config);
  if (loaded.has_error()) {
    print(loaded.error());
    return bad_input;
  }
  const auto site = loaded->site;
  try {
    const auto s =
        app::replay(std::move(*loaded), {options.input, options.data_dir},
                    [](const auto& here, const auto& alarm) { std::cout << app::alarm_report(here, alarm); });
    std::cout << app::record_report(std::filesystem::path(options.data_dir) / "hazgate.sqlite", site);
    std::cout << fmt::format("readings={}\nframes={}\ndamaged_frames={}\nalarm_changes={}\nexposure_records={}\n",
                             s.readings, s.frames, s.damaged_frames, s.alarm_changes, s.exposures);
  } catch (const std::runtime_error& e) {
    std::cerr << "hazgate: " << e.what() << '\n';
    return bad_input;
  }
  return good;
}

int evaluate(const Options& options) {
  std::error_code ignored;
  const std::filesystem::path beside = options.limits.empty() ? "config" : options.limits;
  if (!options.limits.empty() && !std::filesystem::is_directory(beside / "limits", ignored)) {
    std::cerr << "hazgate evaluate: --limits " << options.limits << ": no folder limits/ in it\n";
    return bad_input;
  }
  settings::Problems problems;
  const auto limits = settings::LimitTable::read({beside, settings::installed_share()}, problems);
  if (!problems.empty()) {
    print(problems);
    return bad_input;
  }
  try {
    std::cout << app::evaluate(std::cin, limits) << '\n';
  } catch (const app::BadInput& e) {
    std::cerr << "hazgate evaluate: " << e.what() << '\n';
    return bad_input;
  }
  return std::cout.flush() ? good : failed;
}

int simulate(const Options& options) {
  const auto problems = app::simulate(
      {.config = options.config, .data = options.data, .speed = options.speed, .seconds = options.seconds});
  print(problems);
  return problems.empty() ? good : bad_input;
}

std::optional<core::Timestamp> time_option(const char* name, const std::string& text) {
  if (text.empty()) return std::nullopt;
  const auto time = core::time_from(text);
  if (!time)
    throw std::runtime_error(
        fmt::format("{} {}: no time; expected RFC 3339 such as 2026-11-23T20:00:00Z", name, settings::in_quotes(text)));
  return time;
}

volatile std::sig_atomic_t asked_to_stop = 0;

/// How far it is; Ctrl-C and kill end it here, so that its unfinished file is removed.
class FileProgress {
 public:
  explicit FileProgress(std::string what) : line_(std::cerr, std::move(what)) {
    for (const int signal : {SIGINT, SIGTERM, SIGHUP})
      if (std::signal(signal, [](int) { asked_to_stop = 1; }) == SIG_IGN) std::signal(signal, SIG_IGN);  // nohup
  }
  void operator()(double part) {
    if (asked_to_stop != 0) throw app::OutputFailed("stopped before its end; nothing of the file is left");
    line_(part);
  }

 private:
  app::ProgressLine line_;
};

app::ExportSummary export_to(const app::ExportOptions& what, const std::string& file) {
  if (!file.empty()) {
    FileProgress progress("hazgate export");
    return app::export_to_file(what, file, std::ref(progress));
  }
  std::signal(SIGPIPE, SIG_DFL);  // a reader that has enough, as `head`, is no mistake
  app::ProgressLine progress(std::cerr, "hazgate export");
  return app::export_readings(what, std::cout, std::ref(progress));
}

/// What was exported is not all that was meant to be.
bool tell_what_is_missing(const app::ExportSummary& done) {
  if (done.readings == 0) std::cerr << fmt::format("hazgate export: 0 readings: {}\n", done.why_none);
  if (done.damaged_frames == 0) return false;
  constexpr std::size_t most_hours = 24;
  const std::span all(done.damaged_hours);
  auto hours = fmt::format("{}", fmt::join(all.first(std::min(all.size(), most_hours)), ", "));
  if (done.damaged_hours.size() > most_hours)
    hours += fmt::format(" and {} more", done.damaged_hours.size() - most_hours);
  std::cerr << fmt::format(
      "hazgate export: {} polls are damaged in the store, and are missing: of the hours that begin at {}; all else is "
      "there\n",
      done.damaged_frames, hours);
  return true;
}

int export_store(const Options& options) {
  std::filesystem::path store = options.store;
  if (options.store.empty()) {
    auto loaded = settings::load(options.config);
    if (loaded.has_error()) {
      print(loaded.error());
      return bad_input;
    }
    store = loaded->gateway.data_dir / "hazgate.sqlite";
  }
  const auto ended = [](const std::exception& e, Exit code) {
    std::cerr << "hazgate export: " << e.what() << '\n';
    return code;
  };
  try {
    if (!options.backup.empty()) {
      FileProgress progress("hazgate export --backup");
      storage::back_up(store, options.backup, std::ref(progress));
      return good;
    }
    app::ExportOptions what{.store = store,
                            .points = {options.points.begin(), options.points.end()},
                            .from = time_option("--from", options.from),
                            .to = time_option("--to", options.to),
                            .format = options.format == "jsonl" ? app::ExportFormat::jsonl : app::ExportFormat::csv};
    if (what.from && what.to && *what.from > *what.to)
      throw std::runtime_error(fmt::format("--from is after --to: {} and {}; exchange them", options.from, options.to));
    return tell_what_is_missing(export_to(what, options.output)) ? failed : good;
  } catch (const app::OutputFailed& e) {
    return ended(e, failed);
  } catch (const storage::StoreError& e) {
    return ended(e, e.worth_retry() ? failed : bad_input);
  } catch (const std::runtime_error& e) {
    return ended(e, bad_input);
  }
}

constexpr std::string_view export_help =
    R"(Every reading, hour by hour in order of arrival, also of a store whose gateway is running: nobody waits for it.
  csv    t,point,value,unit,flag; a value that is not there is empty. hazgate replay takes it as its input
  jsonl  the same as one JSON object a line; a value that is not there is null
Times are RFC 3339 in UTC with milliseconds; values have the digits that give the same double again. Flags: N normal,
L below the quantification limit, S by hand, T over range, D device fault, B link lost, C calibrating, M maintenance,
F stopped or warming up. What takes longer than 2 s tells on standard error how far it is.
--backup FILE copies the store as it stands, checks the copy, and never writes over a file. A backup and a file of
--output have their names when they are whole; until then they are FILE.part, which goes where that fails.
Example: hazgate export --config config/gateway.toml --point dust-1.pm10 --from 2026-11-01T00:00:00Z --output pm10.csv
         hazgate export --store data/hazgate.sqlite --backup /mnt/usb/hazgate-2026-11.sqlite
Exit codes: 0 good; 1 polls are damaged in the store and missing, or it could not be written; 2 bad input; with the
reason on stderr.)";

constexpr std::string_view evaluate_help =
    R"(In, one JSON object of at most 128 MiB and two million entries: agent, and one of
  segments [{minutes, value, below_loq, exposed}]  value null: a gap, never zero; below_loq: the value is the
                                                   quantification limit; exposed false: time without exposure,
                                                   of heat time elsewhere, which is in no mean.
                                                   What the segments leave out of the day is no exposure.
  readings [{t, value, flag}]                      t RFC 3339, flag one of N T D B C M F S L (N), with
                                                   shift_start, and period_s (else the median distance). A reading
                                                   covers the time since the one before it, at most 3 periods.
  days     [{hours, value}]                        a week of daily averages; value null: not measured
  mixture  [{agent, twa, stel_max}]                additive agents; it needs no agent of its own
and, where wanted: hours_per_day (8; where segments are longer, their exposed sum), days_per_week (5), adjust (false;
true: reduction factor for long shifts), sio2_percent (of a dust), outdoor_ventilation_degc (of heat: the design
temperature of the place; from 30 on the limit is 1 degC higher). Values are in mg/m3, for noise in dB(A), for heat
(wbgt:<contact time rate 25|50|75|100>:<work class I|II|III|IV>) WBGT in degC.
Out: the figures that apply, coverage, breaches, verdict (compliant, exceeds, insufficient, no_limit), and reported:
the figures as the law rounds them. Judged unrounded. Below 75 % coverage there is only what is proved at least.
Readings above a level for less than 60 s make no stretch, and less than 60 s below it split none; segments count as
they are.
Example: echo '{"agent":"cas:108-88-3","segments":[{"minutes":240,"value":80}]}' | hazgate evaluate
         echo '{"agent":"wbgt:75:III","segments":[{"minutes":90,"value":29.5}]}' | hazgate evaluate
Exit codes: 0 judged, whatever the verdict; 2 bad input, with one line on stderr that tells its place.)";

constexpr std::string_view replay_help =
    R"(The input is told by the end of its name:
  .sqlite  the store of a gateway; a copy of it is read
  .toml    which recording plays on which point, from when on; each instrument is polled at its period until its
           longest recording has been played once. tests/data/workday.toml is an example, tests/data/simulation.toml
           explains the keys
  other    CSV with t,point,value[,flag], or t,point,value,unit,flag as exported, in the order of t (RFC 3339), each
           point once a time
Printed are each change of an alarm, with the time, the level, what was judged (reading, c_ste, twa, twa_projected,
short_time, baseline, mixture, link, cross_check), the kind of limit, the point, and its texts; then a table of the
shifts' records out of the resulting store; then how much there was.
Example: hazgate replay --config config/workday.toml --input tests/data/workday.toml --data-dir /tmp/workday
Exit codes: 0 good; 2 bad input, with its file and place on stderr.)";

void add_commands(CLI::App& cli, Options& options, std::function<int()>& chosen) {
  auto* run_command = cli.add_subcommand("run", "poll the instruments, judge, store and publish until stopped");
  run_command->add_option("--config", options.config, "configuration file")->capture_default_str();
  run_command->add_option("--seconds", options.seconds, "stop after so many seconds")->check(CLI::PositiveNumber);
  run_command->add_option("--summary", options.summary, "also write the closing figures to this file");
  run_command->callback([&] { chosen = [&] { return run(options); }; });

  auto* reload_command =
      cli.add_subcommand("reload", "have the running gateway take over its changed configuration (as SIGHUP does)");
  reload_command->add_option("--config", options.config, "configuration file")->capture_default_str();
  reload_command->footer(
      "All of it is taken over, or nothing: between two polls, without a lost reading, on the same connection to the\n"
      "broker. gateway.id, gateway.site and gateway.data_dir wait for the next start.\n"
      "Exit codes: 0 taken over; 1 refused, with the reason, or no gateway runs; 2 the file has mistakes.");
  reload_command->callback([&] { chosen = [&] { return app::ask_for_reload(options.config, std::cout, std::cerr); }; });

  auto* check_command =
      cli.add_subcommand("check", "report every mistake of a configuration with its place and remedy");
  check_command->add_option("--config", options.config, "configuration file")->capture_default_str();
  check_command->callback([&] { chosen = [&] { return check(options); }; });

  auto* evaluate_command =
      cli.add_subcommand("evaluate", "judge one JSON object from standard input by the exposure rules, and print one");
  evaluate_command->add_option("--limits", options.limits,
                               "folder with limits/ and voc116.csv [./config, then the installed one]");
  evaluate_command->footer(std::string(evaluate_help));
  evaluate_command->callback([&] { chosen = [&] { return evaluate(options); }; });

  auto* replay_command = cli.add_subcommand(
      "replay", "judge what was recorded with the whole chain in virtual time, into a store of its own");
  replay_command->add_option("--config", options.config, "the configuration that judges")->capture_default_str();
  replay_command->add_option("--input", options.input, "a store (.sqlite), recordings (.toml), or CSV")->required();
  replay_command->add_option("--data-dir", options.data_dir, "folder for the resulting store")->required();
  replay_command->footer(std::string(replay_help));
  replay_command->callback([&] { chosen = [&] { return replay(options); }; });

  auto* export_command =
      cli.add_subcommand("export", "write stored readings as CSV or JSON Lines, or back the store up");
  auto* config_option = export_command->add_option("--config", options.config, "the configuration whose store is read")
                            ->capture_default_str();
  export_command->add_option("--store", options.store, "a store (.sqlite) by itself")->excludes(config_option);
  auto* backup = export_command->add_option("--backup", options.backup, "copy the whole store into this new file");
  export_command->add_option("--point", options.points, "only this point; may be given several times")
      ->excludes(backup);
  export_command->add_option("--from", options.from, "from this time on (RFC 3339)")->excludes(backup);
  export_command->add_option("--to", options.to, "before this time")->excludes(backup);
  export_command->add_option("--format", options.format, "csv or jsonl")
      ->capture_default_str()
      ->check(CLI::IsMember({"csv", "jsonl"}))
      ->excludes(backup);
  export_command->add_option("--output", options.output, "a new file [standard output]")->excludes(backup);
  export_command->footer(std::string(export_help));
  export_command->callback([&] { chosen = [&] { return export_store(options); }; });

  auto* simulate_command = cli.add_subcommand(
      "simulate", "play recordings as the Modbus devices of a configuration (TCP and pseudo-terminals)");
  simulate_command->add_option("--config", options.config, "the configuration whose instruments are played")
      ->capture_default_str();
  simulate_command->add_option("--data", options.data, "folder with simulation.toml and the recordings")
      ->capture_default_str();
  simulate_command->add_option("--speed", options.speed, "recorded seconds played a second")
      ->capture_default_str()
      ->check(CLI::PositiveNumber);
  simulate_command->add_option("--seconds", options.seconds, "stop after so many seconds")->check(CLI::PositiveNumber);
  simulate_command->callback([&] { chosen = [&] { return simulate(options); }; });
}

int dispatch(int argc, char** argv) {
  CLI::App cli(
      "hazgate: occupational-hygiene gateway. Reads dust, noise and VOC instruments over Modbus, judges every reading\n"
      "against the legal limits, stores it, shows it on a page, and raises alarms over MQTT.");
  cli.set_version_flag("--version", std::string("hazgate ") + HAZGATE_VERSION);
  cli.require_subcommand(1);
  cli.footer("Exit codes: 0 good, 1 failed, 2 wrong use or bad input.");
  Options options;
  std::function<int()> chosen;
  add_commands(cli, options, chosen);
  app::add_ledger_commands(cli, chosen);
  app::add_record_commands(cli, chosen);
  app::add_user_commands(cli, chosen);
  try {
    cli.parse(argc, argv);
  } catch (const CLI::Success& e) {
    return cli.exit(e);
  } catch (const CLI::ParseError& e) {
    std::cerr << "hazgate: " << e.what() << "; see hazgate --help\n";
    return bad_input;
  }
  return chosen();
}

}  // namespace

int main(int argc, char** argv) {
  mallopt(M_ARENA_MAX, 2);  // a handful of threads: more arenas only hold memory that nobody uses
  std::signal(SIGPIPE, SIG_IGN);
  std::signal(SIGXFSZ, SIG_IGN);  // a file that may not grow is a full disk: the store says so, and watching goes on
  raise_descriptor_limit();
  spdlog::set_default_logger(spdlog::stderr_color_mt("hazgate"));
  spdlog::set_pattern("%Y-%m-%dT%H:%M:%S.%e%z %l %v");
  try {
    return dispatch(argc, argv);
  } catch (const std::exception& e) {
    std::cerr << "hazgate: " << e.what() << '\n';
    return failed;
  }
}
