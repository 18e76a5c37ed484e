// What the parts of load() share while a configuration is read. Items keep their place even when something in them is
// wrong, so that references stay good and all problems come out in one run.
#pragma once

#include <map>
#include <set>
#include <tuple>
#include <unordered_map>

#include "settings/limit_table.hpp"
#include "settings/profile_file.hpp"
#include "settings/settings.hpp"
#include "settings/toml_reader.hpp"
#include "settings/voc_list.hpp"

namespace hazgate::settings {

/// Ids of one kind, each with its dense number.
class Ids {
 public:
  explicit Ids(std::string kind) : kind_{std::move(kind)} {}
  /// Takes the reader's `id` for the next number; empty when it is missing, bad or taken.
  std::string declare(TomlReader& reader);
  void declare(std::string id);
  /// The number that the reader's `key` names; a Problem with the nearest id when there is none.
  std::optional<std::size_t> refer(TomlReader& reader, const std::string& key) const;
  /// The numbers that the `key` names, one or a list, none twice; an empty list is a Problem.
  std::vector<std::size_t> refer_all(TomlReader& reader, const std::string& key) const;
  std::size_t size() const { return count_; }

 private:
  std::optional<std::size_t> number(TomlReader& reader, const std::string& key, const std::string& id) const;

  std::string kind_;
  std::size_t count_ = 0;
  std::unordered_map<std::string, std::size_t> numbers_;
  std::vector<std::string> all_;
};

/// What devices take over from their bus, and which units are taken there.
struct BusDefaults {
  milliseconds timeout{500};
  int retries = 1;
  bool tcp = false;
  std::map<int, std::string> units;
};

struct Loading {
  std::vector<std::filesystem::path> folders;  ///< where profiles/ and limits/ are looked up
  Problems problems;
  Settings settings;
  LimitTable limits;
  std::optional<VocList> voc;  ///< read for the first compound
  Ids areas{"[[area]]"}, enterprises{"[[enterprise]]"}, shifts{"[[shift]]"}, workplaces{"[[workplace]]"},
      buses{"[[bus]]"}, devices{"[[device]]"}, points{"point"}, outputs{"[[action]]"};
  bool round_the_clock = false;  ///< the file has no [[shift]]; those of ShiftSettings stand in
  std::vector<BusDefaults> bus_defaults;
  std::map<std::string, std::optional<ProfileFile>> profiles;
  std::map<std::string, std::optional<core::AgentIndex>> agents;
  std::vector<std::vector<core::LevelRule>> legal;  ///< same order as site.agents
  std::vector<std::vector<std::size_t>> points_of;  ///< same order as site.agents

  std::set<std::string> decided;                                           ///< agents that have an [[agent]]
  std::set<std::size_t> mixed;                                             ///< points that are in a [[mixture]]
  std::set<std::tuple<std::size_t, modbus::Table, std::uint16_t>> driven;  ///< outputs that have an [[action]]

  /// None for a word that names nothing; `why` is set the first time only.
  std::optional<core::AgentIndex> agent(const std::string& word, std::string& why);
};

void load_gateway(TomlReader& root, Loading& loading);
void load_places(TomlReader& root, Loading& loading);  ///< areas, enterprises, shifts, workplaces
void load_buses(TomlReader& root, Loading& loading);
void load_devices(TomlReader& root, Loading& loading);
void load_agents(TomlReader& root, Loading& loading);  ///< agents and mixtures, after the devices
void load_limits(TomlReader& root, Loading& loading);
void load_actions(TomlReader& root, Loading& loading);
void load_alarm(TomlReader& root, Loading& loading);     ///< before the devices, whose limits have its delays
void load_suppress(TomlReader& root, Loading& loading);  ///< after the devices
void load_cross_checks(TomlReader& root, Loading& loading);
void load_mqtt(TomlReader& root, Loading& loading);
void load_http(TomlReader& root, Loading& loading);
void load_retention(TomlReader& root, Loading& loading);

/// `name`: any script, at most 200 bytes, nothing that would break a line.
std::string read_name(TomlReader& reader, const std::string& key = "name");

}  // namespace hazgate::settings
