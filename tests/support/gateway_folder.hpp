// A folder with a gateway.toml, and beside it the stores of the gateways that lived by it.
#pragma once

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "settings/load.hpp"
#include "support/stored_rows.hpp"

namespace hazgate::test {

class GatewayFolder {
 public:
  GatewayFolder(const std::string& name, const std::string& config)
      : folder(std::filesystem::path(testing::TempDir()) / (name + "-" + std::to_string(::getpid()))) {
    std::filesystem::remove_all(folder);
    std::filesystem::create_directories(folder);
    configure(config);
  }
  ~GatewayFolder() { std::filesystem::remove_all(folder); }
  GatewayFolder(const GatewayFolder&) = delete;
  GatewayFolder& operator=(const GatewayFolder&) = delete;

  void configure(const std::string& config) const { std::ofstream(folder / "gateway.toml") << config; }
  /// Of a gateway that keeps its store in the folder `data`.
  settings::Settings settings(const std::string& data) const {
    auto loaded = settings::load(folder / "gateway.toml", SOURCE_DIR "/config");
    EXPECT_TRUE(loaded.has_value());
    std::filesystem::create_directories(folder / data);
    loaded->gateway.data_dir = folder / data;
    return std::move(*loaded);
  }
  std::string rows(const std::string& data, const std::string& query) const {
    return stored_rows(folder / data, query);
  }

  const std::filesystem::path folder;
};

}  // namespace hazgate::test
