// The line to the broker, with what deploy/mosquitto/make-site makes: a real mosquitto, its own clients, the built
// gateway, all over TLS. Each role reads and writes what it may, and nothing else.
#include <fmt/format.h>
#include <gmock/gmock.h>

#include <fstream>
#include <map>
#include <set>
#include <sstream>

#include "integration/gateway_fixture.hpp"

namespace hazgate::test {
namespace {

namespace fs = std::filesystem;
using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::AllOf;
using testing::AnyOf;
using testing::HasSubstr;
using testing::Not;
using Words = std::vector<std::string>;
using Topics = std::set<std::string>;

const std::string make_site = SOURCE_DIR "/deploy/mosquitto/make-site";

std::string content(const fs::path& file) {
  std::ifstream in(file);
  return {std::istreambuf_iterator<char>(in), {}};
}

/// As words: `more` behind `words`.
Words operator+(Words words, const Words& more) {
  words.insert(words.end(), more.begin(), more.end());
  return words;
}

/// What make-site makes, and a broker that runs with it. Besides the people of the site there is "probe", who may
/// everything: he sends what others must not hear, and hears what others must not send.
class SecuredSite {
 public:
  SecuredSite() {
    const auto made = answer_of({make_site,
                                 "--site",
                                 "park",
                                 "--out",
                                 folder().string(),
                                 "--host",
                                 "localhost",
                                 "--gateway",
                                 "gw:acme,beta",
                                 "--gateway",
                                 "gw-2:beta",
                                 "--operator",
                                 "li",
                                 "--enterprise",
                                 "acme:anna",
                                 "--enterprise",
                                 "beta:bob",
                                 "--regulator",
                                 "zhao",
                                 "--certificate",
                                 "anna",
                                 "--gateway-port",
                                 std::to_string(gateway_port),
                                 "--people-port",
                                 std::to_string(people_port)});
    if (made.code != 0) throw std::runtime_error(made.text);
    said = made.text;
    auto conf = content(folder() / "broker/mosquitto.conf");
    const std::string state = "persistence_location /var/lib/mosquitto/";
    conf.replace(conf.find(state), state.size(), "persistence_location " + place_.path().string() + "/");
    // mosquitto would drop to its own user, who may not read in our folder.
    write("broker/mosquitto.conf", conf + "\nuser root\nlog_dest stderr\nlog_type all\n");
    write("broker/acl", content(folder() / "broker/acl") + "\nuser probe\ntopic readwrite #\n");
    const auto added =
        answer_of({"mosquitto_passwd", "-b", (folder() / "broker/passwords").string(), "probe", "probing"});
    if (added.code != 0) throw std::runtime_error(added.text);
  }

  fs::path folder() const { return place_.path() / "site"; }
  void write(const std::string& name, const std::string& text) const { place_.write("site/" + name, text); }
  void start_broker() { broker = std::make_unique<Mosquitto>(folder() / "broker/mosquitto.conf", gateway_port); }

  std::string password(const std::string& name) const {
    if (name == "probe") return "probing";
    const auto text = content(folder() / "people" / (name + ".password"));
    return text.substr(0, text.find('\n'));
  }
  /// How `name` reaches the broker: a gateway by its certificate, a person by name and password.
  Words connection(const std::string& name) const {
    Words words{"-V", "5", "-h", "localhost", "--cafile", (folder() / "ca.pem").string()};
    const auto own = folder() / "gateways" / name;
    if (fs::exists(own))
      return words + Words{"-p",    std::to_string(gateway_port),  "--cert", (own / "gateway.pem").string(),
                           "--key", (own / "gateway.key").string()};
    return words + Words{"-p", std::to_string(people_port), "-u", name, "-P", password(name)};
  }
  Answer publish(const std::string& name, const std::string& topic, const std::string& payload) const {
    return answer_of(Words{"mosquitto_pub"} + connection(name) + Words{"-q", "1", "-t", topic, "-m", payload});
  }
  /// On each topic, with the own name as payload.
  void publish_at_once(const std::string& name, const Topics& topics) const {
    std::vector<std::unique_ptr<Process>> all;
    for (const auto& topic : topics)
      all.push_back(std::make_unique<Process>(Words{"mosquitto_pub"} + connection(name) +
                                              Words{"-q", "1", "-t", topic, "-m", name}));
    for (const auto& one : all) EXPECT_TRUE(one->wait(seconds(30))) << one->output();
  }

