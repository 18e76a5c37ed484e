#include "storage/store_error.hpp"

#include <fmt/format.h>
#include <sqlite3.h>

namespace hazgate::storage {

StoreCause cause_of(int code) {
  switch (code & 0xff) {
    case SQLITE_FULL:
      return StoreCause::full;
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return StoreCause::busy;
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
      return StoreCause::damaged;
    case SQLITE_IOERR:
    case SQLITE_NOMEM:
    case SQLITE_CANTOPEN:
    case SQLITE_READONLY:
    case SQLITE_PERM:
    case SQLITE_PROTOCOL:
      return StoreCause::io;
    default:
      return StoreCause::bug;
  }
}

namespace {
std::string_view advice(StoreCause cause) {
  switch (cause) {
    case StoreCause::full:
      return "free some space on that disk";
    case StoreCause::io:
      return "see the disk, its mount and the kernel's log";
    case StoreCause::busy:
      return "another program is writing to the file, close it";
    case StoreCause::damaged:
      return "move the file away, do not delete it: `sqlite3 FILE .recover` rescues what can be read";
    case StoreCause::newer_schema:
      return "install that version of hazgate again, or set another data_dir";
    case StoreCause::older_schema:
      return "start `hazgate run` of this version on it once, or on a copy";
    case StoreCause::in_use:
      return "stop the other hazgate first, or set another data_dir";
    case StoreCause::not_permitted:
      return "give this user the right to write there, or set another data_dir";
    case StoreCause::bug:
      return "please report this";
  }
  return {};
}
}  // namespace

StoreError store_error(StoreCause cause, std::string_view what, std::string_view reason) {
  return {cause, fmt::format("cannot {}: {}; {}", what, reason, advice(cause))};
}

}  // namespace hazgate::storage
