// `hazgate subscribe`: the regulator's client. Follows the exceedance feed of a broker, checks every record, asks for
// what it missed, keeps JSON lines, and goes on where it stopped.
#pragma once

#include <chrono>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace hazgate::app {

struct SubscribeOptions {
  std::string url, site;
  std::vector<std::string> enterprises;  ///< empty: every one of the site
  std::filesystem::path output;          ///< JSON lines, appended; empty: standard output, from the beginning each time
  std::string key;                       ///< public key: 64 hex digits, or a file that has them
  std::string client_id, username;
  std::filesystem::path password_file, ca, cert, cert_key;
  bool once = false;  ///< end as soon as every record that is known of is there
  std::optional<std::chrono::seconds> duration;
};

/// Runs until SIGINT or SIGTERM, the time is over, or, with `once`, everything is there. False when anything
/// contradicted. Throws std::runtime_error for what cannot begin, and with `once` when the time is over before.
bool subscribe(const SubscribeOptions& options);

}  // namespace hazgate::app
