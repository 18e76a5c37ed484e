#include "storage/homes.hpp"

#include <SQLiteCpp/SQLiteCpp.h>

#include <algorithm>
#include <utility>

#include "storage/columns.hpp"

namespace hazgate::storage {

namespace {

Home home_of(const core::Site& site, const core::Point& point) {
  return {.since = {},
          .workplace = site.workplaces[core::at(point.workplace)].id,
          .enterprise = site.enterprise_of(point.workplace).id};
}

bool same_place(const Home& a, const Home& b) { return a.workplace == b.workplace && a.enterprise == b.enterprise; }

Home home_at(const std::vector<Home>& homes, core::Timestamp when) {
  const auto next = std::ranges::upper_bound(homes, when, {}, &Home::since);
  return next == homes.begin() ? homes.front() : *std::prev(next);
}

using HomesByPoint = std::map<std::string, std::vector<Home>, std::less<>>;

HomesByPoint read_homes(SQLite::Database& database, const char* which) {
  SQLite::Statement rows(database, std::string("SELECT point,since,workplace,enterprise FROM home ") + which);
  HomesByPoint homes;
  while (rows.executeStep()) {
    ColumnReader from(rows);
    auto& of = homes[std::string(from.text())];
    Home home{.since = from.time().value_or(core::Timestamp{}), .workplace = {}, .enterprise = {}};
    home.workplace = from.text();
    home.enterprise = from.text();
    of.push_back(std::move(home));
  }
  return homes;
}

}  // namespace

std::size_t note_homes(Database& database, const core::Site& site, core::Timestamp now) {
  return in_store("note where points are", [&] {
    const auto known = read_homes(database.handle(), "ORDER BY point,since");
    SQLite::Statement add(database.handle(), "INSERT OR REPLACE INTO home VALUES (?,?,?,?)");
    std::size_t moved = 0;
    for (const auto& point : site.points) {
      const auto home = home_of(site, point);
      const auto found = known.find(point.id);
      const bool is_new = found == known.end();
      if (!is_new && same_place(found->second.back(), home)) continue;
      // A clock that was set back must not put today's home before yesterday's.
      const auto since = is_new ? core::Timestamp{} : std::max(now, found->second.back().since + core::Duration(1));
      add.reset();
      ColumnWriter to(add);
      to.word(point.id);
      to.time(since);
      to.word(home.workplace);
      to.word(home.enterprise);
      add.exec();
      if (!is_new) ++moved;
    }
    return moved;
  });
}

Moves::Moves(Database& database, const core::Site& site) : site_(site) {
  in_store("read where points were", [&] {
    homes_ =
        read_homes(database.handle(),
                   "WHERE point IN (SELECT point FROM home GROUP BY point HAVING count(*)>1) ORDER BY point,since");
  });
}

const std::vector<Home>* Moves::of(core::PointIndex point) const {
  const auto found = homes_.find(site_.points.at(core::at(point)).id);
  return found == homes_.end() ? nullptr : &found->second;
}

Home Moves::at(core::PointIndex point, core::Timestamp when) const {
  const auto* homes = of(point);
  if (homes == nullptr) return home_of(site_, site_.points.at(core::at(point)));
  return home_at(*homes, when);
}

Homes::Homes(Database& database) {
  in_store("read where points were", [&] { homes_ = read_homes(database.handle(), "ORDER BY point,since"); });
}

std::optional<Home> Homes::at(std::string_view point, core::Timestamp when) const {
  const auto found = homes_.find(point);
  if (found == homes_.end()) return std::nullopt;
  return home_at(found->second, when);
}

bool Moves::was_of(core::PointIndex point, std::string_view enterprise, core::Timestamp from,
                   core::Timestamp to) const {
  if (at(point, from).enterprise != enterprise) return false;
  const auto* homes = of(point);
  return homes == nullptr || std::ranges::none_of(*homes, [&](const Home& home) {
           return home.since > from && home.since < to && home.enterprise != enterprise;
         });
}

}  // namespace hazgate::storage