  const std::uint16_t gateway_port = free_port(), people_port = free_port();
  std::string said;  ///< by make-site
  std::unique_ptr<Mosquitto> broker;

 private:
  TemporaryFolder place_;
};

/// Subscribed when the constructor returns.
class Ear {
 public:
  Ear(const SecuredSite& site, const std::string& name, const Words& filters)
      : id_(name + "-" + std::to_string(reinterpret_cast<std::uintptr_t>(this))),
        process_(Words{"mosquitto_sub", "-i", id_, "-q", "1", "-F", "heard %t %p"} + site.connection(name) +
                 asked(filters)) {
    if (!eventually([&] { return site.broker->log().find("Sending SUBACK to " + id_) != std::string::npos; },
                    seconds(10)))
      throw std::runtime_error(name + ": " + process_.output());
  }
  /// Topics of messages with that payload.
  Topics heard(const std::string& payload) const {
    Topics topics;
    std::istringstream lines(process_.output());
    for (std::string line; std::getline(lines, line);) {
      std::istringstream words(line);
      std::string mark, topic, said;
      words >> mark >> topic >> said;
      if (mark == "heard" && said == payload) topics.insert(topic);
    }
    return topics;
  }
  bool wait_for(const std::string& text) { return process_.wait_for(text, seconds(10)); }
  std::string output() const { return process_.output(); }

