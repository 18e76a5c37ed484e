// Whether bytes are text.
#pragma once

#include <cstddef>
#include <string_view>

namespace hazgate::core {

/// Length of the UTF-8 sequence at the front of `text`, which is not empty; 0 when it is none: cut short, overlong, a
/// surrogate, or above U+10FFFF.
std::size_t utf8_sequence(std::string_view text);
bool is_utf8(std::string_view text);

}  // namespace hazgate::core
