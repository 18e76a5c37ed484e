#include "app/sign_in_guard.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <span>

namespace hazgate::app {

namespace {
using std::chrono::seconds;

constexpr int free_failures = 5;
constexpr seconds longest_lock{300};
constexpr std::chrono::minutes quiet_time{15};
/// No user's name is longer; what somebody sends may be.
constexpr std::size_t longest_key = 64;
/// That one attempt may bring.
constexpr std::size_t most_keys = 3;
constexpr std::ptrdiff_t forgotten_at_once = 250;
/// Among fewer a name would be forgotten before its next failure, and so be guessed at for ever.
constexpr std::size_t least_free = 1000;

seconds wait_after(int failures) {
  if (failures < free_failures) return seconds(0);
  const int doublings = std::min(failures - free_failures, 16);
  return std::min(seconds(1LL << doublings), longest_lock);
}

std::string network_of(std::string_view address) {
  std::string text(address.substr(0, longest_key));
  std::array<char, sizeof(in6_addr)> bytes{};
  if (::inet_pton(AF_INET6, text.c_str(), bytes.data()) != 1) return text;
  constexpr std::string_view mapped("\0\0\0\0\0\0\0\0\0\0\xff\xff", 12);
  const std::string_view all(bytes.data(), bytes.size());
  std::array<char, INET6_ADDRSTRLEN> plain{};
  if (all.starts_with(mapped) && ::inet_ntop(AF_INET, bytes.data() + mapped.size(), plain.data(), plain.size()))
    return plain.data();
  return "/64" + std::string(all.substr(0, 8));
}
}  // namespace

bool SignInGuard::Failures::over(Time now) const { return now >= until + quiet_time; }

void SignInGuard::Failures::add(Time now) {
  count = over(now) ? 1 : count + 1;
  last = now;
  until = now + wait_after(count);
}

SignInGuard::Keys SignInGuard::keys_of(std::string_view user, std::string_view address) {
  const std::string name(user.substr(0, longest_key)), network = network_of(address);
  const std::string both = name + '\n' + network;
  return {.user = "u" + name, .network = "n" + network, .pair = "p" + both, .trusted = "t" + both};
}

bool SignInGuard::trusts(const Keys& keys) const {
  return std::ranges::any_of(trusted_,
                             [&](const Trusted& t) { return t.user == keys.user && t.network == keys.network; });
}

/// Lets go what is over, then the fewest failures, the oldest of them; never what is locked. Some at a time, so that a
/// flood of names costs no look at all of them for each.
bool SignInGuard::make_room(Time now) {
  if (failures_.size() + most_keys <= most_failures) return true;
  if (now < crowded_until_) return false;
  std::erase_if(failures_, [&](const auto& entry) { return entry.second.over(now); });
  if (failures_.size() + most_keys <= most_failures) return true;
  using Entry = decltype(failures_)::iterator;
  std::vector<Entry> free;
  crowded_until_ = Time::max();
  for (auto entry = failures_.begin(); entry != failures_.end(); ++entry) {
    if (entry->second.count < free_failures) free.push_back(entry);
    crowded_until_ = std::min(crowded_until_, entry->second.until + quiet_time);
  }
  if (free.size() < least_free) return false;
  const auto some = free.begin() + forgotten_at_once;
  std::ranges::partial_sort(free, some, {},
                            [](Entry entry) { return std::pair(entry->second.count, entry->second.last); });
  for (auto entry = free.begin(); entry != some; ++entry) failures_.erase(*entry);
  crowded_until_ = {};
  return true;
}

seconds SignInGuard::begin(std::string_view user, std::string_view address, Time now) {
  const auto keys = keys_of(user, address);
  const std::array all{keys.trusted, keys.user, keys.network, keys.pair};
  const auto counted = trusts(keys) ? std::span(all).first(1) : std::span(all).last(3);
  const bool room = make_room(now);
  const auto find = [&](const std::string& key) -> Failures* {
    const auto found = failures_.find(key);
    if (found != failures_.end()) return &found->second;
    return room ? nullptr : &others_;
  };
  auto free = now;
  for (const auto& key : counted)
    if (const auto* failures = find(key)) free = std::max(free, failures->until);
  if (free > now) return std::chrono::ceil<seconds>(free - now);
  for (const auto& key : counted) {
    auto* failures = find(key);
    if (failures == nullptr) failures = &failures_[key];
    failures->add(now);
  }
  return seconds(0);
}

/// Of the network only what failed on this name from there: who has an account of his own cannot wipe the slate between
/// guesses at others.
void SignInGuard::forgive(const Keys& keys, Time now) {
  const auto pair = failures_.find(keys.pair);
  const auto network = failures_.find(keys.network);
  if (pair != failures_.end() && network != failures_.end()) {
    auto& left = network->second;
    left.count -= pair->second.count;
    left.until = std::min(left.until, now + wait_after(left.count));
    if (left.count <= 0) failures_.erase(network);
  }
  for (const auto* key : {&keys.pair, &keys.user, &keys.trusted}) failures_.erase(*key);
}

void SignInGuard::succeeded(std::string_view user, std::string_view address, Time now) {
  forgive(keys_of(user, address), now);
  trust(user, address);
}

void SignInGuard::trust(std::string_view user, std::string_view address) {
  const auto keys = keys_of(user, address);
  std::erase_if(trusted_, [&](const Trusted& t) { return t.user == keys.user && t.network == keys.network; });
  const auto his = [&](const Trusted& t) { return t.user == keys.user; };
  const bool too_many = std::ranges::count_if(trusted_, his) >= static_cast<std::ptrdiff_t>(most_trusted_a_user);
  if (too_many)
    trusted_.erase(std::ranges::find_if(trusted_, his));
  else if (trusted_.size() >= most_trusted)
    trusted_.erase(trusted_.begin());
  trusted_.push_back({.user = keys.user, .network = keys.network});
}

}  // namespace hazgate::app
