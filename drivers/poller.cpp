#include "drivers/poller.hpp"

#include <algorithm>
#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/circular_buffer.hpp>
#include <boost/circular_buffer/space_optimized.hpp>
#include <utility>
#include <variant>

#include "async/event.hpp"
#include "drivers/device_poll.hpp"
#include "drivers/pdu.hpp"
#include "drivers/schedule.hpp"

namespace hazgate::modbus {
namespace {

using boost::system::error_code;
using std::chrono::microseconds;

constexpr milliseconds sweep_period{50};   ///< while a deadline may pass
constexpr milliseconds idle_period{1000};  ///< to see whether the link is still open
constexpr milliseconds busy_pause{100};
constexpr milliseconds usual_timeout{500};
/// A write is worth more tries than a poll: it comes once. Whoever looks can do so again.
constexpr int tries_of_a_write = 3, tries_of_a_look = 1;
constexpr std::size_t most_writes = 64, most_looks = 4;
/// Then the answers that have come meanwhile are read: who asks a thousand at once judges the last of them late.
constexpr std::size_t most_at_once = 256;
/// A link that says neither "open" nor what is wrong is still opening; so long polls wait for its word.
constexpr milliseconds opening_grace{2000};

/// What is done between two polls.
using Order = std::variant<Write, Look>;

/// Nobody waits for ever for what will not be done.
void give_up(Write& write) {
  if (const auto done = std::exchange(write.done, nullptr)) done(asio::error::operation_aborted);
}
void give_up(Look& look) {
  if (const auto done = std::exchange(look.done, nullptr)) done(asio::error::operation_aborted, {});
}

struct Device {
  explicit Device(DevicePlan plan) : poll(std::move(plan)) {}
  DevicePoll poll;
  Clock::time_point due;
  microseconds lateness{};
  Clock::time_point not_before = Clock::time_point::min();  ///< of its next request
  bool started = false;                                     ///< the poll under way has asked something
  bool parked = false;                                      ///< waits for not_before in the midst of a poll
  bool in_flight = false;                                   ///< a worker is talking to it
};

}  // namespace

struct Poller::Impl {
  Impl(asio::io_context& io, std::string id, std::unique_ptr<Link> l, std::vector<DevicePlan> plans, OnOutcome out);

  struct Worker {
    explicit Worker(asio::any_io_executor executor, std::size_t widest) : words(widest), wake(std::move(executor)) {}
    std::vector<std::uint16_t> words;
    async::Event wake;
  };

  asio::awaitable<void> work(Worker& me);
  asio::awaitable<void> poll(std::uint32_t number, Worker& me);
  asio::awaitable<void> obey(Order& order, Worker& me);
  asio::awaitable<void> perform(Write& write, Worker& me);
  asio::awaitable<void> perform(Look& look, Worker& me);
  asio::awaitable<error_code> insist(Request request, Device* device, int tries, Worker& me);
  void begin_request();
  void end_request();
  void tick(Clock::time_point at, bool hold);
  void want_attention();
  Clock::time_point now() const { return std::max(Clock::now(), last_tick); }
  template <class Kind>
  bool take(boost::circular_buffer_space_optimized<Kind>& orders, Kind order);
  template <class Kind>
  std::optional<Order> first_free(boost::circular_buffer_space_optimized<Kind>& orders);
  std::optional<Order> next_order();
  bool ordered() const { return !writes.empty() || !looks.empty(); }
  void one_worker_less();
  std::optional<std::uint32_t> next_device();
  bool opening() const;
  void queue_due(bool hold);
  void unpark();
  void park(Device& device);
  void wake_workers(void (async::Event::*how)() = &async::Event::notify);
  bool start_poll(std::uint32_t number);
  void finish_poll(std::uint32_t number);
  Device* device_of(std::uint8_t unit);

