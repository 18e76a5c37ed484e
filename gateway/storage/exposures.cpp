#include "storage/exposures.hpp"

#include <SQLiteCpp/SQLiteCpp.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <map>
#include <optional>
#include <string>

#include "core/units.hpp"
#include "storage/columns.hpp"
#include "storage/names.hpp"

namespace hazgate::storage {

namespace {
using core::Breach, core::Exposure, core::ExposureClass, core::Timestamp, core::TwaRule, core::Verdict;

constexpr std::array rules{TwaRule::none, TwaRule::h8, TwaRule::real_time, TwaRule::h40, TwaRule::week, TwaRule::mean};
constexpr std::array classes{ExposureClass::class_0, ExposureClass::class_1, ExposureClass::class_2,
                             ExposureClass::class_3, ExposureClass::class_4};
constexpr std::array verdicts{Verdict::compliant, Verdict::exceeds, Verdict::insufficient, Verdict::no_limit};

/// In the order of bind() and read(). The first three are the key.
constexpr std::string_view columns =
    "begin_at,shift,point,end_at,day,monday,agent,unit,at,final,rule,limit_value,limit_source,"
    "reduction_factor,twa_so_far,twa_projected,twa,limit_at,at_least,mean,"
    "stel_max,stel_max_at,max,max_at,episodes,longest_minutes,closest_minutes,impulses,"
    "week,ratio,class,measured_s,below_loq_s,over_range_s,fault_s,link_lost_s,calibrating_s,maintenance_s,stopped_s,"
    "missing_s,breaches,verdict,mixture_index,stel_at_least";
constexpr int begin_column = 0, point_column = 2;

Timestamp begin_of(SQLite::Statement& row) { return Timestamp(core::Duration(row.getColumn(begin_column).getInt64())); }

/// Calls `item` with each piece between commas; an empty text has none.
template <class Item>
void for_each_item(std::string_view list, Item item) {
  while (!list.empty()) {
    const std::size_t comma = std::min(list.find(','), list.size());
    item(list.substr(0, comma));
    list.remove_prefix(std::min(comma + 1, list.size()));
  }
}

/// Of a running record neither the key nor `final` is set anew: SQLite would write both indices again, minute by
/// minute.
std::string save_exposure_sql(bool final) {
  std::string marks, changes;
  for_each_item(columns, [&](std::string_view column) {
    marks += marks.empty() ? "?" : ",?";
    const bool key = column == "begin_at" || column == "shift" || column == "point";
    if (key || (column == "final" && !final)) return;
    changes += fmt::format("{}{}=excluded.{}", changes.empty() ? "" : ",", column, column);
  });
  return fmt::format(
      "INSERT INTO exposure ({}) VALUES ({}) ON CONFLICT (begin_at, shift, point) DO UPDATE SET {} WHERE final=0",
      columns, marks, changes);
}

std::string select_sql(std::string_view where) {
  return fmt::format("SELECT {} FROM exposure WHERE {} ORDER BY begin_at, shift, point", columns, where);
}
std::string select_newest_sql(bool of_one_point) {
  return fmt::format(
      "SELECT {} FROM exposure WHERE begin_at>=?1 AND begin_at<?2 AND day BETWEEN ?3 AND ?4 {} ORDER BY begin_at DESC, "
      "shift DESC, point DESC",
      columns, of_one_point ? "AND point=?5" : "");
}

/// The numbers of points and shifts by their ids, for as long as records are read.
class Numbers {
 public:
  explicit Numbers(const core::Site& site) : points_(site.points), shifts_(site.shifts) {}
  std::optional<core::PointIndex> point(std::string_view id) const {
    const auto found = points_.index(id);
    return found ? std::optional(core::PointIndex{*found}) : std::nullopt;
  }
  /// False where the site has point or shift no more.
  bool set(StoredExposure& row) const {
    const auto in_site = point(row.point);
    const auto shift = shifts_.index(row.shift);
    if (!in_site || !shift) return false;
    row.figures.point = *in_site;
    row.figures.shift = core::ShiftIndex{*shift};
    return true;
  }

