// Registers of a device in every way in which they can be read: what helps when a manual leaves word order or address
// base open. Pure.
#pragma once

#include <span>
#include <string>

#include "drivers/registers.hpp"
#include "web/api.hpp"

namespace hazgate::app {

/// JSON: the words as they came, and each type in each order from each address at which it fits.
std::string registers_page(const web::RegistersQuery& query, modbus::Table table, std::span<const std::uint16_t> words);

}  // namespace hazgate::app
