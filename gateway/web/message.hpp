// Between Beast's messages and the room's own values.
#pragma once

#include <boost/beast/http/message.hpp>
#include <boost/beast/http/string_body.hpp>

#include "web/api.hpp"

namespace hazgate::web {

using Message = boost::beast::http::request<boost::beast::http::string_body>;

Head head_of(const Message& message);
/// Its body goes along; the head stays.
boost::system::result<Request, Refusal> request_of(Message& message, std::string address, bool secure);

/// Who has either form of a document need not get it again, and hears of the one that he has.
void set_tag(Response& response, const Message& asked);
/// What of a response stands in its head, but for its length and what becomes of the connection.
void set_head(boost::beast::http::response_header<>& head, const Response& response, bool secure);

/// Why what came is no request of ours.
Refusal refusal_of(HeadFault fault);
Refusal refusal_of(const boost::system::error_code& error);
bool is_http_error(const boost::system::error_code& error);

}  // namespace hazgate::web