 private:
  Names points_, shifts_;
};

bool wants(const ExposureFilter& filter, const Home& home) {
  return (filter.enterprise.empty() || home.enterprise == filter.enterprise) &&
         (filter.workplace.empty() || home.workplace == filter.workplace);
}

void list_breaches(core::Breaches found, std::string& text) {
  text.clear();
  for (const Breach breach : core::all_breaches) {
    if (!found.has(breach)) continue;
    if (!text.empty()) text += ',';
    text += core::name(breach);
  }
}

core::Breaches breaches_from(std::string_view text) {
  core::Breaches found;
  for_each_item(text, [&](std::string_view word) { found.add(our_word(word, among<core::all_breaches>)); });
  return found;
}

/// "Never" is 1970 in the record, and NULL here.
std::optional<Timestamp> if_ever(Timestamp at) { return at == Timestamp{} ? std::nullopt : std::optional(at); }

void bind_averages(ColumnWriter& to, const Exposure& e) {
  to.figure(e.reduction_factor);
  to.figure(e.twa_so_far);
  to.figure(e.twa_projected);
  to.figure(e.twa);
  to.time(e.limit_at);
  to.number(e.at_least ? 1 : 0);
  to.figure(e.mean);
}

void bind_peaks(ColumnWriter& to, const Exposure& e) {
  to.figure(e.stel_max);
  to.time(if_ever(e.stel_max_at));
  to.figure(e.max);
  to.time(if_ever(e.max_at));
  to.number(e.episodes.count);
  to.figure(e.episodes.longest_minutes);
  to.figure(e.episodes.closest_minutes);
  to.number(e.impulses);
}

void bind_ratio(ColumnWriter& to, const Exposure& e) {
  to.figure(e.ratio);
  if (std::isnan(e.ratio)) {
    to.nothing();
  } else {
    to.word(core::name(e.exposure_class));
  }
}

void bind_time(ColumnWriter& to, const core::TimeShares& time) {
  for (const double seconds : {time.measured, time.below_loq, time.over_range, time.fault, time.link_lost,
                               time.calibrating, time.maintenance, time.stopped, time.missing}) {
    to.figure(seconds);
  }
}

void read_averages(ColumnReader& from, Exposure& e) {
  e.reduction_factor = from.figure();
  e.twa_so_far = from.figure();
  e.twa_projected = from.figure();
  e.twa = from.figure();
  e.limit_at = from.time();
  e.at_least = from.number() != 0;
  e.mean = from.figure();
}

void read_peaks(ColumnReader& from, Exposure& e) {
  e.stel_max = from.figure();
  e.stel_max_at = from.time().value_or(Timestamp{});
  e.max = from.figure();
  e.max_at = from.time().value_or(Timestamp{});
  e.episodes.count = static_cast<std::uint32_t>(from.number());
  e.episodes.longest_minutes = from.figure();
  e.episodes.closest_minutes = from.figure();
  e.impulses = static_cast<std::uint32_t>(from.number());
}

void read_time(ColumnReader& from, core::TimeShares& time) {
  for (double* seconds : {&time.measured, &time.below_loq, &time.over_range, &time.fault, &time.link_lost,
                          &time.calibrating, &time.maintenance, &time.stopped, &time.missing}) {
    *seconds = from.figure();
  }
}

StoredExposure read(SQLite::Statement& statement) {
  ColumnReader from(statement);
  StoredExposure row;
  Exposure& e = row.figures;
  e.window.begin = from.time().value_or(Timestamp{});
  row.shift = from.text();
  row.point = from.text();
  e.window.end = from.time().value_or(Timestamp{});
  e.window.day = static_cast<std::int32_t>(from.number());
  e.window.week = static_cast<std::int32_t>(from.number());
  row.agent = from.text();
  row.unit = from.text();
  e.at = from.time().value_or(Timestamp{});
  e.final = from.number() != 0;
  e.rule = from.word(among<rules>);
  e.limit = from.figure();
  row.limit_source = from.text();
  read_averages(from, e);
  read_peaks(from, e);
  e.week = from.figure();
  e.ratio = from.figure();
  if (const auto c = from.text(); !c.empty()) e.exposure_class = our_word(c, among<classes>);
  read_time(from, e.time);
  e.breaches = breaches_from(from.text());
  e.verdict = from.word(among<verdicts>);
  e.mixture_index = from.figure();
  e.stel_at_least = from.figure();
  return row;
}
}  // namespace

namespace {
// A window's day is local; a day more on each side of it in UTC holds all of them.
Timestamp midnight_before(std::int32_t first_day) { return Timestamp(std::chrono::days(first_day - 1)); }
Timestamp midnight_after(std::int32_t last_day) { return Timestamp(std::chrono::days(last_day + 2)); }
}  // namespace

struct Exposures::Impl {
  Impl(Database& its_database, const core::Site& its_site)
      : database(its_database),
        handle(its_database.handle()),
        site(its_site),
        save_running(handle, save_exposure_sql(false)),
        save_final(handle, save_exposure_sql(true)) {}

