#include "web/rate.hpp"

#include <algorithm>

namespace hazgate::web {

double RateLimit::left(const Bucket& bucket, Time now) const {
  return std::min(burst_, bucket.left + per_second_ * std::chrono::duration<double>(now - bucket.at).count());
}

bool RateLimit::allow(const std::string& address, Time now) {
  if (!buckets_.contains(address) && buckets_.size() >= most_addresses_) {
    std::erase_if(buckets_, [&](const auto& entry) { return left(entry.second, now) >= burst_; });
    if (buckets_.size() >= most_addresses_) return false;
  }
  auto& bucket = buckets_.try_emplace(address, Bucket{burst_, now}).first->second;
  bucket = {left(bucket, now), now};
  if (bucket.left < 1) return false;
  bucket.left -= 1;
  return true;
}

}  // namespace hazgate::web
