// Minute means: what goes out when the outbox has reached its size. Minute means per point instead of each reading;
// alarms are never thinned, and the store keeps every reading all the same.
#pragma once

#include <cstdint>
#include <vector>

#include "core/batch.hpp"
#include "core/site.hpp"

namespace hazgate::core {

class MinuteMeans {
 public:
  explicit MinuteMeans(const Site& site);

  void add(const Frame& frame, const Sample* samples);
  bool empty() const { return !minute_started_; }
  /// Is the minute that is being gathered over at `now`?
  bool due(Timestamp now) const;
  /// The means of the minute, one reading a point that had any, stamped with the minute's end; starts a new minute.
  /// Flag T when any reading was over range (the mean is "at least" then), N when any entered the mean, otherwise the
  /// last flag seen, without a value.
  /// Levels in dB are averaged by energy.
  std::vector<Reading> take();

 private:
  struct Sum {
    double sum = 0;
    std::uint32_t count = 0;
    Flag last = Flag::normal;
    bool seen = false, over_range = false;
  };
  const Site* site_;  ///< outlives this
  std::vector<Sum> sums_;
  bool minute_started_ = false;
  Timestamp minute_end_{};
};

}  // namespace hazgate::core
