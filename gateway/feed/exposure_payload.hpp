// Pure: the exposure message, the figures of a workplace's points over their shifts.
#pragma once

#include <span>
#include <string>

#include "core/exposure.hpp"
#include "core/site.hpp"
#include "feed/json_text.hpp"

namespace hazgate::feed {

/// hazgate/1/<site>/<enterprise>/<workplace>/exposure
std::string exposure_topic(const core::Site& site, core::WorkplaceIndex workplace);

/// Records of points of one workplace. Each says which shift it belongs to: the topic holds one retained message, and
/// of two shifts that overlap neither may take the other's place. Concentrations, levels (lex_8h_so_far, laeq, …) and
/// impulse noise (max, impulses) have names of their own: those of another kind are absent, one's own are null without
/// a figure. Six significant digits, and more where a figure would be carried to the other side of its limit.
std::string exposure_message(const core::Site& site, core::WorkplaceIndex workplace,
                             std::span<const core::Exposure> exposures, std::uint64_t seq, core::Timestamp sent_at);

/// The record with its figures as message, page and report tell them: six significant digits, and more where one would
/// be carried to the other side of what it was judged by. Its times stay as they are.
core::Exposure as_told(core::Exposure exposure, const core::Agent* agent);

/// The members of one record, without what belongs to a message: for whoever shows or answers with one.
void append_exposure(JsonWriter& json, const core::Site& site, const core::Exposure& e);

}  // namespace hazgate::feed
