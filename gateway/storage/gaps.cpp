#include "storage/gaps.hpp"

#include <SQLiteCpp/SQLiteCpp.h>

#include <algorithm>

#include "storage/columns.hpp"
#include "storage/names.hpp"
#include "storage/store_error.hpp"

namespace hazgate::storage {

namespace {
/// None of a workplace that the site no longer has.
std::optional<StoredGap> read_gap(SQLite::Statement& rows, const Names& workplaces, const Names& devices) {
  ColumnReader column(rows);
  StoredGap stored{.gap = {}, .enterprise = std::string(column.text())};
  auto& gap = stored.gap;
  const std::string workplace(column.text()), device(column.text());
  gap.reason = column.word(among<core::all_gap_reasons>);
  gap.kind = column.word(among<core::all_gap_kinds>);
  gap.from = column.time().value_or(core::Timestamp{});
  gap.to = column.time();
  gap.detail = column.text();
  const auto place = workplaces.index(workplace);
  if (!place && !workplace.empty()) return std::nullopt;
  if (place) gap.workplace = core::WorkplaceIndex{*place};
  const auto number = devices.index(device);
  if (number) gap.device = core::DeviceIndex{*number};
  if (!number) gap.left = device;
  return stored;
}
}  // namespace

struct Gaps::Impl {
  Impl(SQLite::Database& database, const core::Site& its_site)
      : handle(database),
        site(its_site),
        insert(database,
               "INSERT INTO gap (enterprise, workplace, device, reason, kind, from_at, to_at, detail) VALUES "
               "(?,?,?,?,?,?,?,?)"),
        begin(database,
              "INSERT INTO gap_open (workplace, device, kind, reason, from_at) VALUES (?,?,?,?,?) ON CONFLICT DO "
              "NOTHING"),
        end(database, "DELETE FROM gap_open WHERE workplace=? AND device=? AND kind=? AND reason=?"),
        live(database,
             "INSERT INTO life (id, seen_at, stopped) VALUES (1,?,?) ON CONFLICT (id) DO UPDATE SET "
             "seen_at=excluded.seen_at, stopped=excluded.stopped") {}

  std::string_view workplace_of(const core::Gap& gap) const {
    return gap.workplace ? std::string_view(site.workplaces[core::at(*gap.workplace)].id) : std::string_view();
  }
  std::string_view device_of(const core::Gap& gap) const {
    return gap.device ? std::string_view(site.devices[core::at(*gap.device)].id) : std::string_view(gap.left);
  }
  /// Those of `open` that the filter names. They have no enterprise of their own in the store: they are those of whom
  /// the workplace belongs to now, and are stored as his when they end.
  std::vector<StoredGap> lasting(std::vector<core::Gap> open, const GapFilter& filter) const {
    std::vector<StoredGap> found;
    for (auto& gap : open) {
      const auto& workplace = site.workplaces[core::at(gap.workplace.value())];
      const auto& enterprise = site.enterprises[core::at(workplace.enterprise)].id;
      if (gap.from > filter.to || (!filter.workplace.empty() && workplace.id != filter.workplace)) continue;
      if (!filter.enterprise.empty() && enterprise != filter.enterprise) continue;
      found.push_back({std::move(gap), enterprise});
    }
    return found;
  }
  void name_open(ColumnWriter& to, const core::Gap& gap) const {
    to.word(workplace_of(gap));
    to.word(device_of(gap));
    to.word(core::name(gap.kind));
    to.word(core::name(gap.reason));
  }
  void live_on(core::Timestamp now, std::string_view stopped) {
    Use use(live);
    ColumnWriter to(*use);
    to.time(now);
    to.word(stopped);
    use->exec();
  }

