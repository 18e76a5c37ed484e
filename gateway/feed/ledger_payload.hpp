// Pure: what stands in the ledger, and on which topics. A record is given without its place in the chain, which
// ledger::seal() adds.
#pragma once

#include <boost/json/object.hpp>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "core/exceedance.hpp"
#include "core/exposure.hpp"
#include "core/site.hpp"
#include "ledger/chain.hpp"

namespace hazgate::feed {

/// hazgate/1/<site>/<enterprise>/exceedance: every record of the enterprise's chain, in order.
std::string exceedance_topic(const core::Site& site, std::string_view enterprise);
/// hazgate/1/<site>/<enterprise>/ledger: the signed head, retained.
std::string ledger_topic(const core::Site& site, std::string_view enterprise);

/// "kind":"exceedance", "event":"began" or "ended"; `began` is the number of the record that said it began. Figures are
/// what was judged, unrounded.
boost::json::object exceedance_record(const core::Site& site, const core::Exceedance& e, core::Timestamp recorded_at,
                                      std::optional<std::uint64_t> began);
/// The same of a point that the configuration no longer has: nobody can tell how it ended.
boost::json::object abandoned_record(std::string_view workplace, std::string_view point, core::LimitKind limit,
                                     core::Timestamp since, core::Timestamp recorded_at, std::uint64_t began);
/// "kind":"shift": the final figures of a point over a shift that broke a limit.
boost::json::object shift_record(const core::Site& site, const core::Exposure& e, core::Timestamp recorded_at);

/// A rule that points are judged by: what it was and what it is; nullptr where there is none.
struct RuleChanged {
  std::string_view subject, rule;
  const std::string* before = nullptr;
  const std::string* after = nullptr;
};
/// "kind":"rules": who decided, the changes one by one where they are at most 100, and always their number and the
/// SHA-256 of the canonical list.
boost::json::object rules_record(std::span<const RuleChanged> changes, std::string_view who,
                                 core::Timestamp recorded_at);
/// "kind":"rescue": the store was damaged, and is kept under that name; records that nobody could read are missing, or
/// are made anew under their numbers.
boost::json::object rescue_record(std::string_view why, std::string_view kept_as, core::Timestamp recorded_at);
/// ledger::key_record() with the time.
boost::json::object key_record(const ledger::SigningKey& key, const std::string& previous_id,
                               const ledger::SigningKey* previous, core::Timestamp recorded_at);

}  // namespace hazgate::feed