  void bind(SQLite::Statement& statement, const Exposure& e) {
    const core::Point& point = site.points.at(core::at(e.point));
    const core::Agent* agent = point.agent ? &site.agents.at(core::at(*point.agent)) : nullptr;
    const core::Limit* limit = agent == nullptr ? nullptr : agent->shift_limit();
    list_breaches(e.breaches, breach_list);
    ColumnWriter to(statement);
    to.time(e.window.begin);
    to.kept_text(site.shifts.at(static_cast<std::size_t>(e.shift)).id);
    to.kept_text(point.id);
    to.time(e.window.end);
    to.number(e.window.day);
    to.number(e.window.week);
    to.kept_text(agent == nullptr ? nothing : agent->id);
    to.word(core::symbol(point.unit));
    to.time(e.at);
    to.number(e.final ? 1 : 0);
    to.word(core::name(e.rule));
    to.figure(e.limit);
    to.kept_text(limit == nullptr ? nothing : limit->source);
    bind_averages(to, e);
    bind_peaks(to, e);
    to.figure(e.week);
    bind_ratio(to, e);
    bind_time(to, e.time);
    to.kept_text(breach_list);
    to.word(core::name(e.verdict));
    to.figure(e.mixture_index);
    to.figure(e.stel_at_least);
  }

  void end(const std::string& point, const std::string& shift, const Exposure& e) {
    list_breaches(e.breaches, breach_list);
    SQLite::Statement statement(handle,
                                "UPDATE exposure SET final=1,twa_projected=NULL,at=?,twa=?,limit_at=?,ratio=?,class=?,"
                                "missing_s=?,breaches=?,verdict=? WHERE begin_at=? AND shift=? AND point=?");
    ColumnWriter to(statement);
    to.time(e.at);
    to.figure(e.twa);
    to.time(e.limit_at);
    bind_ratio(to, e);
    to.figure(e.time.missing);
    to.kept_text(breach_list);
    to.word(core::name(e.verdict));
    to.time(e.window.begin);
    to.kept_text(shift);
    to.kept_text(point);
    statement.exec();
  }

