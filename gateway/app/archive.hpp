// The archive: questions about the past, answered on a thread and a connection of its own, so that neither the loop nor
// the writer waits for them.
#pragma once

#include <atomic>
#include <filesystem>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <type_traits>

#include "app/history_request.hpp"
#include "async/island.hpp"
#include "core/site.hpp"
#include "storage/alarms.hpp"
#include "storage/assessments.hpp"
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
  storage::Assessments assessments;
};

class Archive {
 public:
  /// The store exists; it is opened with the first question. `site` must outlive this.
  Archive(const core::Site& site, std::filesystem::path store) : site_(site), store_(std::move(store)) {}

  /// Too many questions wait, or none is answered any more.
  struct Busy {};
  /// From any thread, before a stop: what waits is given up, and what is under way is broken off.
  void cancel();
  /// When it returns nothing that was asked before is under way any more.
  void settle();
  /// Gives what `look(Past&)` gives, which runs on the archive's thread. Throws Busy at once beyond `most_waiting`;
  /// what `look` throws crosses.
  template <class Look>
  async::asio::awaitable<std::invoke_result_t<Look, Past&>> look_up(Look look) {
    if (waiting_ >= most_waiting || cancelled_) throw Busy{};
    ++waiting_;
    auto there = [this, look = std::move(look)]() mutable {
      const Answered answered(*this);
      if (cancelled_) throw Busy{};
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
      open();
      return look(*past_);
    } catch (const storage::StoreError&) {
      close();  // a store that was set aside is opened anew
      throw;
    }
  }
  void open();
  void close();
  std::string readings(const ReadingsRequest& request);

  const core::Site& site_;
  const std::filesystem::path store_;
  std::optional<Past> past_;
  std::mutex interrupting_;  ///< past_ comes and goes while nobody breaks it off
  std::atomic<bool> cancelled_{false};
  std::atomic<std::size_t> waiting_{0};
  async::Island island_{"archive"};  ///< last: its thread ends before the rest goes
};

}  // namespace hazgate::app
