#include "app/registers_page.hpp"

#include <array>

#include "feed/json_text.hpp"

namespace hazgate::app {

using modbus::Type;
using modbus::WordOrder;

namespace {

constexpr std::array types{Type::uint16, Type::int16, Type::uint32,  Type::int32,
                           Type::uint64, Type::int64, Type::float32, Type::float64};
constexpr std::array orders{WordOrder::abcd, WordOrder::cdab, WordOrder::badc, WordOrder::dcba};

/// A single word has no order of words; of its bytes it has two.
bool differs(Type type, WordOrder order) {
  return modbus::width(type) > 1 || order == WordOrder::abcd || order == WordOrder::badc;
}

void append(feed::JsonWriter& json, std::size_t address, Type type, WordOrder order,
            std::span<const std::uint16_t> words) {
  json.open().count("address", address).text("type", modbus::name(type)).text("word_order", modbus::name(order));
  json.number("value", modbus::decode(words, type, order)).close();
}

}  // namespace

std::string registers_page(const web::RegistersQuery& query, modbus::Table table,
                           std::span<const std::uint16_t> words) {
  feed::JsonWriter json;
  json.open().text("device", query.device).text("table", modbus::name(table)).count("first", query.first);
  json.count("count", query.count).open_list("words");
  for (const auto word : words) json.count({}, word);
  json.close_list().open_list("interpretations");
  for (std::size_t at = 0; at < words.size() && !modbus::is_bit_table(table); ++at)
    for (const auto type : types)
      for (const auto order : orders)
        if (at + modbus::width(type) <= words.size() && differs(type, order))
          append(json, query.first + at, type, order, words.subspan(at, modbus::width(type)));
  json.close_list().close();
  return json.take();
}

}  // namespace hazgate::app
