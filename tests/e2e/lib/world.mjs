// Broker, simulated instruments and gateway, in a folder of their own and on ports of their own.
import { spawn, spawnSync } from 'node:child_process';
import { closeSync, cpSync, existsSync, mkdirSync, openSync, readFileSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import net from 'node:net';
import { Client } from './client.mjs';
import { build, root } from './modules.mjs';
import { until } from './wait.mjs';

const program = process.env.HAZGATE_PROGRAM;
export const passwordOf = (user) => `${user} comes in by the door`;

const children = new Set();
process.on('exit', () => children.forEach((child) => child.kill('SIGKILL')));
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => process.exit(130));

/** Ports that nobody uses: all are held at once, so that none comes twice. */
async function freePorts(count) {
  const held = await Promise.all(Array.from({ length: count }, () => new Promise((done, failed) => {
    const server = net.createServer().once('error', failed).listen(0, '127.0.0.1', () => done(server));
  })));
  const ports = held.map((server) => server.address().port);
  await Promise.all(held.map((server) => new Promise((done) => { server.close(done); })));
  return ports;
}

const listening = (port) => new Promise((done) => {
  const socket = net.connect(port, '127.0.0.1');
  socket.once('connect', () => { socket.destroy(); done(true); }).once('error', () => done(false));
});

export class World {
  /** `configuration`: makes of the demonstration's text another one; `data`: a folder of recordings other than its own. */
  constructor(name, { configuration = (text) => text, data = null, buses = true } = {}) {
    this.name = name;
    this.folder = `${build}/worlds/${name}`;
    this.configuration = configuration;
    this.data = data;
    this.buses = buses;
    this.processes = new Map();
    this.clients = new Map();
  }

  /** The folder and its configuration, with free ports; nothing runs yet. */
  async prepare() {
    rmSync(this.folder, { recursive: true, force: true });
    mkdirSync(`${this.folder}/data`, { recursive: true });
    mkdirSync(`${this.folder}/config`);
    const text = this.configuration(readFileSync(`${root}/config/gateway.toml`, 'utf8'));
    const fixed = ['15020', '15021', '15022', '18830', '18080'];
    const free = await freePorts(fixed.length);
    this.ports = Object.fromEntries(fixed.map((port, i) => [port, free[i]]));
    let made = text;
    for (const port of fixed) made = made.replaceAll(port, String(this.ports[port]));
    // At whatever hour the tests run, a shift runs: it began with this hour of the site.
    const hour = String(new Date(Date.now() + 8 * 3600000).getUTCHours()).padStart(2, '0');
    made = made.replace(/^start = "08:00"/m, `start = "${hour}:00"`)
      .replace(/^days = \["mon".*\]/m, 'days = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]');
    for (const entry of ['advice.toml', 'limits', 'profiles', 'voc116.csv']) {
      symlinkSync(`${root}/config/${entry}`, `${this.folder}/config/${entry}`);
    }
    this.config = `${this.folder}/config/gateway.toml`;
    writeFileSync(this.config, made);
    this.data ??= this.recordings();
    this.base = `http://127.0.0.1:${this.ports[18080]}`;
    writeFileSync(`${this.folder}/mosquitto.conf`,
      `listener ${this.ports[18830]} 127.0.0.1\nallow_anonymous true\nmax_queued_messages 100000\n`);
    this.client = new Client(this.base);
    return this;
  }

  /**
   * The demonstration's, but the ten seconds of dust last forty and come when whoever watches for them sits down: beside
   * three browsers on a small machine a reading may be seconds late.
   */
  recordings() {
    const folder = `${this.folder}/recordings`;
    mkdirSync(folder);
    for (const entry of readdirSync(`${root}/tests/data`)) {
      if (entry !== 'simulation.toml') symlinkSync(`${root}/tests/data/${entry}`, `${folder}/${entry}`);
    }
    const played = readFileSync(`${root}/tests/data/simulation.toml`, 'utf8');
    const slower = played.replace('start = "2115s"', 'start = "2117s"\nrate = 0.25');
    if (slower === played) throw new Error('tests/data/simulation.toml: the dust no longer starts at 2115 s; mend tests/e2e/lib/world.mjs');
    writeFileSync(`${folder}/simulation.toml`, slower);
    return folder;
  }

  start(name, command, args) {
    const log = openSync(`${this.folder}/${name}.log`, 'a');
    const child = spawn(command, args, { cwd: this.folder, stdio: ['ignore', log, log] });
    closeSync(log);
    children.add(child);
    child.gone = new Promise((done) => {
      child.once('error', (error) => { child.why = error.message; done(); });
      child.once('exit', (code, signal) => { child.why = signal ?? `exit code ${code}`; children.delete(child); done(); });
    });
    this.processes.set(name, child);
    return child;
  }

