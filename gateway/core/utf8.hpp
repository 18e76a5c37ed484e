// Whether bytes are text.
#pragma once

#include <cstddef>
#include <string_view>

namespace hazgate::core {

/// Length of the UTF-8 sequence at the front of `text`, which is not empty; 0 when it is none: cut short, overlong, a
/// surrogate, or above U+10FFFF.
std::size_t utf8_sequence(std::string_view text);
bool is_utf8(std::string_view text);
/// Nothing in it breaks the line or turns the direction in which it is read: no control characters (C0, DEL, C1), no
/// separators of lines and paragraphs, no embeddings, overrides and isolates of direction.        UAX #9 2;
/// CVE-2021-42574
bool is_one_line(std::string_view utf8);
/// Something in it can be seen: not only spaces, control characters and what has no width.
bool is_seen(std::string_view utf8);

}  // namespace hazgate::core
