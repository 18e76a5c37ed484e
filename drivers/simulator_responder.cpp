#include "drivers/simulator_responder.hpp"

#include <sys/select.h>
#include <sys/socket.h>

#include <cerrno>
#include <system_error>

namespace hazgate::modbus {
namespace {

Table table_of(std::uint8_t function) {
  switch (function) {
    case 1:
    case 5:
    case 15:
      return Table::coil;
    case 2:
      return Table::discrete;
    case 4:
      return Table::input;
    default:
      return Table::holding;
  }
}

bool single(std::uint8_t function) { return function == 5 || function == 6 || function == 22; }

void discard(int socket) {
  std::array<std::uint8_t, 512> scrap;
  while (::recv(socket, scrap.data(), scrap.size(), MSG_DONTWAIT) > 0) {
  }
}

}  // namespace

Responder::Responder(Framing framing) : framing_(framing) {
  int ends[2];
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0) {
    throw std::system_error(errno, std::generic_category(), "simulator: socket pair");
  }
  ours_ = Descriptor(ends[0]);
  Descriptor theirs(ends[1]);
  if (theirs.get() >= FD_SETSIZE) {
    throw std::system_error(EMFILE, std::generic_category(), "simulator: libmodbus needs a descriptor below 1024");
  }
  context_.reset(framing == Framing::tcp ? modbus_new_tcp("127.0.0.1", 502) : modbus_new_rtu("pair", 9600, 'N', 8, 1));
  if (!context_) throw std::system_error(errno, std::generic_category(), "simulator: libmodbus");
  modbus_set_socket(context_.get(), theirs.release());
  // A request is there as a whole or not at all, so libmodbus never needs to wait; and before some exceptions it sleeps
  // for the response timeout.
  modbus_set_indication_timeout(context_.get(), 0, 1000);
  modbus_set_byte_timeout(context_.get(), 0, 1000);
  modbus_set_response_timeout(context_.get(), 0, 1000);
}

std::vector<std::uint8_t> Responder::reply(std::span<const std::uint8_t> request, const Registers& registers) {
  const int length = receive(request);
  if (length <= 0) return {};
  const auto at = static_cast<std::size_t>(modbus_get_header_length(context_.get()));
  const auto word = [&](std::size_t i) { return static_cast<std::uint16_t>(parsed_[i] << 8 | parsed_[i + 1]); };
  const auto function = parsed_[at];
  const auto count = single(function) ? std::uint16_t{1} : word(at + 3);
  auto mapping = registers(table_of(function), word(at + 1), count);
  modbus_reply(context_.get(), parsed_.data(), length, &mapping);
  return caught();
}

std::vector<std::uint8_t> Responder::refuse(std::span<const std::uint8_t> request) {
  if (receive(request) <= 0) return {};
  modbus_reply_exception(context_.get(), parsed_.data(), MODBUS_EXCEPTION_SLAVE_OR_SERVER_FAILURE);
  return caught();
}

int Responder::receive(std::span<const std::uint8_t> request) {
  // On a serial line libmodbus listens to one unit only: we let it be the one that is asked.
  if (framing_ == Framing::rtu && modbus_set_slave(context_.get(), unit_of(framing_, request)) != 0) return -1;
  if (::send(ours_.get(), request.data(), request.size(), MSG_NOSIGNAL | MSG_DONTWAIT) < 0) return -1;
  parsed_.fill(0);
  const int length = modbus_receive(context_.get(), parsed_.data());
  discard(modbus_get_socket(context_.get()));
  return length;
}

std::vector<std::uint8_t> Responder::caught() {
  std::vector<std::uint8_t> reply(MODBUS_MAX_ADU_LENGTH);
  const auto got = ::recv(ours_.get(), reply.data(), reply.size(), MSG_DONTWAIT);
  reply.resize(got > 0 ? static_cast<std::size_t>(got) : 0);
  return reply;
}

}  // namespace hazgate::modbus