  async stop(name, signal = 'SIGTERM') {
    const child = this.processes.get(name);
    if (!child) return null;
    this.processes.delete(name);
    child.kill(signal);
    await Promise.race([child.gone, new Promise((done) => { setTimeout(done, 15000).unref(); })]);
    if (!child.why) {
      child.kill('SIGKILL');
      await child.gone;
      throw new Error(`${name} did not end within 15 s of ${signal}`);
    }
    return child.why;
  }

  /** While `name` lives; of one that has ended the end of its log. */
  async ready(name, condition, within = 30000) {
    await until(`${name} is ready`, async () => {
      const child = this.processes.get(name);
      if (child.why) throw Object.assign(new Error(`${name} ended (${child.why}):\n${this.log(name).slice(-2000)}`), { fatal: true });
      return condition();
    }, { within, every: 20 });
  }

  log(name) {
    const file = `${this.folder}/${name}.log`;
    return existsSync(file) ? readFileSync(file, 'utf8') : '';
  }

  startBroker() {
    this.start('broker', 'mosquitto', ['-c', 'mosquitto.conf']);
    return this.ready('broker', () => listening(this.ports[18830]));
  }

  startSimulator() {
    this.start('simulator', program, ['simulate', '--config', this.config, '--data', this.data]);
    return this.ready('simulator', async () =>
      (!this.buses || existsSync(`${this.folder}/data/hall-b.tty`)) && await listening(this.ports[15020]));
  }

  startSubscriber() {
    this.start('subscriber', 'mosquitto_sub', ['-V', '5', '-q', '1', '-h', '127.0.0.1', '-p', String(this.ports[18830]),
      '-i', 'e2e-check', '-t', 'hazgate/1/#', '-F', '%t %p']);
  }

  startGateway() {
    this.start('gateway', program, ['run', '--config', this.config, '--summary', 'summary.txt']);
    return this.ready('gateway', async () =>
      (await listening(this.ports[18080])) && (await this.client.ask('GET', '/healthz')).status === 200, 60000);
  }

  async startAll() {
    await this.prepare();
    await this.startBroker();
    await this.startSimulator();
    this.startSubscriber();
    await this.startGateway();
    return this;
  }

  /** The gateway last, so that what it says of its end is heard; what the sanitizers found is an error. */
  async end() {
    const why = await this.stop('gateway');
    for (const name of [...this.processes.keys()].reverse()) await this.stop(name);
    const found = /AddressSanitizer|runtime error:/.exec(this.log('gateway') + this.log('simulator'));
    if (found) throw new Error(`${this.name}: ${found[0]}; see ${this.folder}/gateway.log and simulator.log`);
    if (why !== null && why !== 'exit code 0') throw new Error(`${this.name}: the gateway ended with ${why}; see ${this.folder}/gateway.log`);
  }

  token() {
    return until('the one-time token', () => {
      const file = `${this.folder}/data/one-time-token`;
      return existsSync(file) ? readFileSync(file, 'utf8').trim() || null : null;
    });
  }

  // --- persons -------------------------------------------------------------------------------------------------------

  /** The first administrator, by whoever asks first; a story may do it by the page and say so by `hasAdmin`. */
  admin() {
    this.administrator ??= (async () => {
      const client = new Client(this.base);
      if ((await client.get('/api/v1/session')).setup_needed) {
        await client.post('/api/v1/setup', { token: await this.token(), user: 'chen-jie', password: passwordOf('chen-jie') });
      } else {
        await client.signIn('chen-jie', passwordOf('chen-jie'));
      }
      client.user = 'chen-jie';
      return client;
    })();
    return this.administrator;
  }

  /**
   * A client that is signed in with a role: "admin", "operator", "regulator" or "enterprise:<id>". The same person for
   * all stories.
   */
  as(role) {
    if (role === 'admin') return this.admin();
    if (!this.clients.has(role)) {
      this.clients.set(role, (async () => {
        const [word, enterprise = null] = role.split(':');
        const user = { operator: 'li-wei', regulator: 'bureau', enterprise: `of-${enterprise}` }[word];
        const admin = await this.admin();
        await admin.post('/api/v1/users', { name: user, role: word, enterprise, password: passwordOf(user) });
        const client = new Client(this.base);
        await client.signIn(user, passwordOf(user));
        client.user = user;
        return client;
      })());
    }
    return this.clients.get(role);
  }

  // --- the store, without the gateway --------------------------------------------------------------------------------

  run(...args) {
    const done = spawnSync(program, args, { cwd: this.folder, encoding: 'utf8' });
    return { code: done.status, out: done.stdout, err: done.stderr };
  }

  keep(folder) {
    mkdirSync(folder, { recursive: true });
    for (const name of ['gateway', 'simulator', 'broker', 'subscriber']) {
      const file = `${this.folder}/${name}.log`;
      if (existsSync(file)) cpSync(file, `${folder}/${this.name}-${name}.log`);
    }
  }
}
