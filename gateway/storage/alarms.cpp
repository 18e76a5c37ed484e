#include "storage/alarms.hpp"

#include <SQLiteCpp/SQLiteCpp.h>
#include <fmt/format.h>

#include "storage/alarm_row.hpp"
#include "storage/names.hpp"
#include "storage/statement.hpp"
#include "storage/store_error.hpp"

namespace hazgate::storage {

namespace {
std::string insert_into(const char* table) {
  std::string marks = "?";
  for (std::size_t i = 1; i < alarm_columns.size(); ++i) marks += ",?";
  return fmt::format("INSERT INTO {} ({}) VALUES ({})", table, fmt::join(alarm_columns, ","), marks);
}

/// An upsert keeps the row; REPLACE would delete it, and alarms are never deleted.
std::string save_sql() {
  std::string sql = insert_into("alarm") + " ON CONFLICT (number) DO UPDATE SET ";
  for (std::size_t i = 1; i < alarm_columns.size(); ++i) {
    sql += fmt::format("{}{}=excluded.{}", i == 1 ? "" : ",", alarm_columns[i], alarm_columns[i]);
  }
  return sql;
}
}  // namespace

struct Alarms::Impl {
  Impl(SQLite::Database& database, const core::Site& its_site)
      : site(its_site), handle(database), save(database, save_sql()), note(database, insert_into("alarm_history")) {}

  const std::string& id_of(const core::Alarm& alarm) const {
    return alarm.subject == core::AlarmSubject::point ? site.points.at(alarm.index).id
                                                      : site.devices.at(alarm.index).id;
  }

  const core::Site& site;
  SQLite::Database& handle;
  SQLite::Statement save, note;
};

Alarms::Alarms(Database& database, const core::Site& site) {
  in_store("read the alarms", [&] { impl_ = std::make_unique<Impl>(database.handle(), site); });
}

Alarms::~Alarms() = default;

void Alarms::save(const core::Alarm& alarm) {
  const std::string& subject = impl_->id_of(alarm);
  in_store("store an alarm", [&] {
    for (SQLite::Statement* statement : {&impl_->save, &impl_->note}) {
      Use use(*statement);
      bind_alarm(*use, alarm, subject);
      use->exec();
    }
  });
}

std::vector<core::Alarm> Alarms::open() {
  return in_store("read the alarms", [&] {
    SQLite::Statement rows(impl_->handle, fmt::format("SELECT {} FROM alarm WHERE state <> 'NORM' ORDER BY number",
                                                      fmt::join(alarm_columns, ",")));
    const Names points(impl_->site.points), devices(impl_->site.devices);
    std::vector<core::Alarm> alarms;
    while (rows.executeStep()) {
      AlarmRow row = read_alarm(rows);
      const auto& names = row.alarm.subject == core::AlarmSubject::point ? points : devices;
      const auto index = names.index(row.subject);
      if (!index) continue;
      row.alarm.index = *index;
      alarms.push_back(std::move(row.alarm));
    }
    return alarms;
  });
}

std::uint64_t Alarms::last_number() {
  return in_store("read the alarms", [&] {
    return static_cast<std::uint64_t>(
        impl_->handle.execAndGet("SELECT coalesce(max(number), 0) FROM alarm").getInt64());
  });
}

}  // namespace hazgate::storage
