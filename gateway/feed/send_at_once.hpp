// The broker's connection sends what it is given at once: an alarm must not wait for the acknowledgement of what went
// before it.
#pragma once

#include <cstdint>
#include <string_view>

namespace hazgate::feed {

/// Of an URL that has passed check_options(): 1883 or 8883 where it names none.
std::uint16_t port_of(std::string_view url);

/// TCP_NODELAY for all connections of this process to peers on that port. Paho opens its socket without it, offers no
/// option and keeps the descriptor to itself (paho.mqtt.c issue 530); with Nagle's algorithm a peer that delays its
/// acknowledgements costs an alarm 40 ms.
void send_at_once(std::uint16_t peer_port);

}  // namespace hazgate::feed
