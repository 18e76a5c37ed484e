// What persons ask for over MQTT: {"op":"alarm","id":"gw-01-12","action":"acknowledge","by":"Li Wei","note":"…"}.
#pragma once

#include <boost/system/result.hpp>
#include <string>
#include <string_view>

#include "core/alarm_input.hpp"
#include "core/site.hpp"
#include "feed/alarm_text.hpp"

namespace hazgate::app {

/// Why a request is none, for its sender: a stable word, and two languages.
struct BadRequest {
  std::string code;
  feed::Phrase text;
};

/// Members: "op":"alarm"; "id", or "point", "device", "bus", "output" or "part" (the alarm that it has, or will have);
/// "action"; "by"; and optionally "note", "verdict", "minutes" (of a shelf) and "revision". `user` is who the broker
/// says has asked, or empty: then `by` may be left out, and may not name anybody else.
boost::system::result<core::PersonInput, BadRequest> parse_alarm_request(const core::Site& site, std::string_view json,
                                                                         std::string_view user);

}  // namespace hazgate::app
