// The archive: questions about the past, answered on a thread and a connection of its own, so that neither the loop nor
// the writer waits for them.
#pragma once

#include <atomic>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <type_traits>

#include "app/history_request.hpp"
#include "async/island.hpp"
#include "core/site.hpp"
#include "storage/alarms.hpp"
#include "storage/exposures.hpp"
#include "storage/gaps.hpp"
#include "storage/history.hpp"
#include "storage/ledger.hpp"

namespace hazgate::app {

/// What the past is read from; on the archive's thread.
struct Past {
  Past(const std::filesystem::path& store, const core::Site& site);
  storage::Database database;
  storage::History history;
  storage::Alarms alarms;
  storage::Exposures exposures;
  storage::Ledger ledger;
  storage::Gaps gaps;
};

class Archive {
 public:
  /// The store exists; it is opened with the first question. `site` must outlive this.
  Archive(const core::Site& site, std::filesystem::path store) : site_(site), store_(std::move(store)) {}

  /// Too many questions wait.
  struct Busy {};
  /// Gives what `look(Past&)` gives, which runs on the archive's thread. Throws Busy at once beyond `most_waiting`;
  /// what `look` throws crosses.
  template <class Look>
  async::asio::awaitable<std::invoke_result_t<Look, Past&>> look_up(Look look) {
    if (waiting_ >= most_waiting) throw Busy{};
    ++waiting_;
    auto there = [this, look = std::move(look)]() mutable {
      const Answered answered(*this);
      return read(look);
    };
    co_return co_await async::on(island_, std::move(there));
  }

  /// From any thread. `answer` gets JSON, on the archive's thread. Questions wait for each other; beyond `most_waiting`
  /// they are refused at once, with the reason.
  void ask(const ReadingsRequest& request, std::function<void(std::string)> answer);

  static constexpr std::size_t most_waiting = 64, readings_a_page = 1000;

 private:
  struct Answered {
    explicit Answered(Archive& archive) : archive_(archive) {}
    ~Answered() { --archive_.waiting_; }
    Answered(const Answered&) = delete;
    Answered& operator=(const Answered&) = delete;
    Archive& archive_;
  };
  template <class Look>
  auto read(Look& look) {
    try {
      if (!past_) past_.emplace(store_, site_);
      return look(*past_);
    } catch (const storage::StoreError&) {
      past_.reset();  // a store that was set aside is opened anew
      throw;
    }
  }
  std::string readings(const ReadingsRequest& request);

  const core::Site& site_;
  const std::filesystem::path store_;
  std::optional<Past> past_;
  std::atomic<std::size_t> waiting_{0};
  async::Island island_{"archive"};  ///< last: its thread ends before the rest goes
};

}  // namespace hazgate::app
