#include "web/rate.hpp"

#include <algorithm>
#include <boost/asio/ip/address.hpp>

namespace hazgate::web {

namespace ip = boost::asio::ip;

std::string one_form(const std::string& address) {
  boost::system::error_code error;
  const auto parsed = ip::make_address(address, error);
  if (error || !parsed.is_v6() || !parsed.to_v6().is_v4_mapped()) return address;
  return ip::make_address_v4(ip::v4_mapped, parsed.to_v6()).to_string();
}

std::string household(const std::string& address) {
  auto one = one_form(address);
  boost::system::error_code error;
  const auto parsed = ip::make_address_v6(one, error);
  if (error) return one;
  auto bytes = parsed.to_bytes();
  std::fill(bytes.begin() + bytes.size() / 2, bytes.end(), 0);
  return ip::address_v6(bytes, parsed.scope_id()).to_string() + "/64";
}

double RateLimit::left(const Bucket& bucket, Time now) const {
  return std::min(burst_, bucket.left + per_second_ * std::chrono::duration<double>(now - bucket.at).count());
}

bool RateLimit::allow(const std::string& address, Time now) {
  const auto who = household(address);
  if (!buckets_.contains(who) && buckets_.size() >= most_addresses_) {
    std::erase_if(buckets_, [&](const auto& entry) { return left(entry.second, now) >= burst_; });
    if (buckets_.size() >= most_addresses_) return false;
  }
  auto& bucket = buckets_.try_emplace(who, Bucket{burst_, now}).first->second;
  bucket = {left(bucket, now), now};
  if (bucket.left < 1) return false;
  bucket.left -= 1;
  return true;
}

}  // namespace hazgate::web
