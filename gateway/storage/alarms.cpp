#include "storage/alarms.hpp"

#include <SQLiteCpp/SQLiteCpp.h>
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <limits>

#include "storage/alarm_input_row.hpp"
#include "storage/names.hpp"
#include "storage/statement.hpp"
#include "storage/store_error.hpp"

namespace hazgate::storage {

namespace {
constexpr core::Duration remembered_for = std::chrono::minutes(1);

template <class Columns>
std::string insert_into(const char* table, const Columns& columns) {
  std::string marks = "?";
  for (std::size_t i = 1; i < columns.size(); ++i) marks += ",?";
  return fmt::format("INSERT INTO {} ({}) VALUES ({})", table, fmt::join(columns, ","), marks);
}

/// An upsert keeps the row; REPLACE would delete it, and alarms are never deleted.
std::string save_alarm_sql() {
  std::string sql = insert_into("alarm", alarm_columns) + " ON CONFLICT (number) DO UPDATE SET ";
  for (std::size_t i = 1; i < alarm_columns.size(); ++i) {
    sql += fmt::format("{}{}=excluded.{}", i == 1 ? "" : ",", alarm_columns[i], alarm_columns[i]);
  }
  return sql;
}

std::string select_alarms(const char* table, std::string_view where) {
  return fmt::format("SELECT {} FROM {} {}", fmt::join(alarm_columns, ","), table, where);
}

/// The dense numbers of whom alarms are about.
class Subjects {
 public:
  explicit Subjects(const core::Site& site)
      : points_(site.points), devices_(site.devices), buses_(site.buses), outputs_(site.outputs) {}
  std::optional<std::uint32_t> index(core::AlarmSubject kind, std::string_view id) const {
    switch (kind) {
      case core::AlarmSubject::point:
        return points_.index(id);
      case core::AlarmSubject::device:
        return devices_.index(id);
      case core::AlarmSubject::bus:
        return buses_.index(id);
      case core::AlarmSubject::output:
        return outputs_.index(id);
      case core::AlarmSubject::gateway:
        break;
    }
    for (std::uint32_t part = 0; part < core::gateway_parts; ++part)
      if (core::name(core::GatewayPart{part}) == id) return part;
    return std::nullopt;
  }

 private:
  Names points_, devices_, buses_, outputs_;
};
}  // namespace

struct Alarms::Impl {
  Impl(SQLite::Database& database, const core::Site& its_site)
      : site(its_site),
        handle(database),
        save(database, save_alarm_sql()),
        note(database, insert_into("alarm_history", alarm_columns)),
        input(database, insert_into("alarm_input", input_columns)) {}

  AlarmPlace place_of(const core::Alarm& alarm) const {
    AlarmPlace place{
        .subject = std::string(site.subject_id(alarm.subject, alarm.index)), .enterprise = {}, .workplace = {}};
    if (const auto workplace = site.workplace_of(alarm.subject, alarm.index)) {
      place.enterprise = site.enterprise_of(*workplace).id;
      place.workplace = site.workplaces[core::at(*workplace)].id;
    }
    return place;
  }
  void write(const core::Alarm& alarm, const AlarmPlace& place) {
    for (SQLite::Statement* statement : {&save, &note}) {
      Use use(*statement);
      bind_alarm(*use, alarm, place);
      use->exec();
    }
  }
  /// Those that the site still has; the others go to `removed`.
  std::vector<AlarmRow> read_rows(SQLite::Statement& rows, std::vector<AlarmRow>* removed = nullptr) const {
    const Subjects subjects(site);
    std::vector<AlarmRow> found;
    while (rows.executeStep()) {
      AlarmRow row = read_alarm(rows);
      if (const auto index = subjects.index(row.alarm.subject, row.place.subject)) {
        row.alarm.index = *index;
        found.push_back(std::move(row));
      } else if (removed != nullptr) {
        removed->push_back(std::move(row));
      }
    }
    return found;
  }
  std::vector<core::Alarm> read(SQLite::Statement& rows) const {
    std::vector<core::Alarm> alarms;
    for (auto& row : read_rows(rows)) alarms.push_back(std::move(row.alarm));
    return alarms;
  }

