// A running gateway: its pieces in the order in which they need each other. What happens to it stands in three files:
// from start to end (gateway.cpp), what comes in and goes out (gateway_events.cpp), and how it stands
// (gateway_status.cpp).
#pragma once

#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <mutex>
#include <thread>

#include "app/archive.hpp"
#include "app/gateway.hpp"
#include "app/ingest.hpp"
#include "app/keeper.hpp"
#include "app/lateness.hpp"
#include "app/output_driver.hpp"
#include "app/requests.hpp"
#include "app/system_watch.hpp"
#include "app/wall_clock.hpp"
#include "app/web_desk.hpp"
#include "app/writer.hpp"
#include "async/task_group.hpp"
#include "core/alarm_figures.hpp"
#include "drivers/poller.hpp"
#include "storage/file_lock.hpp"

namespace hazgate::app {

namespace asio = boost::asio;
using std::chrono::steady_clock;

/// What outlives a reload: subscribers shall not notice it, and the last lines tell of the whole run.
struct Carried {
  std::shared_ptr<storage::FileLock> lock;  ///< of the store: nobody else gets it between two configurations
  std::unique_ptr<feed::MqttFeed> feed;
  feed::MqttOptions options;
  std::shared_ptr<const web::Page> page;  ///< its files, packed once
  std::optional<steady_clock::time_point> reloading_since;
  Summary total;
};

/// The pieces of a running gateway, in the order in which they need each other.
class Gateway {
 public:
  Gateway(settings::Settings settings, RunOptions options, Carried& carried);
  ~Gateway() { writer_.detach(); }  ///< before the feed goes
  Gateway(const Gateway&) = delete;
  Gateway& operator=(const Gateway&) = delete;
  Summary run();
  /// What comes after it; none: the end.
  std::optional<settings::Settings> take_next() { return std::exchange(next_, std::nullopt); }

 private:
  void read_again();
  void on_new_settings(boost::system::result<settings::Settings, settings::Problems> loaded);
  void refuse_reload(const std::string& why);
  void record_rules();
  void forget_what_was_handed_on();
  void build_pollers();
  void start_feed();
  void start_web();
  void make_web();
  /// Trouble of the page is no trouble of who watches people.
  template <class Work>
  void with_page(Work work) {
    try {
      if (web_) work(*web_);
    } catch (const std::exception& e) {
      page_trouble(e.what());
    }
  }
  static void page_trouble(const char* why);
  void on_outcome(const modbus::Outcome& outcome);
  void after_alarms(std::size_t from = 0, std::vector<feed::Reply> replies = {}, std::function<void()> on_disk = {});
  core::Monitor::Answer act(core::PersonInput input, std::function<void()> on_disk);
  void on_request(const feed::Request& request);
  void take_input(core::AlarmInput input);
  void watch_system();
  asio::awaitable<void> look_at_duties();
  void tell_output(std::size_t output, const std::string& why);
  void commit(std::vector<feed::Reply> replies = {}, std::function<void()> on_disk = {});
  void arm_commit();
  void once_a_second();
  void log_changes();
  feed::Status status() const;
  std::string broker_state();
  std::string metrics();
  void say_goodbye();
  Summary summary() const;

  settings::Settings settings_;  ///< first: all that follows refers to it
  RunOptions options_;
  Carried& carried_;
  std::optional<settings::Settings> next_;  ///< of a reload
  steady_clock::time_point started_ = steady_clock::now();
  asio::io_context io_{1};
  // From the very beginning: what comes while the rest is built is not lost.
  asio::signal_set signals_{io_, SIGINT, SIGTERM}, hangup_{io_, SIGHUP};
  WallClock clock_{system_now(), started_};
  Writer writer_;
  Ingest ingest_;
  // Before the pollers, whose last words it hears.
  OutputDriver outputs_{settings_, pollers_, [this](auto output, const auto& why) { tell_output(output, why); }};
  std::unique_ptr<feed::MqttFeed> feed_;
  std::optional<Archive> archive_;  ///< goes before the feed
  std::optional<Requests> requests_;
  std::optional<modbus::Ticker> ticker_;  ///< outlives the pollers, which write into it
  std::vector<std::unique_ptr<modbus::Poller>> pollers_;
  std::optional<Keeper> keeper_;  ///< goes before the writer
  std::unique_ptr<WebDesk> web_;  ///< goes before the archive
  async::TaskGroup group_{io_};
  asio::steady_timer commit_timer_{io_}, second_timer_{io_};
  core::Batch batch_;
  Lateness lateness_;
  std::vector<std::optional<bool>> bus_open_;  ///< as last logged
  std::vector<bool> device_answers_;
  std::vector<std::uint64_t> device_failures_;  ///< polls
  std::vector<std::uint8_t> units_;             ///< of each device
  SystemWatch system_watch_;
  core::AlarmFigures figures_;
  std::string clock_why_;                       ///< asked of the kernel once a minute
  std::optional<core::OverdueDuties> overdue_;  ///< as the record says every ten minutes
  std::mutex broker_lock_;
  std::optional<std::string> broker_why_;  ///< told on the feed's thread
  std::string store_state_ = "ok", clock_state_ = "ok";
  std::uint64_t alarms_raised_ = 0, seconds_ = 0;
  bool status_changed_ = false;  ///< published with the next second
  std::jthread reader_;          ///< of a changed configuration: a large one takes a while
};

}  // namespace hazgate::app
