// The gateway: builds everything in order, lets the pieces meet, and takes them down again without losing a reading.
#pragma once

#include <chrono>
#include <filesystem>
#include <optional>
#include <string>

#include "app/summary.hpp"
#include "settings/settings.hpp"

namespace hazgate::app {

struct RunOptions {
  std::optional<std::chrono::seconds> duration;  ///< run until a signal when absent
  std::filesystem::path config;                  ///< read again on SIGHUP; empty: SIGHUP changes nothing
  std::string file_owner;                        ///< of the configuration: who answers for it where it does not say
};

/// Runs until SIGINT, SIGTERM or the end of `duration`. On SIGHUP the changed configuration takes the place of the one
/// that runs: all of it or nothing, between two polls, on the same connection to the broker. Throws when it cannot
/// start (store, password file) or when a task failed.
Summary run(settings::Settings settings, RunOptions options);

}  // namespace hazgate::app
