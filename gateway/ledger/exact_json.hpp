// JSON whose numbers are read to the last bit. Boost.JSON 1.81 reads a double by its own quick way and may miss it by
// one unit in the last place; what is hashed must come back as it was written.
#pragma once

#include <boost/json/value.hpp>
#include <boost/system/error_code.hpp>
#include <string_view>

namespace hazgate::ledger {

/// One document, not nested deeper than `max_depth`; null and `error` set for anything else. Of a member that comes
/// twice the last one holds.
boost::json::value parse_exact(std::string_view text, boost::system::error_code& error, std::size_t max_depth = 16);

}  // namespace hazgate::ledger
