// What subscribers ask for that they missed: {"op":"exceedances","enterprise","after_seq"} and
// {"op":"readings","point","from","to"}.
#pragma once

#include <boost/system/result.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "app/alarm_request.hpp"
#include "app/who_may.hpp"
#include "core/site.hpp"
#include "storage/history.hpp"

namespace hazgate::app {

struct ExceedancesRequest {
  std::string enterprise;  ///< empty: every one
  std::uint64_t after_seq = 0;
};
struct ReadingsRequest {
  core::PointIndex point{};
  core::Timestamp from, to;
  std::optional<storage::ReadingsCursor> after;  ///< "next" of the page before; none: from the beginning
  std::string enterprise = {};                   ///< only what was measured while the point was its own; empty: all
};
using HistoryRequest = std::variant<ExceedancesRequest, ReadingsRequest>;

/// The "op" of a request; empty where there is none.
std::string request_op(std::string_view json);
/// Of a request whose op is "exceedances" or "readings". `from` is included, `to` is not; at most 366 days.
boost::system::result<HistoryRequest, BadRequest> parse_history_request(const core::Site& site, std::string_view json);

/// To what the asker may see: who speaks for an enterprise and names none is given his own. False where he may see
/// nothing of it.
bool narrow(const core::Site& site, const std::optional<Asker>& asker, HistoryRequest& request);

}  // namespace hazgate::app
