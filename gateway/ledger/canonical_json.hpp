// Canonical JSON, RFC 8785: one sequence of bytes for one document, so that a hash or a signature holds for what it
// says and not for how somebody wrote it.
#pragma once

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>
#include <cstddef>
#include <string>
#include <string_view>

namespace hazgate::ledger {

/// Members sorted by the UTF-16 code units of their names, numbers as ECMAScript prints a double, no white space.
/// Appended to `out`. Strings must be valid UTF-8, as a parser gives them.
void append_canonical(std::string& out, const boost::json::value& value);
std::string canonical(const boost::json::value& value);

/// The same without one member of the outermost object; gives the place in `out` at which it would begin.
std::size_t append_canonical_without(std::string& out, const boost::json::object& object, std::string_view left_out);

/// A string in quotes, with the escapes of RFC 8785 3.2.2.2.
void append_canonical_text(std::string& out, std::string_view text);
/// Does a member of the one name stand before one of the other?
bool canonical_before(std::string_view name, std::string_view other);
/// Shortest digits that read back as the same double; finite only (RFC 8785 3.2.2.3).
void append_es_number(std::string& out, double value);

}  // namespace hazgate::ledger
