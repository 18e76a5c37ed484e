#include "feed/reason_text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace hazgate::feed {

namespace {
const core::Point* find_point(const core::Site& site, std::string_view id) {
  const auto found = std::ranges::find(site.points, id, &core::Point::id);
  return found == site.points.end() ? nullptr : &*found;
}

Phrase time_span(double seconds) {
  const auto s = std::llround(seconds);
  if (s % 3600 == 0) return {fmt::format("{} 小时", s / 3600), fmt::format("{} h", s / 3600)};
  if (s % 60 == 0) return {fmt::format("{} 分钟", s / 60), fmt::format("{} min", s / 60)};
  return {fmt::format("{} 秒", s), fmt::format("{} s", s)};
}

Phrase of_point(const core::Site& site, const core::Reason& reason) {
  const auto point = point_label(site, reason.point);
  const auto value = figure_of_point(site, reason.point, reason.value);
  const auto bound = figure_of_point(site, reason.point, reason.bound);
  switch (reason.doubt) {
    case core::Doubt::below_range:
      return {fmt::format("{} 示值 {}，低于量程下限 {}", point.zh, value, bound),
              fmt::format("{} shows {}, less than it can measure ({})", point.en, value, bound)};
    case core::Doubt::error_value:
      return {point.zh + " 显示故障代码", point.en + " shows an error code"};
    case core::Doubt::rate:
      return {fmt::format("{} 突变至 {}，变化快于每秒 {}", point.zh, value, bound),
              fmt::format("{} went to {}, a change of more than {} a second", point.en, value, bound)};
    case core::Doubt::stuck: {
      const auto time = time_span(reason.bound);
      return {fmt::format("{} 示值 {} 已 {}不变", point.zh, value, time.zh),
              fmt::format("{} has shown the same value, {}, for {}", point.en, value, time.en)};
    }
    default:
      return {point.zh + " 无数值", point.en + " has no value"};
  }
}

}  // namespace

Phrase point_label(const core::Site& site, std::string_view id) {
  const auto* point = find_point(site, id);
  if (point == nullptr || point->name.empty()) return {std::string(id), std::string(id)};
  return {fmt::format("{}（{}）", point->name, id), fmt::format("{} ({})", point->name, id)};
}

core::Unit unit_of_point(const core::Site& site, std::string_view id) {
  const auto* point = find_point(site, id);
  return point == nullptr ? core::Unit::one : point->unit;
}

std::string figure_of_point(const core::Site& site, std::string_view id, double value) {
  const auto unit = unit_of_point(site, id);
  if (unit == core::Unit::one) return rounded(value);
  return rounded(value) + " " + pretty_unit(unit);
}

Phrase reason_text(const core::Site& site, const core::Reason& reason) {
  switch (reason.doubt) {
    case core::Doubt::none:
    case core::Doubt::disagreement:
      return {};
    case core::Doubt::device_state:
      return {"设备自报故障", "it reports a fault itself"};
    case core::Doubt::heartbeat:
      return {"有应答，但设备自身计数不再变化", "it answers, but its own counter stands still"};
    case core::Doubt::warm_up:
      return {"正在预热", "it warms up"};
    case core::Doubt::no_answer:
      return {"无应答", "no answer"};
    case core::Doubt::no_connection:
      return {"通信线路中断", "its line or connection is down"};
    case core::Doubt::garbled:
      return {"应答无法识别", "its answers cannot be read"};
    case core::Doubt::refused:
      return {"设备拒绝请求", "it refuses the request"};
    case core::Doubt::wrong_identity:
      return {"设备身份或设置与配置不符", "it is not the instrument, or not set, as configured"};
    case core::Doubt::below_range:
    case core::Doubt::error_value:
    case core::Doubt::not_a_number:
    case core::Doubt::rate:
    case core::Doubt::stuck:
      return of_point(site, reason);
  }
  return {};
}

}  // namespace hazgate::feed
