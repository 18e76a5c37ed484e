#include "storage/layouts.hpp"

#include <SQLiteCpp/SQLiteCpp.h>

#include "core/units.hpp"
#include "storage/statement.hpp"

namespace hazgate::storage {

namespace {
Layout layout_of(const core::Site& site, const core::Device& device) {
  Layout layout{.device = device.id, .columns = {}};
  for (std::uint32_t place = 0; place < device.point_count; ++place) {
    const core::Point& point = site.points.at(core::at(device.first_point) + place);
    layout.columns.push_back({.point = point.id, .unit = std::string(core::symbol(point.unit))});
  }
  return layout;
}

constexpr const char* columns_sql = "SELECT point, unit FROM layout_point WHERE layout=? ORDER BY place";
std::vector<Layout::Column> columns_of(std::int64_t number, SQLite::Statement& statement) {
  std::vector<Layout::Column> columns;
  Use use(statement);
  use->bind(1, number);
  while (use->executeStep()) columns.push_back({use->getColumn(0).getString(), use->getColumn(1).getString()});
  return columns;
}
}  // namespace

struct LayoutReader::Statements {
  SQLite::Statement head, columns;
};

LayoutReader::LayoutReader(SQLite::Database& database)
    : statements_(new Statements{{database, "SELECT device FROM layout WHERE id=?"}, {database, columns_sql}}) {}

LayoutReader::~LayoutReader() = default;

std::optional<Layout> LayoutReader::read(std::int64_t number) {
  Use head(statements_->head);
  head->bind(1, number);
  if (!head->executeStep()) return std::nullopt;
  return Layout{.device = head->getColumn(0).getString(), .columns = columns_of(number, statements_->columns)};
}

Layouts::Layouts(SQLite::Database& database) : database_(database) {
  SQLite::Statement layouts(database, "SELECT id, device FROM layout ORDER BY id");
  SQLite::Statement columns(database, columns_sql);
  while (layouts.executeStep()) {
    const std::int64_t number = layouts.getColumn(0).getInt64();
    remember({.device = layouts.getColumn(1).getString(), .columns = columns_of(number, columns)}, number);
  }
}

std::vector<std::int64_t> Layouts::of_devices(const core::Site& site) {
  SQLite::Transaction transaction(database_, SQLite::TransactionBehavior::IMMEDIATE);
  std::vector<std::int64_t> found;
  for (const core::Device& device : site.devices) {
    Layout layout = layout_of(site, device);
    const auto known = numbers_.find(layout);
    const std::int64_t number = known != numbers_.end() ? known->second : add(layout);
    if (known == numbers_.end()) remember(std::move(layout), number);
    found.push_back(number);
  }
  transaction.commit();
  return found;
}

const Layout* Layouts::find(std::int64_t number) const {
  const auto found = by_number_.find(number);
  return found == by_number_.end() ? nullptr : found->second;
}

std::int64_t Layouts::add(const Layout& layout) {
  SQLite::Statement head(database_, "INSERT INTO layout (device) VALUES (?)");
  bind_text(head, 1, layout.device);
  head.exec();
  const std::int64_t number = database_.getLastInsertRowid();
  SQLite::Statement column(database_, "INSERT INTO layout_point (layout, place, point, unit) VALUES (?,?,?,?)");
  for (std::size_t place = 0; place < layout.columns.size(); ++place) {
    Use use(column);
    use->bind(1, number);
    use->bind(2, static_cast<std::int64_t>(place));
    bind_text(*use, 3, layout.columns[place].point);
    bind_text(*use, 4, layout.columns[place].unit);
    use->exec();
  }
  return number;
}

void Layouts::remember(Layout layout, std::int64_t number) {
  // Two equal ones cannot come from here; should a file have them, both numbers must still be readable.
  const auto [place, added] = numbers_.try_emplace(std::move(layout), number);
  by_number_.emplace(number, &place->first);
}

}  // namespace hazgate::storage
