// `hazgate verify`: is a ledger whole? Needs no gateway, no configuration and no secret.
#pragma once

#include <atomic>
#include <filesystem>
#include <iosfwd>
#include <string>
#include <vector>

namespace hazgate::app {

struct VerifyOptions {
  std::filesystem::path file;      ///< a store (.sqlite), or records as JSON lines (`hazgate subscribe`, a report)
  std::string key;                 ///< public key: 64 hex digits, or a file that has them; empty: as the chain says
  std::vector<std::string> heads;  ///< published heads: JSON, or a file with one a line
  std::string enterprise = {};     ///< of a store, only this one's chain; empty: all
  const std::atomic<bool>* given_up = nullptr;  ///< by whoever waited for it: it throws then
  bool tells_progress = true;                   ///< on a terminal's standard error
};

/// Prints a line for each chain, and each fault on a line of its own. False when there was any. Throws
/// std::runtime_error for what cannot be read at all.
bool verify(const VerifyOptions& options, std::ostream& out);

}  // namespace hazgate::app
