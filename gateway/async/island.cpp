#include "async/island.hpp"

#include <pthread.h>

namespace hazgate::async {

Island::Island(const std::string& name)
    : guard_(asio::make_work_guard(context_)), thread_([this, name = name.substr(0, 15)] {
        pthread_setname_np(pthread_self(), name.c_str());
        context_.run();
      }) {}

Island::~Island() { guard_.reset(); }

}  // namespace hazgate::async
