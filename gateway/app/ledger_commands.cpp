#include "app/ledger_commands.hpp"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <iostream>
#include <memory>

#include "app/key_file.hpp"
#include "app/subscribe.hpp"
#include "app/verify.hpp"
#include "settings/load.hpp"
#include "storage/database.hpp"

namespace hazgate::app {

namespace {

constexpr int good = 0, failed = 1, bad_input = 2;

int complain(const std::exception& e) {
  std::cerr << "hazgate: " << e.what() << '\n';
  return bad_input;
}

void add_verify(CLI::App& cli, std::function<int()>& chosen) {
  const auto options = std::make_shared<VerifyOptions>();
  auto* command =
      cli.add_subcommand("verify", "check a ledger: was a record altered, removed, inserted, moved or cut off?");
  command->add_option("file", options->file, "a store (.sqlite, also of a running gateway), or JSON lines")->required();
  command->add_option("--key", options->key,
                      "public key that must vouch for it: 64 hex digits, or a file (ledger.pub)");
  command->add_option("--head", options->heads,
                      "a published head: its JSON, or a file with one a line; several may be given");
  command->footer(
      R"(Each record's hash is computed anew (SHA-256 over its canonical JSON, RFC 8785) and held against the next record;
the newest signed head is checked (Ed25519). A tail that was cut off shows only against a head that somebody else has
kept: the broker holds the newest one of each enterprise on hazgate/1/<site>/<enterprise>/ledger.
Example: mosquitto_sub -V 5 -h BROKER -t 'hazgate/1/fengxian/+/ledger' -W 2 > heads
         hazgate verify hazgate.sqlite --key ledger.pub --head heads
Printed is a line for each fault, with the record's number, and one for each chain.
Exit codes: 0 whole; 1 a fault was found; 2 the file, key or head cannot be read.)");
  command->callback([options, &chosen] {
    chosen = [options] {
      try {
        return verify(*options, std::cout) ? good : failed;
      } catch (const std::runtime_error& e) {
        return complain(e);
      }
    };
  });
}

void add_subscribe(CLI::App& cli, std::function<int()>& chosen) {
  const auto options = std::make_shared<SubscribeOptions>();
  const auto duration = std::make_shared<int>(0);
  auto* command =
      cli.add_subcommand("subscribe", "follow the exceedance feed of a broker, check it, and keep it whole");
  command->add_option("--url", options->url, "mqtt://host:port or mqtts://host:port")->required();
  command->add_option("--site", options->site, "the site whose ledgers are followed")->required();
  command->add_option("--enterprise", options->enterprises, "only this one; several may be given [all of the site]");
  command->add_option("--output", options->output, "JSON lines; goes on behind what it holds [standard output]");
  command->add_option("--key", options->key, "public key that must vouch for every record: 64 hex digits, or a file");
  command->add_option("--client-id", options->client_id, "of the MQTT session that the broker keeps");
  command->add_option("--username", options->username, "at the broker");
  command->add_option("--password-file", options->password_file, "its first line is the password");
  command->add_option("--ca", options->ca, "certificates that the broker's is signed with, for mqtts");
  command->add_option("--cert", options->cert, "our certificate");
  command->add_option("--cert-key", options->cert_key, "and its key");
  command->add_flag("--once", options->once, "end when every record that is known of is there");
  command->add_option("--seconds", *duration, "stop after so many seconds")->check(CLI::PositiveNumber);
  command->footer(
      R"(Records are kept in order, each once, each checked: number, hash of the one before, own hash, signature. What was missed
is asked for. Kill it at any time and start it again: it goes on behind its last whole line. What it keeps,
`hazgate verify` reads.
Example: hazgate subscribe --url mqtt://127.0.0.1:18830 --site fengxian --output exceedances.jsonl
Exit codes: 0 nothing contradicted; 1 something did, or (--once) records are missing; 2 it cannot begin.)");
  command->callback([options, duration, &chosen] {
    chosen = [options, duration] {
      if (*duration > 0) options->duration = std::chrono::seconds(*duration);
      try {
        return subscribe(*options) ? good : failed;
      } catch (const std::runtime_error& e) {
        return complain(e);
      }
    };
  });
}

void add_key(CLI::App& cli, std::function<int()>& chosen) {
  const auto config = std::make_shared<std::string>("config/gateway.toml");
  const auto rotate = std::make_shared<bool>(false);
  auto* command = cli.add_subcommand("key", "show the public key of the ledger, or change the key");
  command->add_option("--config", *config, "configuration of the gateway")->capture_default_str();
  command->add_flag("--rotate", *rotate, "make a new key; the old one signs it at the next start or reload");
  command->callback([config, rotate, &chosen] {
    chosen = [config, rotate] {
      const auto loaded = settings::load(*config);
      if (loaded.has_error()) {
        for (const auto& problem : loaded.error()) std::cerr << settings::to_string(problem) << '\n';
        return bad_input;
      }
      try {
        const auto& folder = loaded->gateway.data_dir;
        if (!std::filesystem::exists(folder / "ledger.key"))
          throw std::runtime_error((folder / "ledger.key").string() + ": there is no key yet; `hazgate run` makes it");
        const auto key = *rotate ? rotate_key(folder) : load_or_make_keys(folder).current;
        std::cout << fmt::format("key_id={}\npublic_key={}\n", key.id(), ledger::hex(key.public_key()));
        return good;
      } catch (const std::runtime_error& e) {
        return complain(e);
      }
    };
  });
}

}  // namespace

void add_ledger_commands(CLI::App& cli, std::function<int()>& chosen) {
  add_verify(cli, chosen);
  add_subscribe(cli, chosen);
  add_key(cli, chosen);
}

}  // namespace hazgate::app
