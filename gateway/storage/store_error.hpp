// Gives SQLite's exceptions the shape of this room.
#pragma once

#include <SQLiteCpp/Exception.h>

#include <filesystem>
#include <string>
#include <string_view>
#include <utility>

#include "storage/database.hpp"

namespace hazgate::storage {

/// `code` is a primary or extended result code of SQLite. With the `file` it was about, what SQLite only calls an I/O
/// error or a file that it cannot open is told by its cause: a full disk, or a right that is missing.
StoreCause cause_of(int code, const std::filesystem::path& file = {});
/// "cannot <what>: <reason>; <what to do>"
StoreError store_error(StoreCause cause, std::string_view what, std::string_view reason);
/// The same where what to do is not what the cause alone would tell.
StoreError store_error(StoreCause cause, std::string_view what, std::string_view reason, std::string_view remedy);
/// The cause of an errno.
StoreCause cause_of_errno(int error);

StoreError sqlite_error(const SQLite::Exception& error, std::string_view what, const std::filesystem::path& file);

/// Runs `work`; an SQLite::Exception out of it leaves as StoreError.
template <class Work>
decltype(auto) in_store(std::string_view what, const std::filesystem::path& file, Work&& work) {
  try {
    return std::forward<Work>(work)();
  } catch (const SQLite::Exception& error) {
    throw sqlite_error(error, what, file);
  }
}
template <class Work>
decltype(auto) in_store(std::string_view what, Work&& work) {
  return in_store(what, std::filesystem::path(), std::forward<Work>(work));
}

}  // namespace hazgate::storage