  Database& database;
  SQLite::Database& handle;
  const core::Site& site;
  const std::string nothing;
  std::string breach_list;
  SQLite::Statement save_running, save_final;
};

Exposures::Exposures(Database& database, const core::Site& site) {
  in_store("read the exposures", [&] { impl_ = std::make_unique<Impl>(database, site); });
}

Exposures::~Exposures() = default;

bool Exposures::save(const core::Exposure& exposure) {
  return in_store("store an exposure", [&] {
    Use use(exposure.final ? impl_->save_final : impl_->save_running);
    impl_->bind(*use, exposure);
    return use->exec() > 0;
  });
}

void Exposures::for_each(Timestamp from, Timestamp to, const std::function<void(const StoredExposure&)>& visit) {
  in_store("read the exposures", [&] {
    SQLite::Statement rows(impl_->handle, select_sql("begin_at>=? AND begin_at<?"));
    ColumnWriter bounds(rows);
    bounds.time(from);
    bounds.time(to);
    while (rows.executeStep()) visit(read(rows));
  });
}

ExposurePage Exposures::newest(const ExposureFilter& filter) {
  return in_store("read the exposures", [&] {
    SQLite::Statement rows(impl_->handle, select_newest_sql(!filter.point.empty()));
    ColumnWriter bounds(rows);
    bounds.time(midnight_before(filter.first_day));
    bounds.time(midnight_after(filter.last_day));
    bounds.number(filter.first_day);
    bounds.number(filter.last_day);
    if (!filter.point.empty()) bounds.word(filter.point);
    const Numbers numbers(impl_->site);
    const Moves moves(impl_->database, impl_->site);
    ExposurePage page;
    while (!page.more && rows.executeStep()) {
      const auto point = numbers.point(rows.getColumn(point_column).getText());
      if (!point) continue;
      auto home = moves.at(*point, begin_of(rows));
      if (!wants(filter, home)) continue;
      StoredExposure row = read(rows);
      if (!numbers.set(row)) continue;
      page.more = page.exposures.size() == filter.limit;
      if (!page.more) page.exposures.push_back({row.figures, std::move(home)});
    }
    std::ranges::reverse(page.exposures);
    return page;
  });
}

void Exposures::for_each_final(const ExposureFilter& filter,
                               const std::function<void(const StoredExposure&, const Home&)>& visit) {
  in_store("read the exposures", [&] {
    SQLite::Statement rows(impl_->handle, select_sql("final=1 AND begin_at>=? AND begin_at<? AND day BETWEEN ? AND ?"));
    ColumnWriter bounds(rows);
    bounds.time(midnight_before(filter.first_day));
    bounds.time(midnight_after(filter.last_day));
    bounds.number(filter.first_day);
    bounds.number(filter.last_day);
    const Homes homes(impl_->database);
    while (rows.executeStep()) {
      const auto home = homes.at(rows.getColumn(point_column).getText(), begin_of(rows));
      if (!home || (!filter.enterprise.empty() && home->enterprise != filter.enterprise)) continue;
      visit(read(rows), *home);
    }
  });
}

std::vector<core::Exposure> Exposures::open() {
  return in_store("read the exposures", [&] {
    SQLite::Statement rows(impl_->handle, select_sql("final=0"));
    const Numbers numbers(impl_->site);
    std::vector<Exposure> found;
    while (rows.executeStep()) {
      StoredExposure row = read(rows);
      if (numbers.set(row)) found.push_back(row.figures);
    }
    return found;
  });
}

std::vector<core::Exposure> Exposures::latest_finals(core::WorkplaceIndex workplace) {
  return in_store("read the exposures", [&] {
    std::map<std::pair<core::PointIndex, core::ShiftIndex>, Exposure> last;
    SQLite::Statement newest(impl_->handle,
                             "SELECT begin_at FROM exposure WHERE final=1 ORDER BY begin_at DESC LIMIT 1");
    if (!newest.executeStep()) return std::vector<Exposure>{};
    SQLite::Statement rows(impl_->handle, select_sql("final=1 AND begin_at>?"));
    ColumnWriter(rows).time(*ColumnReader(newest).time() - std::chrono::days(1));
    const Numbers numbers(impl_->site);
    const Moves moves(impl_->database, impl_->site);
    const auto& here = impl_->site.workplaces[core::at(workplace)];
    while (rows.executeStep()) {
      const auto point = numbers.point(rows.getColumn(point_column).getText());
      if (!point || impl_->site.points[core::at(*point)].workplace != workplace) continue;
      const auto then = moves.at(*point, begin_of(rows));
      if (then.workplace != here.id || then.enterprise != impl_->site.enterprise_of(workplace).id) continue;
      StoredExposure row = read(rows);
      if (numbers.set(row)) last.insert_or_assign({row.figures.point, row.figures.shift}, row.figures);
    }
    std::vector<Exposure> found;
    found.reserve(last.size());
    for (const auto& [key, figures] : last) found.push_back(figures);
    return found;
  });
}

std::optional<core::Timestamp> Exposures::end_with_gap(core::Timestamp now, const GoesOn& goes_on) {
  return in_store("store an exposure", [&] {
    struct Left {
      std::string point, shift;
      Exposure figures;
    };
    std::vector<Left> left;
    std::optional<Timestamp> next;
    {
      SQLite::Statement rows(impl_->handle, select_sql("final=0"));
      const Numbers numbers(impl_->site);
      while (rows.executeStep()) {
        StoredExposure row = read(rows);
        const bool known = numbers.set(row);
        if (known && goes_on(row.figures.point, row.figures.shift)) continue;
        const auto end = row.figures.window.end;
        if (end <= now) {
          const auto figures = core::ended_with_gap(row.figures, row.unit.starts_with("dB"));
          left.push_back({std::string(row.point), std::string(row.shift), figures});
        } else if (!known) {
          next = std::min(next.value_or(end), end);
        }
      }
    }
    for (const auto& row : left) impl_->end(row.point, row.shift, row.figures);
    return next;
  });
}

}  // namespace hazgate::storage
