#include "app/requests.hpp"

#include <spdlog/spdlog.h>

#include "app/alarm_request.hpp"
#include "app/history_request.hpp"
#include "app/who_may.hpp"
#include "feed/answer_payload.hpp"
#include "settings/words.hpp"

namespace hazgate::app {

std::optional<core::PersonInput> Requests::read(const feed::Request& request) {
  if (const auto op = request_op(request.payload); op == "exceedances" || op == "readings") {
    read_history(request);
    return std::nullopt;
  }
  auto input = parse_alarm_request(settings_.site, request.payload, request.user);
  const auto asker = asker_of(settings_.mqtt->users, request.user);
  if (!asker || (input && !may(asker, "alarm", whose(*input)))) input = BadRequest{"not_allowed", not_allowed_text()};
  if (input.has_value()) return std::move(*input);
  refuse(request, input.error());
  return std::nullopt;
}

std::vector<feed::Reply> Requests::answer(const feed::Request& request, const core::PersonInput& input,
                                          const core::Monitor::Answer& answer) const {
  // A name comes from outside: it must not write lines of its own into the log.
  spdlog::info("request action={} by={} alarm={} refused=\"{}\"", core::name(input.action.kind),
               settings::in_quotes(input.action.by), answer.alarm ? answer.alarm->number : input.number,
               answer.refusal == core::Refusal::none ? "" : core::name(answer.refusal));
  if (request.response_topic.empty()) return {};
  return {
      {request.response_topic, request.correlation, feed::action_answer(settings_.site, answer.refusal, answer.alarm)}};
}

void Requests::read_history(const feed::Request& request) {
  auto wanted = parse_history_request(settings_.site, request.payload);
  const auto asker = asker_of(settings_.mqtt->users, request.user);
  if (wanted && !narrow(settings_.site, asker, *wanted)) wanted = BadRequest{"not_allowed", not_allowed_text()};
  if (wanted.has_error()) return refuse(request, wanted.error());
  if (request.response_topic.empty()) return;
  auto reply = [&feed = feed_, request](std::string answer) {
    feed.reply({request.response_topic, request.correlation, std::move(answer)});
  };
  if (const auto* exceedances = std::get_if<ExceedancesRequest>(&*wanted))
    return writer_.ask(*exceedances, std::move(reply));
  archive_.ask(std::get<ReadingsRequest>(*wanted), std::move(reply));
}

void Requests::refuse(const feed::Request& request, const BadRequest& trouble) {
  spdlog::warn("request user={} refused=\"{}\"", settings::in_quotes(request.user), trouble.code);
  if (request.response_topic.empty()) return;
  feed_.reply({request.response_topic, request.correlation, feed::error_answer(trouble.code, trouble.text)});
}

/// The enterprise of the alarm that a person asks about; none for one of the gateway's own, and for none at all.
std::optional<core::EnterpriseIndex> Requests::whose(const core::PersonInput& input) const {
  auto subject = input.subject;
  auto index = input.index;
  if (input.number > 0) {
    const auto* alarm = ingest_.monitor().standing(input.number);
    if (alarm == nullptr) return std::nullopt;
    subject = alarm->subject;
    index = alarm->index;
  }
  const auto workplace = settings_.site.workplace_of(subject, index);
  if (!workplace) return std::nullopt;
  return settings_.site.workplaces[core::at(*workplace)].enterprise;
}

}  // namespace hazgate::app
