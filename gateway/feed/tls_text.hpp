// Why a TLS connection may have failed, for the log: Paho says "TCP/TLS connect failure" for everything, and in this
// version cannot be given an error handler that outlives connect().
#pragma once

#include <string>

namespace hazgate::feed {

/// `failure` and what is behind it: surely, where `certificate` (a PEM file of ours, or none) is out of date; else what
/// may be.
std::string tls_failure_text(const std::string& failure, const std::string& certificate);

}  // namespace hazgate::feed
