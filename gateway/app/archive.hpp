// The archive: questions about the past, answered on a thread and a connection of its own, so that neither the loop nor
// the writer waits for them.
#pragma once

#include <atomic>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>

#include "app/history_request.hpp"
#include "async/island.hpp"
#include "core/site.hpp"
#include "storage/history.hpp"

namespace hazgate::app {

class Archive {
 public:
  /// The store exists; it is opened with the first question. `site` must outlive this.
  Archive(const core::Site& site, std::filesystem::path store) : site_(site), store_(std::move(store)) {}

  /// From any thread. `answer` gets JSON, on the archive's thread. Questions wait for each other; beyond `most_waiting`
  /// they are refused at once, with the reason.
  void ask(const ReadingsRequest& request, std::function<void(std::string)> answer);

  static constexpr std::size_t most_waiting = 64, readings_a_page = 1000;

 private:
  std::string readings(const ReadingsRequest& request);

  const core::Site& site_;
  const std::filesystem::path store_;
  std::unique_ptr<storage::Database> database_;
  std::unique_ptr<storage::History> history_;
  std::atomic<std::size_t> waiting_{0};
  async::Island island_{"archive"};  ///< last: its thread ends before the rest goes
};

}  // namespace hazgate::app
