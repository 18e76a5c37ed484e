#include "app/record_commands.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>
#include <fstream>
#include <iostream>
#include <iterator>
#include <memory>

#include "app/double_entries.hpp"
#include "app/export.hpp"
#include "app/report_files.hpp"
#include "app/wall_clock.hpp"
#include "settings/load.hpp"
#include "settings/words.hpp"
#include "storage/new_file.hpp"

namespace hazgate::app {

namespace {

constexpr int good = 0, failed = 1, bad_input = 2;

std::string login_name() {
  const char* name = getlogin();
  return name != nullptr ? fmt::format("cli:{}", name) : std::string("cli");
}

/// The configuration; its problems on standard error where it is none.
std::optional<settings::Settings> settings_of(const std::string& config) {
  auto loaded = settings::load(config);
  if (loaded.has_error()) {
    for (const auto& problem : loaded.error()) std::cerr << settings::to_string(problem) << '\n';
    return std::nullopt;
  }
  return std::move(*loaded);
}

std::filesystem::path store_of(const settings::Settings& settings) {
  return settings.gateway.data_dir / "hazgate.sqlite";
}

std::int32_t date_option(const char* name, const std::string& text, std::int32_t otherwise) {
  if (text.empty()) return otherwise;
  const auto date = records::local_date(text);
  if (!date)
    throw std::runtime_error(
        fmt::format("{} {}: no date; expected one such as 2026-11-27", name, settings::in_quotes(text)));
  return *date;
}

struct ReportOptions {
  std::string config = "config/gateway.toml", enterprise, from, to, format = "html", language, output;
};

constexpr std::array<std::pair<std::string_view, web::FileForm>, 4> report_forms{{{"html", web::FileForm::html},
                                                                                  {"pdf", web::FileForm::pdf},
                                                                                  {"xlsx", web::FileForm::xlsx},
                                                                                  {"csv", web::FileForm::csv}}};

/// Standard output, or a new file that has its name when it is whole.
void give(const std::string& bytes, const std::string& file) {
  if (file.empty()) {
    if (!std::cout.write(bytes.data(), static_cast<std::streamsize>(bytes.size())).flush())
      throw OutputFailed("cannot write to standard output");
    return;
  }
  storage::NewFile to(file);
  std::ofstream out(to.part(), std::ios::binary);
  out.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  out.close();
  if (!out) throw OutputFailed(fmt::format("cannot write '{}'; see its disk", to.part().string()));
  to.finish();
}

int report(const ReportOptions& options) {
  const auto settings = settings_of(options.config);
  if (!settings) return bad_input;
  const auto form = std::ranges::find(report_forms, options.format, &decltype(report_forms)::value_type::first);
  const RecordSource source(*settings);
  const auto last = date_option("--to", options.to, source.local_day(system_now()));
  const Days days{.first = date_option("--from", options.from, last - 30), .last = last};
  if (days.first > days.last) throw std::runtime_error("--from is after --to; exchange them");
  const auto& known = settings->site.enterprises;
  if (!options.enterprise.empty() &&
      std::ranges::find(known, options.enterprise, &core::Enterprise::id) == known.end()) {
    std::vector<std::string> ids;
    ids.reserve(known.size());
    for (const auto& enterprise : known) ids.push_back(enterprise.id);
    throw std::runtime_error(fmt::format("--enterprise {}: there is no [[enterprise]] of this id{}",
                                         settings::in_quotes(options.enterprise),
                                         settings::hint(options.enterprise, ids)));
  }
  Past past(store_of(*settings), settings->site);
  const ReportRequest request{.enterprise = options.enterprise,
                              .days = days,
                              .form = form->second,
                              .language = options.language.empty() ? settings->gateway.language : options.language,
                              .made_by = login_name(),
                              .now = system_now()};
  const auto answer = report_file(source, past, request, [] {});
  if (!answer) {
    std::cerr << "hazgate report: " << answer.error().en << '\n';
    return failed;
  }
  give(*answer->body, options.output);
  return good;
}

struct ImportOptions {
  std::string config = "config/gateway.toml", input, enterprise;
  bool keep_good = false, dry = false;
};

std::string bytes_of(const std::string& file) {
  std::ifstream in(file, std::ios::binary);
  if (!in) throw std::runtime_error(fmt::format("'{}' cannot be read", file));
  const std::size_t most = records::TableLimits().bytes + 1;
  std::string bytes(most, '\0');
  in.read(bytes.data(), static_cast<std::streamsize>(most));
  bytes.resize(static_cast<std::size_t>(in.gcount()));
  return bytes;
}

void tell(const records::Import& import) {
  for (const auto& problem : import.problems)
    std::cerr << fmt::format("line {}: {}{}{} ({})\n", problem.line, problem.column, problem.column.empty() ? "" : ": ",
                             problem.text.en, problem.text.zh);
  if (import.more_problems > 0) std::cerr << fmt::format("and {} more\n", import.more_problems);
}

int import_file(const ImportOptions& options) {
  const auto settings = settings_of(options.config);
  if (!settings) return bad_input;
  const RecordSource source(*settings);
  records::EntryContext context{.enterprise = {}, .today = source.local_day(system_now())};
  const auto& enterprises = settings->site.enterprises;
  if (!options.enterprise.empty()) {
    const auto found = std::ranges::find(enterprises, options.enterprise, &core::Enterprise::id);
    if (found == enterprises.end())
      throw std::runtime_error(fmt::format("--enterprise {}: there is none of this id", options.enterprise));
    context.enterprise = core::EnterpriseIndex{static_cast<std::uint32_t>(found - enterprises.begin())};
  }
  auto import = records::import_assessments(records::read_table(bytes_of(options.input)), source.entry(), context);
  storage::Database database(store_of(*settings));
  const storage::Assessments store(database);
  leave_out_doubles(store, import);
  tell(import);
  const bool whole = import.problems.empty();
  const bool stores = !options.dry && (whole || options.keep_good) && !import.good.empty();
  if (stores) {
    storage::Transaction transaction(database);
    for (auto& one : import.good) {
      one.assessment.at = system_now();
      one.assessment.by = login_name();
      one.assessment.origin = std::filesystem::path(options.input).filename().string();
      store.add(one.assessment);
    }
    transaction.commit();
  }
  std::cout << fmt::format("rows={} assessments={} good={} stored={}\n", import.rows, import.good.size() + import.bad,
                           import.good.size(), stores ? import.good.size() : 0);
  return whole ? good : bad_input;
}

template <class Options>
std::function<int()> guarded(const char* name, std::shared_ptr<Options> options, int (*work)(const Options&)) {
  return [name, options, work] {
    try {
      return work(*options);
    } catch (const OutputFailed& e) {
      std::cerr << "hazgate " << name << ": " << e.what() << '\n';
      return failed;
    } catch (const storage::StoreError& e) {
      std::cerr << "hazgate " << name << ": " << e.what() << '\n';
      return e.worth_retry() ? failed : bad_input;
    } catch (const std::runtime_error& e) {
      std::cerr << "hazgate " << name << ": " << e.what() << '\n';
      return bad_input;
    }
  };
}

constexpr const char* report_help =
    R"(One document that stands in an inspection: workplaces, agents and limits with their clause, exposures by shift,
exceedances with their numbers in the ledger and its signed head, laboratory tests with their judgement, every gap with its
reason, alarms with the four times, and lines to sign. Without --enterprise it is the park's: enterprises ranked, pass
rates, months. Reads the store beside a running gateway.
  html  for the screen and for A4 paper      xlsx  every figure as a number, with all its digits
  pdf   by WeasyPrint (apt-get install weasyprint)      csv   the same tables as text
Example: hazgate report --config config/gateway.toml --enterprise acme-coatings --from 2026-10-01 --to 2026-10-31 --output acme.html
Exit codes: 0 written; 1 it could not be made or written; 2 bad input; with the reason on stderr.)";

constexpr const char* import_help =
    R"(CSV (UTF-8, or GB18030 as Excel saves it) or XLSX: one row a sample; rows of the same report_no, workplace, agent, date,
subject_kind and subject are one assessment. Columns by their word, in Chinese or in English:
  report_no laboratory workplace group agent date subject_kind subject method shift_hours days_per_week exposure_hours
  sio2_percent work_class toxicity note start end result unit volume_l stands_for_min
Each wrong line is told with its reason, and nothing is stored until all is right, unless --keep-good. While a gateway runs
on the store it is refused: import on its page, or stop it.
Example: hazgate import lab-2026-10.xlsx --config config/gateway.toml --dry-run
Exit codes: 0 all is right; 2 something is not, or bad input, with the lines on stderr; 1 the disk refuses.)";

}  // namespace

