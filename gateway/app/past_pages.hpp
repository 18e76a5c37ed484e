// What page and API ask of the past, as JSON out of the store. Pure but for the store: on the archive's thread.
#pragma once

#include "app/archive.hpp"
#include "app/live_board.hpp"
#include "settings/settings.hpp"
#include "web/api.hpp"

namespace hazgate::app {

class PastPages {
 public:
  /// Outlives this.
  explicit PastPages(const settings::Settings& settings) : settings_(settings), site_(settings.site) {}

  web::Answer alarms(Past& past, Eyes eyes, const web::AlarmsQuery& query) const;
  /// One alarm and the newest that became of it.
  web::Answer alarm(Past& past, Eyes eyes, const std::string& id) const;
  web::Answer readings(Past& past, Eyes eyes, const web::ReadingsQuery& query) const;
  web::Answer exposures(Past& past, Eyes eyes, const web::ExposuresQuery& query, core::Timestamp now) const;
  web::Answer gaps(Past& past, Eyes eyes, const web::GapsQuery& query, core::Timestamp now) const;
  /// The chains and their newest heads.
  web::Answer ledger(Past& past, Eyes eyes, const std::string& key_id) const;

  /// The number of an alarm of this gateway; none for what is no id of one.
  std::optional<std::uint64_t> alarm_number(std::string_view id) const;
  std::optional<core::PointIndex> point(Eyes eyes, std::string_view id) const;
  /// Whether the words name an enterprise, workplace and point that these eyes may see; "" always.
  bool knows(Eyes eyes, std::string_view enterprise, std::string_view workplace, std::string_view point) const;

  static constexpr std::size_t most_exposures = 2000, most_gaps = 500;
  static constexpr std::int32_t most_days = 31;

 private:
  bool sees(Eyes eyes, core::WorkplaceIndex workplace) const {
    return !eyes || site_.workplaces[core::at(workplace)].enterprise == *eyes;
  }
  std::string enterprise_word(Eyes eyes, const std::string& asked) const {
    return eyes ? site_.enterprises.at(core::at(*eyes)).id : asked;
  }
  std::int32_t local_day(core::Timestamp at) const;
  void forget_others(Past& past, core::EnterpriseIndex eyes, core::PointIndex point, core::Timestamp from,
                     storage::Series& series) const;

  const settings::Settings& settings_;
  const core::Site& site_;
};

/// With the enterprise and workplace that a message has around it.
void append_exposure_with_place(feed::JsonWriter& json, const core::Site& site, const core::Exposure& exposure);

}  // namespace hazgate::app
