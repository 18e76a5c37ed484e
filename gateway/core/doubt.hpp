// Doubt: why a reading is no good; what stands behind its flag and, for people, in the notice of its device.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace hazgate::core {

/// Over range (T) and below the quantification limit (L) are no doubts: their flags say all there is to say.
/// Stored by number: these never change, and a new one comes last.
enum class Doubt : std::uint8_t {
  none,
  below_range,     ///< D: less than the instrument can measure
  error_value,     ///< D: a code in the place of a value
  not_a_number,    ///< D: NaN or infinite, or a register that the device refuses
  rate,            ///< D: reached neither from the last good value nor from the one before it
  stuck,           ///< D: the very same value for too long
  device_state,    ///< the letter that the device's own status register stands for
  heartbeat,       ///< D: it answers, but its own counter or clock does not move
  warm_up,         ///< F: it was away and has just come back
  no_answer,       ///< B
  no_connection,   ///< B: the line or the connection is down
  garbled,         ///< B: CRC or header wrong, or an answer to something else
  refused,         ///< D: it answered with an exception
  wrong_identity,  ///< D: an [[expect]] register has another value
  disagreement     ///< no flag: which of two instruments is wrong is not known
};
/// Not a matter of one point.
constexpr bool of_whole_device(Doubt doubt) { return doubt >= Doubt::device_state && doubt != Doubt::disagreement; }
/// The poll brought no values.
constexpr bool of_failed_poll(Doubt doubt) { return doubt >= Doubt::no_answer && doubt <= Doubt::wrong_identity; }
std::string_view name(Doubt doubt);  ///< the enumerators' own words
std::optional<Doubt> doubt_from(std::string_view name);
std::optional<Doubt> doubt_of_sample(std::uint8_t number);  ///< empty for a number that no sample can have

}  // namespace hazgate::core
