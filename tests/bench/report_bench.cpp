// Promise of the reports: an enterprise's year of 50 posts (a shift a day each, and a laboratory test a month) in less
// than 3 s, in every form but PDF. Beside it, in the same run: reading the same rows and nothing else.
// report_bench [folder] [runs]
#include <SQLiteCpp/SQLiteCpp.h>

#include <cstdlib>
#include <filesystem>
#include <random>

#include "app/report_files.hpp"
#include "settings/load.hpp"
#include "storage/homes.hpp"
#include "tests/bench/bench.hpp"

namespace {
using namespace hazgate;
namespace fs = std::filesystem;

constexpr std::uint32_t posts = 50;
constexpr std::int32_t first_day = 20'454, days = 365;  // 2026

settings::Settings settings_in(const fs::path& folder) {
  settings::Settings settings;
  settings.gateway.data_dir = folder;
  settings::Problems problems;
  settings.limits = settings::LimitTable::read({SOURCE_DIR "/config"}, problems);
  settings.duties = settings::DutyTable::read({SOURCE_DIR "/config"}, problems);
  settings.shifts = {{.id = "day"}};
  auto& site = settings.site;
  site.gateway_id = "gw";
  site.site_id = "park";
  site.shifts = {{.id = "day"}};
  site.enterprises = {{.id = "acme", .name = "Acme", .area = ""}};
  site.agents = {*settings.limits.agent("cas:71-43-2")};
  for (std::uint32_t i = 0; i < posts; ++i) {
    const auto number = std::to_string(i);
    site.workplaces.push_back({.id = "post-" + number, .name = "Post " + number, .shifts = {core::ShiftIndex{0}}});
    site.devices.push_back({.id = "gas-" + number,
                            .workplace = core::WorkplaceIndex{i},
                            .first_point = core::PointIndex{i},
                            .point_count = 1});
    site.points.push_back({.id = "gas-" + number + ".benzene",
                           .device = core::DeviceIndex{i},
                           .workplace = core::WorkplaceIndex{i},
                           .agent = core::AgentIndex{0}});
  }
  return settings;
}

core::Exposure shift_of(std::uint32_t point, std::int32_t day, double twa) {
  const core::Timestamp begin{std::chrono::days(day) + std::chrono::hours(8)};
  core::Exposure e{.point = core::PointIndex{point}};
  e.window = {.begin = begin, .end = begin + std::chrono::hours(8), .day = day, .week = day - 3};
  e.at = e.window.end;
  e.final = true;
  e.limit = 3;
  e.twa = e.twa_so_far = e.mean = twa;
  e.stel_max = e.max = 1.7 * twa;
  e.ratio = twa / 3;
  e.time.measured = 28'700;
  e.time.missing = 100;
  e.exposure_class = core::exposure_class(e.ratio);
  if (twa > 3) e.breaches.add(core::Breach::pc_twa);
  e.verdict = twa > 3 ? core::Verdict::exceeds : core::Verdict::compliant;
  return e;
}

core::Assessment test_of(std::uint32_t post, std::int32_t day, double value) {
  core::Assessment a;
  a.enterprise = "acme";
  a.workplace = "post-" + std::to_string(post);
  a.agent = "cas:71-43-2";
  a.day = day;
  a.laboratory = "Lab";
  a.method = "GBZ/T 300.66-2017";
  a.subject = "point 1";
  a.samples = {{.begin_minute = 480, .end_minute = 960, .result = std::to_string(value), .value = value}};
  return a;
}

void fill(const settings::Settings& settings, const fs::path& file) {
  storage::Database database(file);
  storage::Exposures exposures(database, settings.site);
  const storage::Assessments assessments(database);
  std::mt19937 random(7);
  std::lognormal_distribution<double> level(0, 0.6);
  storage::Transaction transaction(database);
  storage::note_homes(database, settings.site, core::Timestamp{});
  for (std::int32_t day = first_day; day < first_day + days; ++day) {
    for (std::uint32_t post = 0; post < posts; ++post) {
      exposures.save(shift_of(post, day, level(random)));
      if ((day - first_day) % 30 == 0) assessments.add(test_of(post, day, level(random)));
    }
  }
  transaction.commit();
}

/// Each row's columns, and nothing made of them.
std::size_t bare_rows(const fs::path& file) {
  SQLite::Database database(file.string());
  SQLite::Statement rows(database, "SELECT * FROM exposure ORDER BY begin_at");
  std::size_t bytes = 0;
  while (rows.executeStep())
    for (int i = 0; i < rows.getColumnCount(); ++i) bytes += static_cast<std::size_t>(rows.getColumn(i).getBytes());
  return bytes;
}

}  // namespace

int main(int argc, char** argv) {
  const fs::path folder = argc > 1 ? argv[1] : fs::temp_directory_path().string();
  const int runs = argc > 2 ? std::atoi(argv[2]) : 3;
  const auto place = folder / "report_bench";
  fs::remove_all(place);
  const auto settings = settings_in(place);
  const auto file = place / "hazgate.sqlite";
  fill(settings, file);
  const app::RecordSource source(settings);
  std::vector<double> bare, whole;
  std::vector<std::vector<double>> forms(3);
  std::size_t bytes = 0;
  for (int run = 0; run < runs; ++run) {
    bare.push_back(bench::measure([&] { bytes += bare_rows(file); }).wall);
    double slowest = 0;
    std::size_t which = 0;
    for (const auto form : {web::FileForm::html, web::FileForm::xlsx, web::FileForm::csv}) {
      const auto cost = bench::measure([&] {
        app::Past past(file, settings.site);
        const auto answer = app::report_file(source, past,
                                             {.enterprise = "acme",
                                              .days = {first_day, first_day + days - 1},
                                              .form = form,
                                              .language = "zh",
                                              .made_by = "bench",
                                              .now = core::Timestamp(std::chrono::days(first_day + days))},
                                             [] {});
        bytes += answer ? answer->body->size() : 0;
      });
      forms[which++].push_back(cost.wall);
      slowest = std::max(slowest, cost.wall);
    }
    whole.push_back(slowest);
  }
  fs::remove_all(place);
  std::printf("report: %u posts x %d days, %zu bytes in all\n", posts, days, bytes);
  bench::Table table("report");
  const bench::Series raw{"bare rows", "s", bare};
  table.row({"HTML", "s", forms[0]});
  table.row({"XLSX", "s", forms[1]});
  table.row({"CSV", "s", forms[2]});
  const bench::Series slowest_form{"a year of 50 posts, slowest form", "s", whole};
  table.promise(slowest_form, raw, {.bound = bench::Target::Bound::at_most, .value = 3});
  return table.kept() ? 0 : 1;
}