 private:
  static Words asked(const Words& filters) {
    Words words;
    for (const auto& filter : filters) words = std::move(words) + Words{"-t", filter};
    return words;
  }
  std::string id_;
  Process process_;
};

const std::string park = "hazgate/1/park/";

/// One of each class, of two enterprises and two gateways, and what is nobody's business here.
Topics all_topics() {
  Topics topics{"other/topic", "hazgate/1/elsewhere/acme/exceedance", "hazgate/1/elsewhere/gateway/gw/request/anna"};
  for (const std::string enterprise : {"acme/", "beta/"})
    for (const auto* what : {"hall/readings", "hall/exposure", "hall/gap", "hall/alarm/gw-1", "hall/escalation/first",
                             "exceedance", "ledger"})
      topics.insert(park + enterprise + what);
  for (const std::string gateway : {"gateway/gw/", "gateway/gw-2/"})
    for (const auto* what : {"status", "alarm/gw-2", "escalation/first", "request", "request/li", "request/anna",
                             "request/bob", "request/zhao", "response/li", "response/anna", "response/anna/7",
                             "response/bob", "response/zhao", "response/zhao/1"})
      topics.insert(park + gateway + what);
  return topics;
}

Topics those(const Topics& topics, const std::function<bool(const std::string&)>& choose) {
  Topics chosen;
  for (const auto& topic : topics)
    if (topic.starts_with(park) && choose(topic.substr(park.size()))) chosen.insert(topic);
  return chosen;
}

bool answers(const std::string& topic, const std::string& name) {
  for (const std::string gateway : {"gateway/gw/", "gateway/gw-2/"})
    if (topic == gateway + "response/" + name || topic.starts_with(gateway + "response/" + name + "/")) return true;
  return false;
}

/// Written out anew, not read from the access list: this is what the roles are.
bool may_read(const std::string& name, const std::string& topic) {
  const bool of_gateways = topic.starts_with("gateway/");
  if (name == "li") return true;
  if (name == "anna") return topic.starts_with("acme/") || answers(topic, name);
  if (name == "bob") return topic.starts_with("beta/") || answers(topic, name);
  if (name == "zhao")
    return (!of_gateways && (topic.ends_with("/exceedance") || topic.ends_with("/ledger") ||
                             topic.ends_with("/exposure") || topic.ends_with("/gap"))) ||
           answers(topic, name);
  const auto own = "gateway/" + name + "/request";
  return topic == own || topic.starts_with(own + "/");
}

bool may_write(const std::string& name, const std::string& topic) {
  if (name == "gw" || name == "gw-2") {
    const auto own = "gateway/" + name + "/";
    if (topic.starts_with(own)) return !topic.starts_with(own + "request");
    return topic.starts_with("beta/") || (name == "gw" && topic.starts_with("acme/"));
  }
  return topic == "gateway/gw/request/" + name || topic == "gateway/gw-2/request/" + name;
}

const Words names{"gw", "gw-2", "li", "anna", "bob", "zhao"};

struct LineSecurity : testing::Test {
  SecuredSite site;
  const Topics topics = all_topics();
};

TEST_F(LineSecurity, EachRoleReadsWhatItMayAndNothingElse) {
  site.start_broker();
  std::map<std::string, std::vector<std::unique_ptr<Ear>>> ears;
  for (const auto& name : names) {
    for (const std::string all : {"#", "hazgate/1/+/#", "+/#"})
      ears[name].push_back(std::make_unique<Ear>(site, name, Words{all}));
    ears[name].push_back(std::make_unique<Ear>(site, name, Words{"$share/" + name + "/#"}));
    ears[name].push_back(std::make_unique<Ear>(site, name, Words(topics.begin(), topics.end())));
  }
  for (const auto* round : {"first", "second"})
    for (const auto& topic : topics) ASSERT_EQ(site.publish("probe", topic, round).code, 0) << topic;
  for (const auto& name : names) {
    const auto expected = those(topics, [&](const auto& topic) { return may_read(name, topic); });
    ASSERT_FALSE(expected.empty());
    for (const auto& ear : ears[name]) {
      // What comes of the second round comes behind all of the first.
      EXPECT_TRUE(eventually([&] { return ear->heard("second") == expected; }, seconds(10))) << name;
      EXPECT_EQ(ear->heard("first"), expected) << name;
    }
  }
}

TEST_F(LineSecurity, EachRoleWritesWhatItMayAndNothingElse) {
  site.start_broker();
  Ear ear(site, "probe", {"#"});
  for (const auto& name : names) {
    site.publish_at_once(name, topics);
    ASSERT_EQ(site.publish("probe", "end/of/" + name, "end").code, 0);
    ASSERT_TRUE(ear.wait_for("heard end/of/" + name)) << name;
    EXPECT_EQ(ear.heard(name), those(topics, [&](const auto& topic) { return may_write(name, topic); })) << name;
  }
}

TEST_F(LineSecurity, NobodyComesInWithoutTlsAWordOrACertificateAndNobodyUnderTheNameOfAnother) {
  site.start_broker();
  const auto ca = (site.folder() / "ca.pem").string();
  const auto comes_in = [&](std::uint16_t port, const Words& more, const std::string& host = "localhost") {
    return answer_of(Words{"mosquitto_pub", "-V", "5", "-q", "1", "-h", host, "-p", std::to_string(port), "-t",
                           park + "gateway/gw/request/anna", "-m", "x"} +
                     more)
               .code == 0;
  };
  const auto word = site.password("anna");
  const Words tls{"--cafile", ca}, anna{"-u", "anna", "-P", word};
  const Words her_certificate{"--cert", (site.folder() / "people/anna.pem").string(), "--key",
                              (site.folder() / "people/anna.key").string()};
  EXPECT_TRUE(comes_in(site.people_port, tls + anna));
  EXPECT_TRUE(comes_in(site.gateway_port, tls + her_certificate));
  EXPECT_FALSE(comes_in(site.people_port, anna)) << "without TLS";
  EXPECT_FALSE(comes_in(site.people_port, tls)) << "without a name";
  EXPECT_FALSE(comes_in(site.people_port, tls + Words{"-u", "anna", "-P", "guessed"}));
  EXPECT_FALSE(comes_in(site.people_port, tls + Words{"-u", "gw", "-P", word})) << "a gateway has no word";
  for (const auto port : {site.people_port, site.gateway_port}) {
    const auto speaks = [&](const std::string& version) {
      return answer_of({"openssl", "s_client", "-connect", "localhost:" + std::to_string(port), "-CAfile", ca, version,
                        "-cipher", "DEFAULT@SECLEVEL=0", "-brief"})
                 .text.find("CONNECTION ESTABLISHED") != std::string::npos;
    };
    EXPECT_FALSE(speaks("-tls1_1"));
    EXPECT_EQ(speaks("-tls1_2"), port == site.people_port) << "the other one wants a certificate";
  }
  EXPECT_FALSE(comes_in(site.gateway_port, tls + anna)) << "a word where a certificate is due";
  EXPECT_FALSE(comes_in(site.people_port, tls + anna, "127.0.0.1")) << "another host than the certificate's";
  // With her certificate and the name of another: it is the certificate that counts.
  Ear ear(site, "probe", {"#"});
  const auto as_li =
      answer_of(Words{"mosquitto_pub", "-V", "5", "-q", "1", "-h", "localhost", "-p", std::to_string(site.gateway_port),
                      "-u", "li", "-t", park + "gateway/gw/request/li", "-m", "forged"} +
                tls + her_certificate);
  ASSERT_EQ(site.publish("probe", "end", "end").code, 0);
  ASSERT_TRUE(ear.wait_for("heard end"));
  EXPECT_EQ(ear.heard("forged"), Topics{}) << as_li.text;
}

TEST_F(LineSecurity, WhatIsMadeIsForItsOwnerAloneAndNoWordIsShown) {
  for (const auto& entry : fs::recursive_directory_iterator(site.folder()))
    EXPECT_EQ(entry.status().permissions() & (fs::perms::group_all | fs::perms::others_all), fs::perms::none)
        << entry.path();
  const auto hashes = content(site.folder() / "broker/passwords");
  for (const auto* name : {"li", "anna", "bob", "zhao"}) {
    const auto word = site.password(name);
    EXPECT_GE(word.size(), 24U);
    EXPECT_THAT(site.said + hashes, Not(HasSubstr(word))) << name;
  }
  const auto again = answer_of(
      {make_site, "--site", "park", "--out", site.folder().string(), "--host", "localhost", "--gateway", "gw:acme"});
  EXPECT_EQ(again.code, 1);
  EXPECT_THAT(again.text, HasSubstr("is there already"));
}

TEST(MakeSite, SaysWhatIsWrong) {
  const TemporaryFolder folder;
  const Words good{make_site, "--site",    "park",      "--out",  (folder.path() / "site").string(),
                   "--host",  "localhost", "--gateway", "gw:acme"};
  const std::vector<std::pair<Words, std::string>> rows{
      {{"--sight", "x"}, "unknown option '--sight'"},
      {{"--operator"}, "--operator needs a value"},
      {{"--operator", "li wei"}, "'li wei' cannot be an id"},
      {{"--operator", ".."}, "'..' cannot be an id"},
      {{"--operator", "gw"}, "there is a gateway of this name already"},
      {{"--operator", "li", "--regulator", "li"}, "there is a operator of this name already"},
      {{"--enterprise", "anna"}, "names no person"},
      {{"--enterprise", "beta:anna"}, "no --gateway serves 'beta'"},
      {{"--gateway", "gw-2"}, "names no enterprise"},
      {{"--gateway", "gw-2:gateway"}, "no enterprise can be called 'gateway'"},
      {{"--host", "a/b"}, "neither a host name nor an IP address"},
      {{"--certificate", "nobody"}, "none of the people named"},
      {{"--days", "never"}, "no whole number"},
      {{"--people-port", "8883"}, "are both 8883"}};
  for (const auto& [more, text] : rows) {
    const auto said = answer_of(good + more);
    EXPECT_EQ(said.code, 2) << text;
    EXPECT_THAT(said.text, HasSubstr(text));
    EXPECT_FALSE(fs::exists(folder.path() / "site")) << text;
  }
  EXPECT_EQ(answer_of({make_site, "--help"}).code, 0);
  EXPECT_EQ(answer_of({make_site, "--site", "park"}).code, 2);
}

/// Two halls of two enterprises, each with a module whose figure is above its limit, and the gateway over TLS.
struct SecuredGateway : LineSecurity {
  SiteOnThisMachine plant;
  const std::uint16_t port = free_port();

