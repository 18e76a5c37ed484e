// hazgate simulate: the other end of a configuration's lines.
#pragma once

#include <filesystem>

#include "settings/problem.hpp"

namespace hazgate::app {

struct SimulateOptions {
  std::filesystem::path config, data;
  double speed = 1;
  int seconds = 0;  ///< 0: until SIGINT or SIGTERM
};

/// Plays until stopped; returns the problems of configuration or data when it could not start.
settings::Problems simulate(const SimulateOptions& options);

}  // namespace hazgate::app
