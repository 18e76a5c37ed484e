// What a replay tells: each change of an alarm as it comes, and the records of the shifts out of its store.
#pragma once

#include <filesystem>
#include <string>

#include "core/alarm.hpp"
#include "core/site.hpp"

namespace hazgate::app {

/// When (on the site's clocks), level, what was judged (a Basis), by which kind of limit, and of which point or device;
/// at its end "returned". Below it the texts, the site's own language first.
///   2025-04-07 15:36:25  exceed    twa            PC-TWA    dust.pm_a
std::string alarm_report(const core::Site& site, const core::Alarm& alarm);

/// A table with one line a point and shift, of all shifts in the store; empty where there is none. Throws StoreError.
std::string record_report(const std::filesystem::path& store, const core::Site& site);

}  // namespace hazgate::app
