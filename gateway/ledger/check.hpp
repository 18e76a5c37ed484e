// The check of a chain, record by record: what a regulator trusts without trusting who sent it. Pure.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "ledger/chain.hpp"

namespace hazgate::ledger {

enum class FaultKind {
  altered,    ///< its content does not give its hash, or its hash is not the one that the next record knows
  missing,    ///< records were taken out
  inserted,   ///< a record that the chain does not know, or one a second time
  reordered,  ///< records stand in another order
  cut_off,    ///< records behind the last one are missing: a signed head knows them
  key         ///< a signature does not hold, or the key is not one that is vouched for
};
/// "altered", "missing", "inserted", "reordered", "cut off", "key".
std::string_view name(FaultKind kind);

struct Fault {
  FaultKind kind{};
  std::uint64_t seq = 0;  ///< the record, or the first of those that are missing
  std::string what;       ///< one sentence for people
};

/// One chain from its first record on. Records come in the order of their source.
class ChainCheck {
 public:
  explicit ChainCheck(ChainId chain) : chain_(std::move(chain)) {}

  /// The next record. After a fault the check goes on behind it, so that one broken record is one fault.
  std::optional<Fault> next(std::string_view text);
  std::optional<Fault> next(const Opened& opened);
  /// A head of this chain that somebody published: signed with the key that was in force at its record, and with its
  /// hash. One of a record that was not read yet is "cut off".
  std::optional<Fault> head(const Head& head) const;
  /// The chain's newest record must be vouched for by `trusted`, which is one of its keys, and by keys endorsed since.
  std::optional<Fault> trust(const PublicKey& trusted) const;

  const ChainId& chain() const { return chain_; }
  const Tip& tip() const { return tip_; }
  std::uint64_t records() const { return records_; }
  const PublicKey* key(std::string_view id) const;
  /// Of a record that was read; nullptr of any other.
  const Hash* hash_of(std::uint64_t seq) const;
  /// Where the check stands, to go back to when what came behind it is not to count.
  struct Mark {
    Tip tip;
    std::uint64_t records = 0;
  };
  Mark mark() const { return {tip_, records_}; }
  void back_to(const Mark& mark);
  /// The key that signs now; empty before the first key record.
  std::string current_key() const { return keys_.empty() ? std::string() : keys_.back().id; }

 private:
  struct Key {
    std::string id;
    PublicKey key{};
    std::uint64_t seq = 0;  ///< the record that brought it
    bool endorsed = true;   ///< by the one before it
  };
  std::optional<Fault> take_key(const Opened& opened);
  Fault out_of_place(const Opened& opened);
  void go_on_behind(std::uint64_t seq, const Hash& hash);
  const Key* key_in_force(std::uint64_t seq) const;
  Fault altered(std::uint64_t seq, std::string what) const;

  ChainId chain_;
  Tip tip_;
  std::uint64_t records_ = 0;
  /// Hashes of records that follow each other; zeros of those that could not be read.
  struct Stretch {
    std::uint64_t first = 0;
    std::vector<Hash> hashes;
  };
  std::vector<Stretch> stretches_;         ///< in order; between two of them lies what was passed over
  std::map<std::uint64_t, Hash> belated_;  ///< came later, out of order
  std::vector<Key> keys_;
};

}  // namespace hazgate::ledger
