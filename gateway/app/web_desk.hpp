// The page's side of the gateway: what web::Api asks for, out of the running gateway, its store and its accounts, and
// what browsers that watch are told.
#pragma once

#include <atomic>
#include <boost/asio/steady_timer.hpp>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "app/account_desk.hpp"
#include "app/archive.hpp"
#include "app/ingest.hpp"
#include "app/live_board.hpp"
#include "app/past_pages.hpp"
#include "app/record_desk.hpp"
#include "app/writer.hpp"
#include "async/task_group.hpp"
#include "core/monitor.hpp"
#include "drivers/poller.hpp"
#include "feed/payload.hpp"
#include "settings/settings.hpp"
#include "web/rate.hpp"
#include "web/server.hpp"

namespace hazgate::app {

/// What the page asks of the running gateway; all on the loop's thread.
struct GatewayView {
  /// Does what a person wants with an alarm; `on_disk` is called on another thread when that is so.
  std::function<core::Monitor::Answer(core::PersonInput, std::function<void()> on_disk)> act;
  std::function<feed::Status()> status;
  std::function<std::string()> broker;  ///< "ok", "none", or why there is no connection
  std::function<double()> lateness_p99_ms;
  /// Reads registers of a device between two polls; false when too many wait.
  std::function<bool(core::DeviceIndex, modbus::Table, std::uint16_t first, std::uint16_t count,
                     std::function<void(boost::system::error_code, std::span<const std::uint16_t>)>)>
      look;
  std::function<std::string()> metrics;
};

class WebDesk {
 public:
  /// Reads the page and listens; throws std::runtime_error where it cannot. All outlive this. `settings` still has its
  /// profiles and points.
  WebDesk(async::asio::io_context& io, const settings::Settings& settings, const std::filesystem::path& config,
          Ingest& ingest, Writer& writer, Archive& archive, std::shared_ptr<const web::Page> page, GatewayView view);
  ~WebDesk();

  void start(async::TaskGroup& group);
  /// One poll as it was judged.
  void on_frame(core::DeviceIndex device, core::Timestamp at, std::span<const core::Sample> samples) {
    board_.on_frame(device, at, samples);
  }
  void on_exposure(const core::Exposure& exposure) { board_.on_exposure(exposure); }
  /// Alarms that are on their way to the disk: shown when they are there, or (a disk that fails must hide nothing) a
  /// second later.
  void on_alarms(std::span<const core::Alarm> alarms);
  void alarms_on_disk();
  /// An alarm that stands since before the start.
  void standing(const core::Alarm& alarm) { board_.on_alarm(alarm); }
  void once_a_second(core::Timestamp now);
  const AccountDesk& accounts() const { return accounts_; }
  std::uint16_t port() const { return server_->port(); }
  const web::ServerCounters& counters() const { return server_->counters(); }
  const web::Live& live() const { return live_; }

 private:
  struct Waiting {
    std::vector<core::Alarm> alarms;
    std::chrono::steady_clock::time_point since;
  };
  void show(const Waiting& waiting);
  void push(core::Timestamp now);
  void push_soon();
  void make_documents();
  void fill_api();
  void fill_accounts();
  void fill_past();
  void fill_records();
  Eyes eyes(const web::Viewer& viewer) const;
  web::Answer site(const web::Viewer& viewer);
  static const web::Document& packed(web::Document& document);
  web::Answer point(const web::Viewer& viewer, const std::string& id) const;
  web::Answer devices(const web::Viewer& viewer) const;
  std::string status_json() const;
  web::Answer open_alarms(const web::Viewer& viewer, const web::AlarmsQuery& query) const;
  web::Later<web::Answer> act(web::Viewer viewer, web::ActionForm form);
  web::Later<web::Answer> exceedances(web::Viewer viewer, web::RecordsQuery query);
  web::Later<web::Answer> verify(web::Viewer viewer, std::string enterprise);
  web::Later<web::Answer> config_answer(web::Viewer viewer);
  web::Later<web::Answer> registers(web::RegistersQuery query);
  class Ticket;
  template <class Look>
  web::Later<web::Answer> look_up(Archive& where, web::Viewer viewer, Look look);
  template <class Look>
  web::Later<web::Answer> look_up(web::Viewer viewer, Look look);
  template <class Write>
  web::Later<web::Answer> write(web::Viewer viewer, Write write);
  web::Later<web::Answer> report(web::Viewer viewer, web::ReportQuery query);
  web::Later<web::Answer> alarms(web::Viewer viewer, web::AlarmsQuery query);
  web::Later<web::Answer> readings(web::Viewer viewer, web::ReadingsQuery query);
  web::Later<void> until_stopped();
  bool knows(const web::Viewer& viewer, const web::ActionForm& form) const;

  async::asio::io_context& io_;
  const settings::Settings& settings_;
  const std::filesystem::path config_;
  Ingest& ingest_;
  Writer& writer_;
  Archive& archive_;
  const GatewayView view_;
  LiveBoard board_;
  PastPages pages_;
  RecordSource records_;
  RecordPages record_pages_;
  RecordDesk record_desk_;
  AccountDesk accounts_;
  std::shared_ptr<const web::Page> page_;
  web::Api api_;
  web::Routes routes_;
  web::Live live_;
  struct Prepared {
    web::Document whole, for_regulator;
    std::vector<web::Document> of_enterprise;
  } prepared_;  ///< the site, packed once
  std::vector<std::string> point_json_;
  mutable std::optional<std::pair<std::chrono::steady_clock::time_point, web::Bytes>> overview_;  ///< of all, lately
  std::deque<Waiting> waiting_;
  std::string config_text_;  ///< of what runs
  unsigned seconds_ = 0;
  bool verifying_ = false;
  std::atomic<bool> stop_asking_{false};
  static constexpr std::size_t most_questions_a_user = 4;
  std::map<std::string, std::size_t> under_way_;                    ///< questions, by user
  web::RateLimit acts_{5, 30}, verifies_{0.1, 2}, entries_{5, 50};  ///< by user
  async::asio::steady_timer push_timer_;
  std::chrono::steady_clock::time_point pushed_at_{};
  bool push_armed_ = false;
  std::unique_ptr<web::Server> server_;
  Archive reporter_;                      ///< for reports, behind which no other question waits
  async::Island inspector_{"inspector"};  ///< for what takes seconds; last: its thread ends before the rest goes
};

web::ServerOptions server_options(const settings::HttpSettings& http);
/// Beside the program, or in the installed share folder. Throws std::runtime_error with the remedy.
std::filesystem::path page_folder();

}  // namespace hazgate::app
