// The gateway: builds everything in order, lets the pieces meet, and takes them down again without losing a reading.
#pragma once

#include <chrono>
#include <filesystem>
#include <iosfwd>
#include <memory>
#include <optional>
#include <string>

#include "settings/settings.hpp"

namespace hazgate::app {

/// What a run did, for the last lines of the log and for the demonstration.
struct Summary {
  std::uint64_t polls = 0, failed_polls = 0, skipped_polls = 0, held_back_polls = 0;
  std::uint64_t readings_lost = 0;  ///< could not be stored while there was memory for them, or until the end
  std::uint64_t readings_stored = 0, alarm_changes = 0, alarms_raised = 0;
  std::uint64_t messages_delivered = 0, messages_owed = 0;
  double lateness_p99_ms = 0, lateness_worst_ms = 0;
};
std::ostream& operator<<(std::ostream& out, const Summary& summary);  ///< one "key=value" a line

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
