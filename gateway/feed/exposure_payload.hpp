// Pure: the exposure message, the figures of a workplace's points over their shifts.
#pragma once

#include <span>
#include <string>

#include "core/exposure.hpp"
#include "core/site.hpp"

namespace hazgate::feed {

/// hazgate/1/<site>/<enterprise>/<workplace>/exposure
std::string exposure_topic(const core::Site& site, core::WorkplaceIndex workplace);

/// Records of points of one workplace. Each says which shift it belongs to, because shifts may overlap. For noise the
/// figures go by their own names (lex_8h_so_far, laeq, …); what does not apply is null.
std::string exposure_message(const core::Site& site, core::WorkplaceIndex workplace,
                             std::span<const core::Exposure> exposures, std::uint64_t seq, core::Timestamp sent_at);

}  // namespace hazgate::feed
