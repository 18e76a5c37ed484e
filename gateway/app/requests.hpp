// What comes in over the feed: who asks, whether he may, and the answer. What was missed is answered here, beside the
// loop; what is to be done with an alarm is handed to the gateway.
#pragma once

#include <optional>
#include <vector>

#include "app/archive.hpp"
#include "app/ingest.hpp"
#include "app/writer.hpp"
#include "feed/mqtt.hpp"
#include "settings/settings.hpp"

namespace hazgate::app {

class Requests {
 public:
  /// All of them outlive this.
  Requests(const settings::Settings& settings, Ingest& ingest, Writer& writer, Archive& archive, feed::MqttFeed& feed)
      : settings_(settings), ingest_(ingest), writer_(writer), archive_(archive), feed_(feed) {}

  /// What a person wants done with an alarm; none: the request was another, and is answered or refused.
  std::optional<core::PersonInput> read(const feed::Request& request);
  /// What became of it, for who asked; empty where he wants no answer.
  std::vector<feed::Reply> answer(const feed::Request& request, const core::PersonInput& input,
                                  const core::Monitor::Answer& answer) const;

 private:
  void read_history(const feed::Request& request);
  void refuse(const feed::Request& request, const BadRequest& trouble);
  std::optional<core::EnterpriseIndex> whose(const core::PersonInput& input) const;

  const settings::Settings& settings_;
  Ingest& ingest_;
  Writer& writer_;
  Archive& archive_;
  feed::MqttFeed& feed_;
};

}  // namespace hazgate::app
