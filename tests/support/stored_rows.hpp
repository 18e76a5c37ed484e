// What a store holds, as text that two runs can be compared by.
#pragma once

#include <SQLiteCpp/SQLiteCpp.h>

#include <filesystem>
#include <string>

namespace hazgate::test {

inline constexpr const char* alarm_history = "SELECT * FROM alarm_history ORDER BY id";
inline constexpr const char* exposure_records = "SELECT * FROM exposure ORDER BY 1, 2, 3";

/// Every column of every row.
inline std::string stored_rows(const std::filesystem::path& data_dir, const std::string& query) {
  SQLite::Database store((data_dir / "hazgate.sqlite").string());
  SQLite::Statement select(store, query);
  std::string rows;
  while (select.executeStep()) {
    for (int i = 0; i < select.getColumnCount(); ++i) rows += select.getColumn(i).getString() + "|";
    rows += "\n";
  }
  return rows;
}

}  // namespace hazgate::test
