// Gives SQLite's exceptions the shape of this room.
#pragma once

#include <SQLiteCpp/Exception.h>

#include <string>
#include <string_view>
#include <utility>

#include "storage/database.hpp"

namespace hazgate::storage {

/// `code` is a primary or extended result code of SQLite.
StoreCause cause_of(int code);
/// "cannot <what>: <reason>; <what to do>"
StoreError store_error(StoreCause cause, std::string_view what, std::string_view reason);

/// Runs `work`; an SQLite::Exception out of it leaves as StoreError.
template <class Work>
decltype(auto) in_store(std::string_view what, Work&& work) {
  try {
    return std::forward<Work>(work)();
  } catch (const SQLite::Exception& error) {
    throw store_error(cause_of(error.getErrorCode()), what, error.what());
  }
}

}  // namespace hazgate::storage