  SecuredGateway() {
    plant.profile("module", "[[measure]]\nid = \"v\"\nregister = \"holding 0\"\ntype = \"uint16\"\nunit = \"mg/m3\"\n");
    plant.folder.write("recordings/high.csv", "elapsed_s,value\n0,80\n3000,80\n");
    plant.config(fmt::format("[[bus]]\nid = \"bus\"\ntransport = \"tcp\"\nhost = \"127.0.0.1\"\nport = {}\n", port));
    int unit = 0;
    for (const std::string enterprise : {"acme", "beta"}) {
      plant.config(fmt::format("[[enterprise]]\nid = \"{}\"\n", enterprise));
      plant.config(fmt::format("[[workplace]]\nid = \"hall-{}\"\nenterprise = \"{}\"\n", enterprise, enterprise));
      plant.config(
          fmt::format("[[device]]\nid = \"{}\"\nbus = \"bus\"\nunit = {}\nprofile = \"module\"\nperiod = \"200ms\"\n"
                      "workplace = \"hall-{}\"\n",
                      enterprise, ++unit, enterprise));
      plant.config(
          fmt::format("[[limit]]\npoint = \"{}.v\"\nlevel = \"exceed\"\nvalue = 60\nunit = \"mg/m3\"\n"
                      "on_delay = \"0s\"\n",
                      enterprise));
      plant.simulation(fmt::format(
          "[[play]]\npoint = \"{}.v\"\nfile = \"high.csv\"\ncolumn = \"value\"\ntime = \"elapsed_s\"\n", enterprise));
    }
  }
  fs::path own(const std::string& file) const { return site.folder() / "gateways/gw" / file; }
  void connect_by(const fs::path& ca, const fs::path& certificate, const std::string& host = "localhost") {
    plant.config(fmt::format("[mqtt]\nurl = \"mqtts://{}:{}\"\nca = \"{}\"", host, site.gateway_port, ca.string()));
    if (!certificate.empty())
      plant.config(fmt::format("cert = \"{}\"\nkey = \"{}\"", certificate.string(), own("gateway.key").string()));
  }
  void people() {
    plant.config("[[mqtt.user]]\nname = \"li\"\nrole = \"operator\"\n");
    plant.config("[[mqtt.user]]\nname = \"anna\"\nrole = \"enterprise\"\nenterprise = \"acme\"\n");
    plant.config("[[mqtt.user]]\nname = \"zhao\"\nrole = \"regulator\"\n");
  }
  /// What mosquitto_rr hears.
  std::string ask(const std::string& name, const std::string& enterprise, const std::string& action,
                  const std::string& answered_at = "") {
    const auto gateway = park + "gateway/gw/";
    return answer_of(
               Words{"mosquitto_rr", "-q", "1", "-W", "3"} + site.connection(name) +
               Words{"-t", gateway + "request/" + name, "-e",
                     gateway + "response/" + (answered_at.empty() ? name : answered_at), "-m",
                     fmt::format(R"({{"op":"alarm","point":"{}.v","action":"{}","note":"seen"}})", enterprise, action)})
        .text;
  }
  /// A copy of the site whose certificates were good until last year.
  fs::path expired() {
    const auto old = plant.folder.path() / "old";
    fs::copy(site.folder(), old, fs::copy_options::recursive);
    const auto made = answer_of({"faketime", "400 days ago", make_site, "--renew", old.string(), "--days", "1"});
    EXPECT_EQ(made.code, 0) << made.text;
    return old;
  }
  /// The reason in the gateway's log; the gateway goes on watching.
  std::string reason() {
    plant.start_simulator();
    plant.start_gateway();
    EXPECT_TRUE(plant.gateway->wait_for("state=down reason=\"mqtts", seconds(20))) << plant.gateway->output();
    EXPECT_TRUE(plant.gateway->wait_for("device=acme state=up", seconds(10))) << plant.gateway->output();
    std::istringstream lines(plant.gateway->output());
    for (std::string line; std::getline(lines, line);)
      if (line.find("state=down reason=\"mqtts") != line.npos) return line;
    return {};
  }
};

TEST_F(SecuredGateway, PublishesWithItsCertificateAndEachPersonActsOnWhatIsHis) {
  site.start_broker();
  connect_by(own("ca.pem"), own("gateway.pem"));
  people();
  Ear anna(site, "anna", {"#"}), bob(site, "bob", {"#"}), zhao(site, "zhao", {"#"});
  plant.start_simulator();
  plant.start_gateway();
  ASSERT_TRUE(bob.wait_for("heard hazgate/1/park/beta/hall-beta/alarm/gw-")) << plant.gateway->output();
  ASSERT_TRUE(anna.wait_for("heard hazgate/1/park/acme/hall-acme/alarm/gw-"));
  ASSERT_TRUE(anna.wait_for("heard hazgate/1/park/acme/hall-acme/readings "));
  EXPECT_THAT(ask("anna", "acme", "acknowledge"),
              AllOf(HasSubstr("\"ok\":true"), HasSubstr("\"acknowledged_by\":\"anna\"")));
  EXPECT_THAT(ask("anna", "beta", "acknowledge"), HasSubstr("\"code\":\"not_allowed\""));
  EXPECT_THAT(ask("zhao", "acme", "comment"), HasSubstr("\"code\":\"not_allowed\""));
  EXPECT_THAT(ask("bob", "beta", "acknowledge"), HasSubstr("\"code\":\"not_allowed\"")) << "not in gateway.toml";
  EXPECT_THAT(ask("anna", "acme", "comment", "bob"), Not(HasSubstr("ok")));
  EXPECT_THAT(ask("li", "beta", "acknowledge"), HasSubstr("\"ok\":true"));
  for (int number = 1; number <= 3; ++number) {
    const auto by_number =
        answer_of(Words{"mosquitto_rr", "-q", "1", "-W", "3"} + site.connection("anna") +
                  Words{"-t", park + "gateway/gw/request/anna", "-e", park + "gateway/gw/response/anna/n", "-m",
                        fmt::format(R"({{"op":"alarm","id":"gw-{}","action":"comment","note":"mine?"}})", number)});
    EXPECT_THAT(by_number.text, AnyOf(AllOf(HasSubstr("\"ok\":true"), HasSubstr("\"enterprise\":\"acme\"")),
                                      HasSubstr("\"code\":\"not_allowed\"")));
  }
  EXPECT_EQ(plant.stop_gateway(), 0) << plant.gateway->output();
  EXPECT_THAT(anna.output(), AllOf(Not(HasSubstr("beta")), Not(HasSubstr("response/bob"))));
  EXPECT_THAT(bob.output(), AllOf(Not(HasSubstr("acme")), Not(HasSubstr("response/anna"))));
  EXPECT_THAT(zhao.output(), AllOf(Not(HasSubstr("/alarm/")), Not(HasSubstr("/readings")), HasSubstr("not_allowed")));
}

TEST_F(SecuredGateway, DoesNotSpeakToABrokerOfAnotherAuthority) {
  site.start_broker();
  const SecuredSite other;
  connect_by(other.folder() / "ca.pem", own("gateway.pem"));
  EXPECT_THAT(reason(), HasSubstr("signed by none of mqtt.ca"));
}

TEST_F(SecuredGateway, DoesNotSpeakToABrokerOfAnotherName) {
  site.start_broker();
  connect_by(own("ca.pem"), own("gateway.pem"), "127.0.0.1");
  EXPECT_THAT(reason(), HasSubstr("another host than in mqtt.url"));
  EXPECT_THAT(plant.gateway->output(), Not(HasSubstr("state=up reason=\"mqtts")));
}

TEST_F(SecuredGateway, DoesNotSpeakToABrokerWhoseCertificateHasExpired) {
  fs::copy_file(expired() / "broker/server.pem", site.folder() / "broker/server.pem",
                fs::copy_options::overwrite_existing);
  site.start_broker();
  connect_by(own("ca.pem"), own("gateway.pem"));
  EXPECT_THAT(reason(), HasSubstr("has expired"));
}

TEST_F(SecuredGateway, IsToldThatItNeedsACertificate) {
  site.start_broker();
  connect_by(own("ca.pem"), {});
  EXPECT_THAT(reason(), HasSubstr("set mqtt.cert and mqtt.key"));
}

TEST_F(SecuredGateway, IsToldThatItsCertificateHasExpired) {
  site.start_broker();
  connect_by(own("ca.pem"), expired() / "gateways/gw/gateway.pem");
  EXPECT_THAT(reason(), AllOf(HasSubstr("our certificate, mqtt.cert"), HasSubstr("has expired")));
}

TEST_F(SecuredGateway, IsToldThatNobodyKnowsWhoSignedItsCertificate) {
  site.start_broker();
  const SecuredSite other;
  const auto theirs = other.folder() / "gateways/gw";
  plant.config(fmt::format("[mqtt]\nurl = \"mqtts://localhost:{}\"\nca = \"{}\"\ncert = \"{}\"\nkey = \"{}\"",
                           site.gateway_port, own("ca.pem").string(), (theirs / "gateway.pem").string(),
                           (theirs / "gateway.key").string()));
  EXPECT_THAT(reason(), HasSubstr("does not know who signed ours, mqtt.cert"));
}

}  // namespace
}  // namespace hazgate::test
