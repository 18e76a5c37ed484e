// What SQLiteCpp leaves open for a statement that is kept and used again.
#pragma once

#include <SQLiteCpp/Statement.h>

#include <string_view>

namespace hazgate::storage {

/// One use of a kept statement: reset at its end, however that comes. Left unreset, it would refuse new values after an
/// error and, as an open reader, keep the WAL from being folded back.
class Use {
 public:
  explicit Use(SQLite::Statement& statement) : statement_(statement) {}
  ~Use() { statement_.tryReset(); }
  Use(const Use&) = delete;
  Use& operator=(const Use&) = delete;
  SQLite::Statement* operator->() { return &statement_; }
  SQLite::Statement& operator*() { return statement_; }

 private:
  SQLite::Statement& statement_;
};

/// Copied: the bytes may go before the statement does. No null pointer, which would be stored as NULL.
inline void bind_text(SQLite::Statement& statement, int index, std::string_view text) {
  statement.bind(index, std::string(text));
}
/// Not copied: the bytes must outlive this use.
inline void bind_bytes(SQLite::Statement& statement, int index, std::string_view bytes) {
  statement.bindNoCopy(index, static_cast<const void*>(bytes.empty() ? "" : bytes.data()),
                       static_cast<int>(bytes.size()));
}

}  // namespace hazgate::storage
