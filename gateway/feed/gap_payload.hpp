// Pure: the gap message: what was not measured, or is only there as minute means, and why.
#pragma once

#include <string>

#include "core/gap.hpp"
#include "core/site.hpp"
#include "feed/alarm_text.hpp"

namespace hazgate::feed {

/// hazgate/1/<site>/<enterprise>/<workplace>/gap
std::string gap_topic(const core::Site& site, core::WorkplaceIndex workplace);
Phrase gap_text(const core::Site& site, const core::Gap& gap);
/// `gap.workplace` is set.
std::string gap_message(const core::Site& site, const core::Gap& gap, std::uint64_t seq, core::Timestamp sent_at);

}  // namespace hazgate::feed