  std::string bus_id;
  std::vector<Device> devices;
  Schedule schedule{{}, {}};
  std::optional<Clock::time_point> first_tick;
  Clock::time_point last_tick = Clock::time_point::min();
  Clock::time_point unattended = Clock::time_point::min();
  Clock::time_point* wanted_tick = &unattended;  ///< the next tick; the ticker's as soon as there is one
  bool was_open = false;
  bool has_intervals = false;  ///< some device wants pauses between its requests
  std::size_t parked = 0, under_way = 0, in_flight = 0;
  std::vector<Schedule::Due> due;
  boost::circular_buffer<std::uint32_t> ready;
  // Of a thousand buses few ever have one.
  boost::circular_buffer_space_optimized<Write> writes{most_writes};
  boost::circular_buffer_space_optimized<Look> looks{most_looks};
  std::size_t working = 0;  ///< workers
  bool over = false;        ///< all workers have ended
  PollCounters counters;
  OnOutcome on_outcome;
  // Last, so that they go first: with them go the coroutines that still refer to what stands above.
  std::vector<std::unique_ptr<Worker>> workers;
  std::unique_ptr<Link> link;
};

Poller::Impl::Impl(asio::io_context& io, std::string id, std::unique_ptr<Link> l, std::vector<DevicePlan> plans,
                   OnOutcome out)
    : bus_id(std::move(id)), ready(plans.size()), on_outcome(std::move(out)), link(std::move(l)) {
  std::size_t widest = 1;
  for (DevicePlan& plan : plans) {
    has_intervals = has_intervals || plan.min_interval > milliseconds(0);
    devices.emplace_back(std::move(plan));
    widest = std::max<std::size_t>(widest, devices.back().poll.widest());
  }
  due.reserve(devices.size());
  for (std::size_t i = 0; i < link->max_in_flight(); ++i) {
    workers.push_back(std::make_unique<Worker>(io.get_executor(), widest));
  }
}

bool Poller::Impl::opening() const {
  return link->counters().opened == 0 && last_tick < first_tick.value_or(last_tick) + opening_grace &&
         !link->is_open() && link->trouble().empty();
}

void Poller::Impl::queue_due(bool hold) {
  due.clear();
  schedule.take(last_tick, hold, due);
  for (const Schedule::Due& d : due) {
    devices[d.device].due = d.at;
    devices[d.device].started = false;
    ready.push_back(d.device);
  }
  under_way += due.size();
}

void Poller::Impl::park(Device& device) {
  device.parked = true;
  ++parked;
}

void Poller::Impl::unpark() {
  if (parked == 0) return;
  for (std::uint32_t i = 0; i < devices.size(); ++i) {
    Device& device = devices[i];
    if (!device.parked || last_tick < device.not_before) continue;
    device.parked = false;
    --parked;
    ready.push_back(i);
  }
}

void Poller::Impl::wake_workers(void (async::Event::*how)()) {
  std::size_t wanted = ready.size() + writes.size() + looks.size();
  for (auto& worker : workers) {
    if (wanted == 0) return;
    if (!worker->wake.has_waiter()) continue;
    (worker->wake.*how)();
    --wanted;
  }
}

Device* Poller::Impl::device_of(std::uint8_t unit) {
  const auto found = std::ranges::find_if(devices, [=](const Device& d) { return d.poll.plan().unit == unit; });
  return found == devices.end() ? nullptr : &*found;
}

template <class Kind>
bool Poller::Impl::take(boost::circular_buffer_space_optimized<Kind>& orders, Kind order) {
  if (over || orders.full()) return false;
  orders.push_back(std::move(order));
  wake_workers();
  return true;
}

template <class Kind>
std::optional<Order> Poller::Impl::first_free(boost::circular_buffer_space_optimized<Kind>& orders) {
  const auto moment = now();
  const auto free = std::ranges::find_if(orders, [&](const Kind& order) {
    const Device* device = device_of(order.unit);
    return device == nullptr || (!device->in_flight && device->not_before <= moment);
  });
  if (free == orders.end()) return std::nullopt;
  std::optional<Order> order(std::move(*free));
  orders.erase(free);
  return order;
}

/// An alarm's horn waits behind nobody who is curious.
std::optional<Order> Poller::Impl::next_order() {
  auto order = first_free(writes);
  if (!order) order = first_free(looks);
  return order;
}

/// The first whose pause is over; the others are parked and come back with a tick.
std::optional<std::uint32_t> Poller::Impl::next_device() {
  const auto moment = now();
  for (std::size_t looked = ready.size(); looked > 0; --looked) {
    const std::uint32_t number = ready.front();
    ready.pop_front();
    Device& device = devices[number];
    if (device.in_flight) {  // a write to it is under way
      ready.push_back(number);
    } else if (moment < device.not_before) {
      park(device);
    } else {
      return number;
    }
  }
  return std::nullopt;
}

asio::awaitable<void> Poller::Impl::work(Worker& me) {
  bool obeyed = false;  // after each order one poll: an output that fails must not starve the sensors of its line
  try {
    for (;;) {
      auto order = obeyed && !ready.empty() ? std::nullopt : next_order();
      obeyed = order.has_value();
      if (order) {
        co_await obey(*order, me);
      } else if (const auto number = next_device()) {
        co_await poll(*number, me);
      } else {
        want_attention();  // what is parked, or waits for a pause to end, needs a tick soon
        if (!me.wake.consume()) co_await me.wake.next();
      }
    }
  } catch (...) {
    one_worker_less();
    throw;
  }
}

void Poller::Impl::one_worker_less() {
  if (--working > 0) return;
  over = true;  // first: who is told that his order is given up may give the next one
  for (auto& write : writes) give_up(write);
  for (auto& look : looks) give_up(look);
  writes.clear();
  looks.clear();
}

/// False when there is nothing to ask.
bool Poller::Impl::start_poll(std::uint32_t number) {
  Device& device = devices[number];
  device.started = true;
  device.lateness = std::chrono::duration_cast<microseconds>(now() - device.due);
  counters.worst_lateness = std::max(counters.worst_lateness, device.lateness);
  return device.poll.begin(schedule.failures(number) > 0);
}

void Poller::Impl::finish_poll(std::uint32_t number) {
  const Device& device = devices[number];
  const error_code error = device.poll.error();
  --under_way;
  ++counters.polls;
  if (!error) {
    schedule.answered(number);
  } else {
    ++counters.failed;
    if (recovery_for(error) == Recovery::reopen) {
      schedule.not_asked(number);
      was_open = false;  // it may be back before anybody looks, and then all is due at once
    } else {
      schedule.failed(number, now());
    }
  }
  on_outcome({.device = device.poll.plan().index,
              .error = error,
              .values = error ? std::span<const double>() : device.poll.values(),
              .detail = device.poll.detail(),
              .lateness = device.lateness,
              .first_after_loss = device.poll.first_after_loss()});
}

/// Asks until the poll is done, or until the device needs a pause: then the line is free for others meanwhile.
asio::awaitable<void> Poller::Impl::poll(std::uint32_t number, Worker& me) {
  Device& device = devices[number];
  auto next = DevicePoll::Next::ask;
  if (!device.started && !start_poll(number)) next = DevicePoll::Next::done;
  while (next != DevicePoll::Next::done) {
    const Request request = device.poll.request();
    device.in_flight = true;
    begin_request();
    const auto error = co_await link->transact(request, me.words, now() + device.poll.plan().timeout);
    end_request();
    device.in_flight = false;
    const auto moment = now();
    next = device.poll.answer(error, std::span(me.words).first(request.count));
    device.not_before = moment + device.poll.plan().min_interval;
    if (next == DevicePoll::Next::done) break;
    if (next == DevicePoll::Next::ask_later) device.not_before = std::max(device.not_before, moment + busy_pause);
    if (device.not_before > moment) {
      park(device);
      co_return;
    }
    if (ordered()) {
      ready.push_front(number);
      co_return;
    }
  }
  finish_poll(number);
}

void Poller::Impl::begin_request() {
  if (in_flight++ == 0) *wanted_tick = std::min(*wanted_tick, last_tick + sweep_period);
}

void Poller::Impl::end_request() {
  if (--in_flight == 0) want_attention();
}

asio::awaitable<error_code> Poller::Impl::insist(Request request, Device* device, int tries, Worker& me) {
  const auto timeout = device != nullptr ? device->poll.plan().timeout : usual_timeout;
  const auto interval = device != nullptr ? device->poll.plan().min_interval : milliseconds(0);
  asio::steady_timer pause(co_await asio::this_coro::executor);
  error_code error;
  for (; tries > 0; --tries) {
    begin_request();
    error = co_await link->transact(request, me.words, now() + timeout);
    end_request();
    const bool busy = error == modbus_errc::acknowledge || error == modbus_errc::device_busy;
    const auto wait = busy ? std::max(interval, busy_pause) : interval;
    if (wait > milliseconds(0)) {
      pause.expires_after(wait);
      co_await pause.async_wait(asio::use_awaitable);
    }
    if (!error || recovery_for(error) != Recovery::retry) break;
  }
  co_return error;
}

asio::awaitable<void> Poller::Impl::obey(Order& order, Worker& me) {
  try {
    if (auto* write = std::get_if<Write>(&order)) {
      co_await perform(*write, me);
    } else {
      co_await perform(std::get<Look>(order), me);
    }
  } catch (...) {
    std::visit([](auto& kind) { give_up(kind); }, order);
    throw;
  }
}

asio::awaitable<void> Poller::Impl::perform(Write& write, Worker& me) {
  Device* device = device_of(write.unit);
  if (device != nullptr) device->in_flight = true;
  const bool coil = write.table == Table::coil;
  const auto wanted = static_cast<std::uint16_t>(coil ? (write.value != 0 ? 1 : 0) : write.value);
  Request request{.unit = write.unit,
                  .function = coil ? Function::write_coil : Function::write_register,
                  .address = write.address,
                  .count = 1,
                  .value = wanted};
  error_code error = co_await insist(request, device, tries_of_a_write, me);
  if (!error) {
    request.function = read_function(write.table);
    error = co_await insist(request, device, tries_of_a_write, me);
    if (!error && me.words[0] != wanted) error = modbus_errc::write_not_kept;
  }
  if (device != nullptr) device->in_flight = false;
  if (const auto done = std::exchange(write.done, nullptr)) done(error);
}

asio::awaitable<void> Poller::Impl::perform(Look& look, Worker& me) {
  Device* device = device_of(look.unit);
  if (device != nullptr) device->in_flight = true;
  me.words.resize(std::max<std::size_t>(me.words.size(), look.count));
  const Request request{
      .unit = look.unit, .function = read_function(look.table), .address = look.address, .count = look.count};
  const error_code error = co_await insist(request, device, tries_of_a_look, me);
  if (device != nullptr) device->in_flight = false;
  if (const auto done = std::exchange(look.done, nullptr)) done(error, std::span(me.words).first(look.count));
}

/// A thousand buses are mostly idle, and each look at one costs as much as a part of its poll: they are looked at when
/// something is due, and only while something can go wrong more often.
void Poller::Impl::want_attention() {
  const bool open = link->is_open();
  const bool soon = parked > 0 || ordered() || (has_intervals && under_way > 0) || (!open && opening());
  if (soon) {
    *wanted_tick = last_tick + tick_length;
  } else if (in_flight > 0 || !open) {
    *wanted_tick = std::min(schedule.next(), last_tick + sweep_period);
  } else {
    *wanted_tick = std::min(schedule.next(), last_tick + idle_period);
  }
}

void Poller::Impl::tick(Clock::time_point at, bool hold) {
  last_tick = at;
  if (!first_tick) {
    first_tick = at;
    std::vector<Timing> timings;
    for (const Device& d : devices) timings.push_back({.index = d.poll.plan().index, .period = d.poll.plan().period});
    schedule = Schedule(timings, at);
  }
  link->sweep(at);
  const bool open = link->is_open();
  if (open && !was_open) schedule.all_due(at);
  was_open = open;
  if (open || !opening()) {
    queue_due(hold);
    unpark();
    wake_workers(&async::Event::notify_now);  // what they ask goes out within this tick; they end nothing of ours
  }
  want_attention();
}

Poller::Poller(asio::io_context& io, std::string bus_id, std::unique_ptr<Link> link, std::vector<DevicePlan> devices,
               OnOutcome on_outcome)
    : impl_(std::make_unique<Impl>(io, std::move(bus_id), std::move(link), std::move(devices), std::move(on_outcome))) {
}
Poller::~Poller() = default;

void Poller::start(async::TaskGroup& group) {
  group.start(impl_->bus_id, impl_->link->run());
  impl_->working = impl_->workers.size();
  for (auto& worker : impl_->workers) group.start(impl_->bus_id, impl_->work(*worker));
}

void Poller::tick(Clock::time_point now, bool hold) { impl_->tick(now, hold); }

void Poller::attend(Clock::time_point& wanted) { impl_->wanted_tick = &wanted; }

bool Poller::write(Write write) { return impl_->take(impl_->writes, std::move(write)); }
bool Poller::look(Look look) { return impl_->take(impl_->looks, std::move(look)); }

const std::string& Poller::bus_id() const { return impl_->bus_id; }
const Link& Poller::link() const { return *impl_->link; }

const PollCounters& Poller::counters() const {
  impl_->counters.skipped = impl_->schedule.counts().skipped;
  impl_->counters.held_back = impl_->schedule.counts().held_back;
  return impl_->counters;
}

bool Poller::answering(std::uint32_t device_index) const {
  const auto found =
      std::ranges::find_if(impl_->devices, [=](const Device& d) { return d.poll.plan().index == device_index; });
  return found != impl_->devices.end() && found->poll.answering();
}

Ticker::Ticker(std::span<const std::unique_ptr<Poller>> pollers)
    : pollers_(pollers), wanted_(pollers.size(), Clock::time_point::min()) {
  for (std::size_t i = 0; i < pollers.size(); ++i) pollers[i]->attend(wanted_[i]);
}

asio::awaitable<void> Ticker::run(std::function<bool()> hold) {
  const auto executor = co_await asio::this_coro::executor;
  asio::steady_timer timer(executor);
  for (auto at = Clock::now();;) {
    const bool held = hold && hold();
    std::size_t ticked = 0;
    for (std::size_t i = 0; i < pollers_.size(); ++i) {
      if (wanted_[i] > at) continue;
      pollers_[i]->tick(at, held);
      if (++ticked % most_at_once == 0) co_await asio::post(executor, asio::use_awaitable);
    }
    // Ticks lie on one grid; those that a stalled machine has missed are left out.
    at += (std::max<Clock::duration>(Clock::now() - at, Clock::duration(0)) / tick_length + 1) * tick_length;
    timer.expires_at(at);
    co_await timer.async_wait(asio::use_awaitable);
  }
}

}  // namespace hazgate::modbus
