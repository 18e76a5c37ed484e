// The ledger of the running gateway: what belongs on record is sealed into the chain of its enterprise, signed, stored,
// and given back as messages. Lives with the store, on its thread and in its transactions.
#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "app/key_file.hpp"
#include "core/exceedance.hpp"
#include "core/exposure.hpp"
#include "core/site.hpp"
#include "feed/answer_payload.hpp"
#include "ledger/chain.hpp"
#include "storage/ledger.hpp"
#include "storage/rescue.hpp"
#include "storage/rule_changes.hpp"

namespace hazgate::app {

class LedgerBook {
 public:
  /// `site` must outlive this. `heads`: a file beside the store that has the newest head of each chain, so that no
  /// number is given twice when the store has lost its last records (damaged, or an old copy put in its place).
  LedgerBook(const core::Site& site, storage::Database& database, LedgerKeys keys, std::filesystem::path heads);

  /// All of these inside the caller's transaction, which settle() ends.
  /// Chains that begin, and those that were signed with another key, record the key of now. Gives how many.
  std::size_t record_key(core::Timestamp now);
  void record(const core::Exceedance& exceedance, core::Timestamp now);
  void record(const core::Exposure& final_figures, core::Timestamp now);  ///< where it breaks a limit
  void record(std::span<const storage::RuleChange> changes, const std::string& who, core::Timestamp now);
  /// The store was damaged and set aside: what was read of it went on, and where the rest lies.
  void record(const storage::Rescue& rescue, core::Timestamp now);
  /// Open exceedances that nobody follows any more.
  using Followed = std::function<bool(core::PointIndex, const storage::OpenExceedance&)>;
  void abandon(const Followed& followed, core::Timestamp now);

  struct Message {
    std::string topic, payload;
    bool retain = false;
  };
  /// Stores what was recorded and signs the chains that grew; once an hour all of them. What is to be published, in
  /// order: records, then heads.
  std::vector<Message> settle(core::Timestamp now);
  /// The transaction is on disk, or is gone.
  void committed();
  void rolled_back();

  /// For a request: what is committed behind `after` of one chain, or of each; as much as one message may carry.
  std::vector<feed::ChainPage> pages(const std::string& enterprise, std::uint64_t after, core::Timestamp now);
  const ledger::SigningKey& key() const { return keys_.current; }

 private:
  struct Chain {
    ledger::ChainId id;  ///< as at its beginning: a gateway that is given another name goes on with its chains
    ledger::Tip tip;
    std::string key_id;  ///< of the key that signed last; empty of a new chain
  };
  std::uint64_t add(const std::string& enterprise, boost::json::object record, core::Timestamp now);
  Chain& chain_of(const std::string& enterprise);
  std::string sign(const Chain& chain, core::Timestamp now) const;
  void go_on_behind_heads();
  void keep_heads() const;

  const core::Site& site_;
  storage::Ledger rows_;
  LedgerKeys keys_;
  std::map<std::string, Chain, std::less<>> chains_, durable_;  ///< by enterprise; durable_: as committed
  std::vector<storage::LedgerRow> pending_;                     ///< of the transaction under way
  std::map<std::string, std::string> heads_;                    ///< of each chain that grew in this transaction
  const std::filesystem::path heads_file_;
  std::optional<core::Timestamp> heads_due_, durable_heads_due_;
};

}  // namespace hazgate::app
