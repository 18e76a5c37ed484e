// Text on its way into a form of a report: what somebody typed can neither run nor disguise itself there.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace hazgate::records {

/// What a cell of a spreadsheet takes, in UTF-16 units.
inline constexpr std::size_t longest_cell = 32'767;

/// UTF-8 without control characters, changes of direction and what XML does not know. Line breaks stay, as LF; a tab
/// becomes a space.
std::string cell_text(std::string_view text);

/// A spreadsheet that reads this from a CSV would compute it.
bool looks_like_formula(std::string_view text);

/// As a field of a CSV: cleaned, at most `longest_cell`, quoted where needed, a formula with an apostrophe before it.
void append_csv_text(std::string& out, std::string_view text);

/// Cleaned, with & < > " ' escaped: for HTML and XML, between tags and in attributes.
void append_markup_text(std::string& out, std::string_view text);

/// The front of a cleaned text that a cell takes.
std::string_view cell_front(std::string_view clean);

}  // namespace hazgate::records
