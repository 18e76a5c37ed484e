#include "feed/gap_payload.hpp"

#include <fmt/format.h>

#include <cmath>

#include "feed/json_text.hpp"
#include "feed/payload.hpp"

namespace hazgate::feed {

namespace {

Phrase why(core::GapReason reason) {
  switch (reason) {
    case core::GapReason::power:
      return {"网关断电或被强制终止", "the gateway had no power, or was killed"};
    case core::GapReason::sensor:
      return {"仪器或其通信故障", "the instrument, or the way to it, failed"};
    case core::GapReason::clock:
      return {"网关时钟跳变", "the clock of the gateway stepped"};
    case core::GapReason::operator_:
      return {"人为停用（校准、维护、停机或停止网关）",
              "somebody's decision (calibration, maintenance, plant or gateway stopped)"};
    case core::GapReason::size:
      return {"待发或待存数据达到上限", "what waited to be sent or stored had reached its bound"};
  }
  return {};
}

Phrase how_long(const core::Gap& gap) {
  if (!gap.to) return {"仍在持续", "it lasts"};
  const auto seconds = rounded(std::abs(core::in_seconds(*gap.to - gap.from)));
  return {"历时 " + seconds + " 秒", "it lasted " + seconds + " s"};
}

}  // namespace

std::string gap_topic(const core::Site& site, core::WorkplaceIndex workplace) {
  return workplace_topic(site, workplace, "gap");
}

Phrase gap_text(const core::Site& site, const core::Gap& gap) {
  const auto reason = why(gap.reason);
  const auto time = how_long(gap);
  const bool thinned = gap.kind == core::GapKind::thinned;
  const std::string who = gap.device ? site.devices[core::at(*gap.device)].id : gap.left;
  const std::string more = gap.detail.empty() ? "" : "（" + gap.detail + "）";
  const std::string more_en = gap.detail.empty() ? "" : " (" + gap.detail + ")";
  return {fmt::format("{}{}：{}{}，{}", who.empty() ? "本岗位全部仪器" : "仪器 " + who,
                      thinned ? "仅上报分钟均值" : "无有效数据", reason.zh, more, time.zh),
          fmt::format("{} {}: {}{}, {}", who.empty() ? "all instruments of the workplace" : "instrument " + who,
                      thinned ? "went out as minute means only" : "without valid data", reason.en, more_en, time.en)};
}

std::string gap_message(const core::Site& site, const core::Gap& gap, std::uint64_t seq, core::Timestamp sent_at) {
  const auto& workplace = site.workplaces[core::at(gap.workplace.value())];
  const auto text = gap_text(site, gap);
  JsonWriter json;
  json.open().count("v", 1).text("gateway", site.gateway_id).count("seq", seq).time("sent_at", sent_at);
  json.text("enterprise", site.enterprise_of(*gap.workplace).id).text("workplace", workplace.id);
  if (gap.device) {
    json.text("device", site.devices[core::at(*gap.device)].id);
  } else if (!gap.left.empty()) {
    json.text("device", gap.left);
  } else {
    json.null("device");
  }
  json.text("reason", core::name(gap.reason)).text("kind", core::name(gap.kind));
  json.time("from", gap.from).time("to", gap.to);
  json.open("text").text("zh", text.zh).text("en", text.en).close().close();
  return json.take();
}

}  // namespace hazgate::feed
