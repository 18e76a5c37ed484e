// The ledger's rows: sealed records in their chains, for ever, and the exceedances that are not over yet. What a record
// is and how it is sealed is not known here.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/exceedance.hpp"
#include "storage/database.hpp"

namespace hazgate::storage {

struct LedgerRow {
  std::string enterprise;
  std::uint64_t seq = 0;
  core::Timestamp at;
  std::string hash;    ///< 64 hex digits
  std::string record;  ///< canonical JSON
  std::string head;    ///< signed; empty where a later record of the same commit has it
};

/// What makes two exceedances the same one, and where it is on record.
struct OpenExceedance {
  std::string point;
  core::Basis basis{};
  core::LimitKind limit{};
  core::Level level{};
  std::string enterprise, workplace;
  std::uint64_t seq = 0;  ///< of the record that says it began
  core::Timestamp since;
};

class Ledger {
 public:
  explicit Ledger(Database& database);
  ~Ledger();

  /// Inside the caller's transaction. Throws StoreError, also for a place in the chain that is taken.
  void append(const LedgerRow& row);
  /// The newest record of each chain.
  std::vector<LedgerRow> ends();
  /// Records behind `after`, in order, at most `limit`.
  std::vector<LedgerRow> after(std::string_view enterprise, std::uint64_t after, std::size_t limit);
  /// Every record, or every one of an enterprise: enterprise by enterprise, in order of `seq`. `visit` gets it for the
  /// time of the call.
  void for_each(const std::function<void(const LedgerRow&)>& visit, std::string_view enterprise = {});

  /// Inside the caller's transaction; false when there is one already.
  bool open(const OpenExceedance& exceedance);
  /// Inside the caller's transaction: it is over. Empty when there was none.
  std::optional<OpenExceedance> close(std::string_view point, core::Basis basis, core::LimitKind limit,
                                      core::Level level);
  std::vector<OpenExceedance> open_ones();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace hazgate::storage
