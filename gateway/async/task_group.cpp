#include "async/task_group.hpp"

#include <boost/asio/post.hpp>
#include <boost/system/system_error.hpp>

namespace hazgate::async {

void TaskGroup::start(std::string name, asio::awaitable<void> task) {
  if (stopping()) return;
  auto place = tasks_.emplace(tasks_.end());
  place->name = std::move(name);
  asio::co_spawn(io_, std::move(task),
                 asio::bind_cancellation_slot(place->signal.slot(),
                                              [this, place](std::exception_ptr error) { ended(place, error); }));
}

void TaskGroup::stop(std::string reason) {
  if (stopping()) return;
  reason_ = std::move(reason);
  if (tasks_.empty()) {
    if (on_empty) on_empty();
    return;
  }
  // Posted: emitting inside a task's own stack would cancel the coroutine that is running.
  asio::post(io_, [this] {
    for (auto task = tasks_.begin(); task != tasks_.end();) {
      auto& signal = task++->signal;  // a step ahead: the task may leave the list as it is cancelled
      signal.emit(asio::cancellation_type::terminal);
    }
  });
}

void TaskGroup::ended(std::list<Task>::iterator task, std::exception_ptr error) {
  std::string name = std::move(task->name);
  tasks_.erase(task);
  if (error && !stopping()) {
    failure_ = error;
    std::string why = name + " failed";
    try {
      std::rethrow_exception(error);
    } catch (const std::exception& e) {
      why = name + ": " + e.what();
    } catch (...) {  // not an exception of the library: the name must do
    }
    stop(std::move(why));
    return;
  }
  if (stopping() && tasks_.empty() && on_empty) on_empty();
}

}  // namespace hazgate::async
