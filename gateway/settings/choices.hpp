// Words of the configuration that stand in more than one of its tables.
#pragma once

#include "core/alarm.hpp"
#include "drivers/profile.hpp"
#include "settings/toml_reader.hpp"

namespace hazgate::settings {

inline const Choices<core::Level> levels{{"notice", core::Level::notice},
                                         {"warning", core::Level::warning},
                                         {"exceed", core::Level::exceed},
                                         {"danger", core::Level::danger}};

inline const Choices<modbus::WordOrder> word_orders{{"ABCD", modbus::WordOrder::abcd},
                                                    {"CDAB", modbus::WordOrder::cdab},
                                                    {"BADC", modbus::WordOrder::badc},
                                                    {"DCBA", modbus::WordOrder::dcba}};

}  // namespace hazgate::settings