void add_record_commands(CLI::App& cli, std::function<int()>& chosen) {
  const auto report_options = std::make_shared<ReportOptions>();
  auto* report_command = cli.add_subcommand("report", "an enterprise's report for a period, or the park's");
  report_command->add_option("--config", report_options->config, "configuration of the gateway")->capture_default_str();
  report_command->add_option("--enterprise", report_options->enterprise, "its id [the whole park]");
  report_command->add_option("--from", report_options->from, "first day, 2026-11-01 [30 days before --to]");
  report_command->add_option("--to", report_options->to, "last day [today]");
  report_command->add_option("--format", report_options->format, "html, pdf, xlsx or csv")
      ->check(CLI::IsMember({"html", "pdf", "xlsx", "csv"}))
      ->capture_default_str();
  report_command->add_option("--language", report_options->language, "zh or en [that of the gateway]")
      ->check(CLI::IsMember({"zh", "en"}));
  report_command->add_option("--output", report_options->output, "a new file [standard output]");
  report_command->footer(report_help);
  report_command->callback([report_options, &chosen] { chosen = guarded("report", report_options, report); });

  const auto import_options = std::make_shared<ImportOptions>();
  auto* import_command = cli.add_subcommand("import", "laboratory tests out of a CSV or XLSX file");
  import_command->add_option("file", import_options->input, "the file")->required();
  import_command->add_option("--config", import_options->config, "configuration of the gateway")->capture_default_str();
  import_command->add_option("--enterprise", import_options->enterprise, "only workplaces of this one");
  import_command->add_flag("--keep-good", import_options->keep_good, "store what is right of it");
  import_command->add_flag("--dry-run", import_options->dry, "tell, and store nothing");
  import_command->footer(import_help);
  import_command->callback([import_options, &chosen] { chosen = guarded("import", import_options, import_file); });
}

}  // namespace hazgate::app