  const core::Site& site;
  SQLite::Database& handle;
  SQLite::Statement save, note, input;
};

Alarms::Alarms(Database& database, const core::Site& site) {
  in_store("read the alarms", [&] { impl_ = std::make_unique<Impl>(database.handle(), site); });
}

Alarms::~Alarms() = default;

void Alarms::save(const core::Alarm& alarm) {
  const auto place = impl_->place_of(alarm);
  in_store("store an alarm", [&] { impl_->write(alarm, place); });
}

void Alarms::save(const core::AlarmInput& input, std::int64_t after_frame) {
  in_store("store what was done with an alarm", [&] {
    Use use(impl_->input);
    bind_input(*use, input, after_frame, impl_->site);
    use->exec();
  });
}

std::vector<core::Alarm> Alarms::open() {
  return in_store("read the alarms", [&] {
    SQLite::Statement rows(impl_->handle,
                           select_alarms("alarm", "WHERE state <> 'NORM' OR disposal_owed = 1 ORDER BY number"));
    return impl_->read(rows);
  });
}

std::vector<core::Alarm> Alarms::just_ended() {
  return in_store("read the alarms", [&] {
    SQLite::Statement rows(impl_->handle, select_alarms("alarm",
                                                        "WHERE state = 'NORM' AND disposal_owed = 0 AND changed_at >= "
                                                        "(SELECT max(changed_at) FROM alarm) - ? ORDER BY number"));
    rows.bind(1, static_cast<std::int64_t>(remembered_for.count()));
    return impl_->read(rows);
  });
}

std::vector<AlarmRow> Alarms::end_removed(core::Timestamp now) {
  return in_store("end alarms that nothing can move any more", [&] {
    std::vector<AlarmRow> removed;
    SQLite::Statement standing(impl_->handle,
                               select_alarms("alarm", "WHERE state <> 'NORM' OR disposal_owed = 1 ORDER BY number"));
    impl_->read_rows(standing, &removed);
    for (auto& [alarm, place] : removed) {
      core::end_removed(alarm, now);
      impl_->write(alarm, place);
    }
    return removed;
  });
}

std::uint64_t Alarms::last_number() {
  return in_store("read the alarms", [&] {
    // The stream '': where the numbers of a damaged store were lost (storage/rescue).
    const auto* greatest =
        "SELECT max(n) FROM (SELECT coalesce(max(number), 0) AS n FROM alarm "
        "UNION ALL SELECT last FROM sequence WHERE stream='')";
    return static_cast<std::uint64_t>(impl_->handle.execAndGet(greatest).getInt64());
  });
}

core::Timestamp Alarms::last_change() {
  return in_store("read the alarms", [&] {
    const auto last = impl_->handle.execAndGet("SELECT coalesce(max(changed_at), 0) FROM alarm").getInt64();
    return core::Timestamp(core::Duration(last));
  });
}

void Alarms::for_each_change_since(core::Timestamp since, const std::function<void(const core::Alarm&)>& visit) {
  in_store("read the history of alarms", [&] {
    SQLite::Statement rows(impl_->handle,
                           select_alarms("alarm_history",
                                         "WHERE number IN (SELECT number FROM alarm WHERE changed_at >= ?1) "
                                         "AND changed_at >= ?1 ORDER BY id"));
    rows.bind(1, static_cast<std::int64_t>(since.time_since_epoch().count()));
    for (const auto& alarm : impl_->read(rows)) visit(alarm);
  });
}

AlarmPage Alarms::page(const AlarmFilter& filter) {
  return in_store("read the alarms", [&] {
    std::vector<std::string> levels;
    for (const auto level :
         {core::Level::none, core::Level::notice, core::Level::warning, core::Level::exceed, core::Level::danger})
      if (level >= filter.least) levels.push_back(fmt::format("'{}'", core::name(level)));
    SQLite::Statement rows(
        impl_->handle,
        select_alarms("alarm", fmt::format("WHERE number < ?1 AND (?2 = '' OR enterprise = ?2) AND "
                                           "(?3 = '' OR workplace = ?3) AND (?4 = '' OR subject = ?4) AND "
                                           "highest IN ({}) ORDER BY number DESC LIMIT ?5",
                                           fmt::join(levels, ","))));
    // Nothing but a plain comparison lets SQLite begin at that number instead of at the newest one.
    constexpr auto beyond_all = std::numeric_limits<std::int64_t>::max();
    const bool from_newest = filter.before == 0 || filter.before > static_cast<std::uint64_t>(beyond_all);
    rows.bind(1, from_newest ? beyond_all : static_cast<std::int64_t>(filter.before));
    bind_text(rows, 2, filter.enterprise);
    bind_text(rows, 3, filter.workplace);
    bind_text(rows, 4, filter.subject);
    rows.bind(5, static_cast<std::int64_t>(filter.limit));
    std::vector<AlarmRow> removed;
    AlarmPage page{.alarms = impl_->read_rows(rows, &removed), .next = {}};
    if (page.alarms.size() + removed.size() < filter.limit) return page;
    std::uint64_t last = std::numeric_limits<std::uint64_t>::max();
    for (const auto* given : {&page.alarms, &removed})
      for (const auto& row : *given) last = std::min(last, row.alarm.number);
    page.next = last;
    return page;
  });
}

AlarmChanges Alarms::changes_of(std::uint64_t number, std::string_view enterprise) {
  return in_store("read the history of alarms", [&] {
    SQLite::Statement rows(impl_->handle, select_alarms("alarm_history",
                                                        "WHERE number = ?1 AND (?2 = '' OR enterprise = ?2) "
                                                        "ORDER BY id DESC LIMIT ?3"));
    rows.bind(1, static_cast<std::int64_t>(number));
    bind_text(rows, 2, enterprise);
    rows.bind(3, static_cast<std::int64_t>(most_changes + 1));
    AlarmChanges found{.changes = impl_->read_rows(rows), .more = false};
    found.more = found.changes.size() > most_changes;
    if (found.more) found.changes.pop_back();
    std::ranges::reverse(found.changes);
    return found;
  });
}

void Alarms::for_each_input(const std::function<void(std::int64_t, const core::AlarmInput&)>& visit) {
  in_store("read what was done with alarms", [&] {
    SQLite::Statement rows(impl_->handle,
                           fmt::format("SELECT {} FROM alarm_input ORDER BY id", fmt::join(input_columns, ",")));
    const Subjects subjects(impl_->site);
    while (rows.executeStep()) {
      auto row = read_input(rows);
      if (!row.subject.empty()) {
        const auto index = subjects.index(row.kind, row.subject);
        if (!index) continue;
        row.set_index(*index);
      }
      visit(row.after_frame, row.input);
    }
  });
}

}  // namespace hazgate::storage
