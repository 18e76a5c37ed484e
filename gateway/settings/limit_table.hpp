// config/limits/*.csv and config/voc116.csv: the legal limits and what is known of each substance, looked up by the
// agent word of the configuration.
#pragma once

#include <boost/system/result.hpp>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/limit.hpp"
#include "settings/problem.hpp"

namespace hazgate::settings {

/// Why an agent word names nothing, with the nearest that there is.
struct NoAgent {
  std::string why;
};

class LimitTable {
 public:
  /// Each file is taken from the first of the folders that has it.
  static LimitTable read(const std::vector<std::filesystem::path>& folders, Problems& problems);

  /// `cas:71-43-2`, `gbz:<no>`, `dust:<no>:total|respirable`, `noise`, `noise:peak`; or why there is no such agent,
  /// with the nearest that there is; `wbgt:<contact time rate>:<work class>`. A known substance without a limit is an
  /// agent without limits. Carbon monoxide by CAS is the row below 2000 m; the rows of the plateau are asked for by
  /// gbz:<no>.
  boost::system::result<core::Agent, NoAgent> agent(std::string_view word) const;
  /// What a dust with so much free SiO2 (percent) is judged as: from 10 % on the silica, unless it is asbestos. `word`
  /// must name a dust.                                  GBZ 2.1-2019 Table 2, footnote
  boost::system::result<core::Agent, NoAgent> dust_by_content(std::string_view word, double sio2_percent) const;
  /// The word of what people call it: a Chinese or English name of the lists, of a dust with its fraction behind it
  /// ("其他粉尘（总尘）", "Other dust, total"); a word stays what it is. None for a name that nothing or several things
  /// have.
  std::optional<std::string> word_of(std::string_view name) const;

 private:
  struct Chemical {
    std::string no, name_zh, name_en, by_number_only, notation;
    std::vector<std::string> cas;
    std::vector<core::Limit> limits;
  };
  struct Dust {
    std::string no, name_zh, name_en, cas, source;
    std::optional<double> total, respirable;
  };
  struct Substance {
    std::string name_zh, name_en;
    core::GramPerMol molar_mass;  ///< of the part that the limit counts: HF as F, HCN as CN
  };
  struct Files;

  void read_chemicals(Files& files);
  void read_dusts(Files& files);
  void read_voc(Files& files);
  void read_molar_masses(Files& files);
  void read_isomers(Files& files);
  void read_physical(Files& files);

  boost::system::result<core::Agent, NoAgent> by_cas(std::string_view word, const std::string& cas) const;
  boost::system::result<core::Agent, NoAgent> by_number(std::string_view word, const std::string& no) const;
  boost::system::result<core::Agent, NoAgent> by_dust(std::string_view word, std::string_view rest) const;
  boost::system::result<core::Agent, NoAgent> noise(std::string_view word) const;
  boost::system::result<core::Agent, NoAgent> heat(std::string_view word) const;
  core::Agent agent_of(std::string_view word, const Chemical& chemical) const;
  std::string unknown_cas(const std::string& cas) const;

  std::vector<Chemical> chemicals_;
  std::vector<Dust> dusts_;
  std::map<std::string, std::vector<std::size_t>, std::less<>> chemicals_by_cas_;
  std::map<std::string, std::string, std::less<>> listed_as_;  ///< CAS of an isomer to the no of its listed substance
  std::map<std::string, Substance, std::less<>> substances_;
  std::vector<core::Limit> noise_limits_;
  std::map<std::string, core::Limit, std::less<>> heat_;  ///< by the whole word of the agent
};

/// The agent where the outdoor ventilation design temperature of the place is so, in degC: from 30 on the limit of heat
/// is higher. Any other agent stays as it is.                                             GBZ 2.2-2007 10.2.2
core::Agent in_climate(core::Agent agent, double outdoor_ventilation);
/// What such a temperature can be; beyond is a slip.
inline constexpr double least_outdoor_ventilation = 0, most_outdoor_ventilation = 50;

/// The last digit of a CAS number checks the others.
bool is_cas_number(std::string_view text);

}  // namespace hazgate::settings
