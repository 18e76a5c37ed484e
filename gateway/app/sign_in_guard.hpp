// Pure: who must wait before he may try a password again.
//
// Policy. Five failures running cost nothing; from then on the next attempt must wait 1, 2, 4 … at most 300 s. Attempts
// within the waiting are refused unseen and do not make it longer: a name is shut out for at most 300 s at a time, and
// then anew only if somebody else was faster with a wrong password.
// Counted are the failures on a user's name from anywhere, and those of an address on anybody. Who has signed in from
// an address before is judged by what fails on his name from there alone: whoever tries his name elsewhere, or other
// names from his address, does not hold him up. A name that nobody has is treated as any other, so that it tells
// nothing. A success forgets what failed on the name, and of the address what failed on that name from there, not what
// it tried on others. So do 15 quiet minutes after the end of the waiting.
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace hazgate::app {

class SignInGuard {
 public:
  using Time = std::chrono::steady_clock::time_point;  ///< a clock that nobody sets

  /// Zero: the password may be looked at, and counts as failed until succeeded(): of many attempts at once none slips
  /// through. Else so long must be waited, and nothing was counted. `address`: IPv4, or IPv6, of which the first 64
  /// bits count, for so many has everybody.
  std::chrono::seconds begin(std::string_view user, std::string_view address, Time now);
  /// What begin() let through was right.
  void succeeded(std::string_view user, std::string_view address, Time now);
  /// He has signed in from there before: for sessions that outlived a restart.
  void trust(std::string_view user, std::string_view address);

  /// How many keys are remembered: at most most_failures + most_trusted.
  std::size_t size() const { return failures_.size() + trusted_.size(); }
  static constexpr std::size_t most_failures = 8000, most_trusted = 2000, most_trusted_a_user = 10;

 private:
  struct Failures {
    int count = 0;
    Time last, until;  ///< the newest one, and the end of the waiting that it brought
    bool over(Time now) const;
    void add(Time now);
  };
  struct Trusted {
    std::string user, network;
  };
  struct Keys {
    std::string user, network;
    std::string pair, trusted;  ///< both of them together; the second one where it is trusted
  };
  static Keys keys_of(std::string_view user, std::string_view address);
  bool trusts(const Keys& keys) const;
  bool make_room(Time now);
  void forgive(const Keys& keys, Time now);

  std::unordered_map<std::string, Failures> failures_;
  Time crowded_until_;  ///< before then nothing of it is over
  /// Whoever no longer fits shares it: it takes 7,000 keys that are locked at once, and none of them is freed early by
  /// more names that somebody invents.
  Failures others_;
  std::vector<Trusted> trusted_;  ///< in the order of their last use; only a success comes in: nobody's inventions
};

}  // namespace hazgate::app
