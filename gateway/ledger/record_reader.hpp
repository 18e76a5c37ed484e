// Reads sealed records: is the text in canonical form, and does it give its hash? One pass over the bytes and no
// document in memory, because a ledger has a million of them.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "ledger/chain.hpp"

namespace hazgate::ledger {

/// Keeps its buffers from one record to the next.
class RecordReader {
 public:
  RecordReader();
  ~RecordReader();
  /// As ledger::open().
  std::optional<Opened> open(std::string_view text, std::string& why);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace hazgate::ledger
