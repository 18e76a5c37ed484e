// Gaps, for ever, and when the gateway was last at work: what is not measured is on record as what is.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/gap.hpp"
#include "core/site.hpp"
#include "storage/database.hpp"

namespace hazgate::storage {

class Gaps {
 public:
  /// `site` must outlive this.
  Gaps(Database& database, const core::Site& site);
  ~Gaps();

  /// Inside the caller's transaction. One that lasts is remembered until it is over; false when that is known already.
  bool save(const core::Gap& gap);
  /// Those that overlap [from, to], also those that last; oldest first, at most `limit`. Of workplaces that the site
  /// has, and of the site as a whole.
  std::vector<core::Gap> between(core::Timestamp from, core::Timestamp to, std::size_t limit);
  /// Those that last, of devices and workplaces that the site has.
  std::vector<core::Gap> open();
  /// Those that last of devices that the site no longer has, at workplaces that it has: nobody else ends them.
  std::vector<core::Gap> left_behind();

  /// Inside the caller's transaction: the gateway is at work.
  void seen(core::Timestamp now);
  /// Inside the caller's transaction: somebody stops it.
  void stopped(core::Timestamp now, const std::string& why);
  struct Life {
    core::Timestamp seen;
    std::string stopped;  ///< empty: it was killed, or the power went
  };
  std::optional<Life> last_life();  ///< none in a new file

 private:
  std::vector<core::Gap> all_open();
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace hazgate::storage