  SQLite::Database& handle;
  const core::Site& site;
  SQLite::Statement insert, begin, end, live;
};

Gaps::Gaps(Database& database, const core::Site& site) {
  in_store("read the gaps", [&] { impl_ = std::make_unique<Impl>(database.handle(), site); });
}

Gaps::~Gaps() = default;

bool Gaps::save(const core::Gap& gap) {
  return in_store("store a gap", [&] {
    if (!gap.to) {
      Use begin(impl_->begin);
      ColumnWriter to(*begin);
      impl_->name_open(to, gap);
      to.time(gap.from);
      return begin->exec() == 1;
    }
    Use end(impl_->end);
    ColumnWriter gone(*end);
    impl_->name_open(gone, gap);
    end->exec();
    Use insert(impl_->insert);
    ColumnWriter to(*insert);
    to.word(gap.workplace ? std::string_view(impl_->site.enterprise_of(*gap.workplace).id) : std::string_view());
    to.word(impl_->workplace_of(gap));
    to.word(impl_->device_of(gap));
    to.word(core::name(gap.reason));
    to.word(core::name(gap.kind));
    to.time(gap.from);
    to.time(gap.to);
    to.word(gap.detail);
    insert->exec();
    return true;
  });
}

GapPage Gaps::between(const GapFilter& filter) {
  GapPage page{.gaps = impl_->lasting(all_open(), filter), .more = false};
  in_store("read the gaps", [&] {
    const Names workplaces(impl_->site.workplaces), devices(impl_->site.devices);
    // No LIMIT: those of a workplace that has left the site would take the places of others.
    std::string sql =
        "SELECT enterprise, workplace, device, reason, kind, from_at, to_at, detail FROM gap WHERE from_at <= ?1 AND "
        "to_at >= ?2 AND (?3 = '' OR enterprise IN ('', ?3))";
    if (!filter.workplace.empty()) sql += " AND workplace IN ('', ?4)";  // by the index
    SQLite::Statement rows(impl_->handle, sql + " ORDER BY from_at DESC");
    rows.bind(1, static_cast<std::int64_t>(filter.to.time_since_epoch().count()));
    rows.bind(2, static_cast<std::int64_t>(filter.from.time_since_epoch().count()));
    bind_text(rows, 3, filter.enterprise);
    if (!filter.workplace.empty()) bind_text(rows, 4, filter.workplace);
    for (std::size_t read = 0; read <= filter.limit && rows.executeStep();) {
      auto stored = read_gap(rows, workplaces, devices);
      if (!stored) continue;
      page.gaps.push_back(std::move(*stored));
      ++read;
    }
  });
  std::ranges::sort(page.gaps, {}, [](const StoredGap& stored) { return stored.gap.from; });
  page.more = page.gaps.size() > filter.limit;
  if (page.more) page.gaps.erase(page.gaps.begin(), page.gaps.end() - static_cast<std::ptrdiff_t>(filter.limit));
  return page;
}

std::vector<core::Gap> Gaps::open() {
  auto gaps = all_open();
  std::erase_if(gaps, [](const core::Gap& gap) { return !gap.left.empty(); });
  return gaps;
}

std::vector<core::Gap> Gaps::left_behind() {
  auto gaps = all_open();
  std::erase_if(gaps, [](const core::Gap& gap) { return gap.left.empty(); });
  return gaps;
}

std::vector<core::Gap> Gaps::all_open() {
  return in_store("read the gaps", [&] {
    const Names workplaces(impl_->site.workplaces), devices(impl_->site.devices);
    SQLite::Statement rows(impl_->handle, "SELECT workplace, device, kind, reason, from_at FROM gap_open");
    std::vector<core::Gap> gaps;
    while (rows.executeStep()) {
      ColumnReader from(rows);
      core::Gap gap;
      const auto workplace = workplaces.index(from.text());
      const std::string device(from.text());
      gap.kind = from.word(among<core::all_gap_kinds>);
      gap.reason = from.word(among<core::all_gap_reasons>);
      gap.from = from.time().value_or(core::Timestamp{});
      const auto number = devices.index(device);
      if (!workplace) continue;
      if (!number) gap.left = device;
      gap.workplace = core::WorkplaceIndex{*workplace};
      if (number) gap.device = core::DeviceIndex{*number};
      gaps.push_back(std::move(gap));
    }
    return gaps;
  });
}

void Gaps::seen(core::Timestamp now) {
  in_store("say that the gateway is at work", [&] { impl_->live_on(now, ""); });
}

void Gaps::stopped(core::Timestamp now, const std::string& why) {
  in_store("say that the gateway stops", [&] { impl_->live_on(now, why); });
}

std::optional<Gaps::Life> Gaps::last_life() {
  return in_store("read when the gateway was at work", [&]() -> std::optional<Life> {
    SQLite::Statement row(impl_->handle, "SELECT seen_at, stopped FROM life");
    if (!row.executeStep()) return std::nullopt;
    ColumnReader from(row);
    Life life{.seen = from.time().value_or(core::Timestamp{}), .stopped = {}};
    life.stopped = from.text();
    return life;
  });
}

}  // namespace hazgate::storage
