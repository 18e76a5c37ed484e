// What one unit still owes us: the guard against a late answer being taken for that of a newer request.
//
// An RTU answer names its unit, its function and its length (an exception not even that), never its request. After a
// request has timed out, its answer may still come, 1.2 or 20 timeouts later, and look just like that of the same
// request asked again. Waiting "long enough" proves nothing. What does prove something: a unit answers in the order in
// which it was asked. So an answer that only the newest request can have caused says that nothing older is under way.
// Hence:
//  - every request sent is kept here until an answer retires it;
//  - an answer retires the oldest request that it could belong to, and all before that one. Should it in truth belong
//    to a younger one, we merely believe too long that something is owed: an error on the safe side;
//  - a request that could be confused with one still owed is not sent. A probe goes first: a harmless read that no owed
//    request resembles, by byte count or, where the device has one register only, by function (then even a refusal is
//    unmistakable). Its answer clears the way;
//  - a unit that leaves three probes unanswered may be one that ignores every question but its own. It is then left
//    alone for `patience`; what it has not said by then it will not say, and the next request goes out bare. This is
//    the one place where time is taken for proof, and it needs a unit that is later than patience and keeps silent to
//    all three probes.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "drivers/link.hpp"

namespace hazgate::modbus {

class Unanswered {
 public:
  enum class Heard { foreign, late, newest };

  /// No request still owed has an answer that looks like this one's, and not too many are owed already.
  bool may_ask(const Request& request) const;
  /// A read that may be asked, close to `request`; empty when the unit has left enough of them unanswered.
  std::optional<Request> probe_for(const Request& request) const;

  void asked(const Request& request, Clock::time_point now);
  void probed(const Request& probe, Clock::time_point now);
  /// `pdu` starts with the function code, CRC checked and cut off. newest: it is the answer of the last asked(), and
  /// nothing is owed any more.
  Heard heard(std::span<const std::uint8_t> pdu);
  /// Forgives everything when nothing was asked for `patience`.
  void forgive(Clock::time_point now, Clock::duration patience);
  bool empty() const { return owed_.empty(); }

 private:
  std::vector<Request> owed_;  ///< oldest first
  int probes_unanswered_ = 0;
  Clock::time_point last_asked_{};
};

}  // namespace hazgate::modbus
