// The key that signs the ledger: <data_dir>/ledger.key, made at the first start, for this user's eyes only; its public
// half beside it in ledger.pub, for everybody.
#pragma once

#include <filesystem>
#include <optional>

#include "ledger/signing.hpp"

namespace hazgate::app {

struct LedgerKeys {
  ledger::SigningKey current;
  /// The one before a rotation, until the chains have recorded the change.
  std::optional<ledger::SigningKey> previous;
};

/// Reads the key, or makes one where there is none. Throws std::runtime_error for a file that is not a key of ours or
/// that others may read.
LedgerKeys load_or_make_keys(const std::filesystem::path& data_dir);
/// A new key takes the place of the old one, which stays in ledger.key.old until the gateway, at its next start or
/// reload, has recorded that the one vouches for the other. Throws std::runtime_error; a rotation that still waits for
/// the gateway is not rotated again.
ledger::SigningKey rotate_key(const std::filesystem::path& data_dir);
/// The chains have recorded the change: the old key is of no use to anybody any more.
void forget_previous_key(const std::filesystem::path& data_dir);

}  // namespace hazgate::app
