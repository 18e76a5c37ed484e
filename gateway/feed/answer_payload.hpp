// Pure: answers to requests, version 1: {"v":1,"ok":true,…} or {"v":1,"ok":false,"error":{"code","zh","en"},…}.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "core/alarm_life.hpp"
#include "core/site.hpp"
#include "feed/alarm_text.hpp"

namespace hazgate::feed {

/// Why an action is not done, for the person who asked.
Phrase refusal_text(core::Refusal refusal);
/// To {"op":"alarm"}: the alarm as it stands now, whether or not the action was done.
std::string action_answer(const core::Site& site, core::Refusal refusal, const std::optional<core::Alarm>& alarm);
/// To what is no request of ours.
std::string error_answer(std::string_view code, const Phrase& text);

}  // namespace hazgate::feed
