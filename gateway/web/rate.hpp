// How often somebody may ask before he has signed in.
#pragma once

#include <chrono>
#include <string>
#include <unordered_map>

namespace hazgate::web {

/// An address in one form: an IPv4 one that came mapped into IPv6 is the same as it came by itself.
std::string one_form(const std::string& address);
/// Whom an address stands for: itself, and of IPv6 its /64, which a single machine has whole.
std::string household(const std::string& address);

/// A bucket for each household. Memory is bounded: where it is full, addresses whose bucket is full again are
/// forgotten, and while none is, who is new is refused.
class RateLimit {
 public:
  using Time = std::chrono::steady_clock::time_point;
  RateLimit(double per_second, double burst, std::size_t most_addresses = 4096)
      : per_second_(per_second), burst_(burst), most_addresses_(most_addresses) {}
  bool allow(const std::string& address, Time now);

 private:
  struct Bucket {
    double left;
    Time at;
  };
  double left(const Bucket& bucket, Time now) const;
  double per_second_, burst_;
  std::size_t most_addresses_;
  std::unordered_map<std::string, Bucket> buckets_;
};

}  // namespace hazgate::web
