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

/// Which gaps: those that overlap [from, to], also those that last.
struct GapFilter {
  core::Timestamp from, to;
  std::size_t limit = 100;
  /// Empty: any. What holds for the whole site holds for each of them.
  std::string enterprise = {}, workplace = {};
};
struct StoredGap {
  core::Gap gap;
  std::string enterprise;  ///< whose the workplace was; empty: of the whole site
};
struct GapPage {
  std::vector<StoredGap> gaps;  ///< the newest, oldest first
  bool more = false;            ///< there are older ones
};

class Gaps {
 public:
  /// `site` must outlive this.
  Gaps(Database& database, const core::Site& site);
  ~Gaps();

  /// Inside the caller's transaction. One that lasts is remembered until it is over; false when that is known already.
  bool save(const core::Gap& gap);
  /// Of workplaces that the site has, and of the site as a whole.
  GapPage between(const GapFilter& filter);
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
