"""A park on this machine: simulated instruments, broker, a line to it that can be cut, gateway, subscriber."""
import os
import random
import shutil
import signal
import socket
import struct
import subprocess
import threading
import time

from listener import Listener

BUSES, DEVICES, MEASURES = 10, 4, 5  # 200 points a second: ramps, and of each device a wave that passes a site's level
ALARMING = 8                         # devices of one measure more, which pass a MAC every few seconds: the ledger


_given = set()
_giving = threading.Lock()


def free_port():
    """One that nobody else was given in this run."""
    with _giving:
        while True:
            with socket.socket() as s:
                s.bind(("127.0.0.1", 0))
                port = s.getsockname()[1]
            if port not in _given:
                _given.add(port)
                return port


def wait_for(condition, most, what, look_every=0.01):
    end = time.monotonic() + most
    while time.monotonic() < end:
        if condition():
            return
        time.sleep(look_every)
    raise RuntimeError(f"after {most} s still not: {what}")


def listening(port):
    with socket.socket() as s:
        s.settimeout(0.5)
        return s.connect_ex(("127.0.0.1", port)) == 0


class Line:
    """A TCP line from the gateway to the broker: passes, refuses, or is half-open (takes everything, answers nothing)."""

    def __init__(self, to):
        self.to, self.port, self.state = to, free_port(), "passes"
        self.pairs, self.lock = [], threading.Lock()
        self.dead = []  # ends that nobody will ever close: what a half-open connection looks like from one side
        self.server = None
        self._listen()

    def _listen(self):
        self.server = socket.create_server(("127.0.0.1", self.port), reuse_port=False)
        threading.Thread(target=self._accept, args=(self.server,), daemon=True).start()

    def _accept(self, server):
        while True:
            try:
                near, _ = server.accept()
            except OSError:
                return
            if self.state != "passes":
                self.dead.append(near)
                continue
            try:
                far = socket.create_connection(("127.0.0.1", self.to), timeout=2)
            except OSError:
                near.close()
                continue
            with self.lock:
                self.pairs.append((near, far))
            for a, b in ((near, far), (far, near)):
                threading.Thread(target=self._pump, args=(a, b), daemon=True).start()

    def _pump(self, source, sink):
        source.settimeout(None)
        try:
            while data := source.recv(1 << 16):
                if self.state == "half-open":
                    return  # swallowed
                sink.sendall(data)
        except OSError:
            pass
        if self.state != "half-open":
            for end in (source, sink):
                try:
                    end.shutdown(socket.SHUT_RDWR)
                except OSError:
                    pass

    def refuse(self):
        self.state = "refuses"
        self.server.shutdown(socket.SHUT_RDWR)
        self.server.close()
        self.cut()

    def half_open(self):
        """The broker's side ends, the gateway's is never told."""
        self.state = "half-open"
        with self.lock:
            for near, far in self.pairs:
                self.dead.append(near)
                far.close()
            self.pairs.clear()

    def cut(self):
        with self.lock:
            for pair in self.pairs:
                for end in pair:
                    try:
                        end.shutdown(socket.SHUT_RDWR)
                    except OSError:
                        pass
            self.pairs.clear()

    def restore(self):
        refused, self.state = self.state == "refuses", "passes"
        if refused:
            self._listen()

    def close(self):
        self.server.close()
        self.cut()
        for end in self.dead:
            end.close()


class Park:
    def __init__(self, folder, hazgate, shim, points=True, serial=False):
        self.folder, self.hazgate, self.shim = folder, hazgate, shim
        self.data = os.path.join(folder, "data")
        self.store = os.path.join(self.data, "hazgate.sqlite")
        self.record = os.path.join(folder, "heard.jsonl")
        self.control_file = os.path.join(folder, "control")
        self.journal = os.path.join(folder, "journal")
        os.makedirs(self.data)
        self.broker_port = free_port()
        self.line = Line(self.broker_port)
        self.processes = {}
        self.worst_start = self.peak_mib = 0.0
        self.plays = []  # when a simulator began: (not before, not after)
        self.control()
        self._configure(points, serial)
        self._configure_broker()
        self.start_broker()
        self.listener = Listener(self.broker_port, self.record)
        if not self.listener.connected.wait(10):
            raise RuntimeError("the subscriber is not connected")

    # --- configuration --------------------------------------------------------------------------------------------

    def write(self, name, text):
        path = os.path.join(self.folder, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w", encoding="utf-8") as out:
            out.write(text)
        return path

    def _configure(self, points, serial):
        root = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
        for name in ("limits", "voc116.csv"):
            os.makedirs(os.path.join(self.folder, "config"), exist_ok=True)
            os.symlink(os.path.join(root, "config", name), os.path.join(self.folder, "config", name))
        measure = '[[measure]]\nid = "v{0}"\nregister = "holding {0}"\ntype = "uint16"\nunit = "mg/m3"\n'
        head = 'profile = "{0}"\nmaker = "campaign"\nmodel = "{0}"\nmanual = "campaign"\n'
        self.write("config/profiles/ramp.toml", head.format("ramp") + "".join(measure.format(i) for i in range(MEASURES - 1))
                   + measure.format(MEASURES - 1).replace(f'"v{MEASURES - 1}"', '"w"'))
        self.write("config/profiles/module.toml", head.format("module") + measure.format(0))
        text = [f'[gateway]\nid = "gw"\nsite = "park"\ndata_dir = "{self.data}"\n'
                f'[mqtt]\nurl = "mqtt://127.0.0.1:{self.line.port}"\noutbox_limit_mb = 16384\n[alarm.exceed]\noff_delay = "1s"\n']
        for e in ("acme", "huaxin"):
            text.append(f'[[enterprise]]\nid = "{e}"\nname = "{e}"\n')
            for w in ("hall", "store"):
                text.append(f'[[workplace]]\nid = "{e}-{w}"\nname = "{w}"\nenterprise = "{e}"\n')
        places = ["acme-hall", "acme-store", "huaxin-hall", "huaxin-store"]
        plays = []
        for b in range(BUSES if points else 1):
            line = f'path = "{self.folder}/line-{b}.tty"\nbaud = 115200\n' if serial and b < 2 else \
                   f'host = "127.0.0.1"\nport = {free_port()}\n'
            kind = "rtu" if serial and b < 2 else "tcp"
            text.append(f'[[bus]]\nid = "bus-{b}"\ntransport = "{kind}"\n{line}timeout = "400ms"\n')
            for d in range(DEVICES):
                device = f"r{b}-{d}"
                text.append(f'[[device]]\nid = "{device}"\nbus = "bus-{b}"\nunit = {d + 1}\nprofile = "ramp"\n'
                            f'period = "1s"\nworkplace = "{places[(b + d) % 4]}"\n')
                plays += [f'[[play]]\npoint = "{device}.v{m}"\nfile = "ramp.csv"\ncolumn = "value"\ntime = "elapsed_s"\n'
                          for m in range(MEASURES - 1)]
                plays.append(f'[[play]]\npoint = "{device}.w"\nfile = "wave-{(5 * b + d) % 8}.csv"\ncolumn = "value"\n'
                             'time = "elapsed_s"\n')
                text.append(f'[[limit]]\npoint = "{device}.w"\nlevel = "warning"\nvalue = 100\nunit = "mg/m3"\n'
                            'on_delay = "0s"\noff_delay = "0s"\n')
        for a in range(ALARMING):
            if a % 4 == 0:
                text.append(f'[[bus]]\nid = "alarms-{a // 4}"\ntransport = "tcp"\nhost = "127.0.0.1"\nport = {free_port()}\n')
            text.append(f'[[device]]\nid = "m{a}"\nbus = "alarms-{a // 4}"\nunit = {a % 4 + 1}\nprofile = "module"\n'
                        f'period = "250ms"\nworkplace = "{places[a % 4]}"\n'
                        f'[[device.point]]\nmeasure = "v0"\nagent = "cas:7783-06-4"\n')
            self.write(f"recordings/m{a}.csv", "elapsed_s,value\n" +
                       "".join(f"{s},{25 + s % 50 if (s + a) % 8 < 3 else 1}\n" for s in range(7200)))
            plays.append(f'[[play]]\npoint = "m{a}.v0"\nfile = "m{a}.csv"\ncolumn = "value"\ntime = "elapsed_s"\n')
        for i in range(8):  # above the site's level for 16 s of 40, so that it does not chatter
            self.write(f"recordings/wave-{i}.csv", "elapsed_s,value\n" +
                       "".join(f"{s},{150 + s % 97 if (s + 5 * i) % 40 < 16 else 20 + s % 7}\n" for s in range(7200)))
        self.write("recordings/ramp.csv", "elapsed_s,value\n" + "".join(f"{i / 10},{i}\n" for i in range(65000)))
        self.write("recordings/simulation.toml", "".join(plays))
        self.config = self.write("config/gateway.toml", "".join(text))

    def _configure_broker(self):
        # What it acknowledges it has passed on to the subscriber's socket before: the window is never full.
        self.write("mosquitto.conf", f"user root\nlistener {self.broker_port} 127.0.0.1\nallow_anonymous true\n"
                   f"max_inflight_messages 60000\nmax_queued_messages 0\npersistence true\n"
                   f"persistence_location {self.folder}/\nautosave_interval 0\n")

    # --- processes ------------------------------------------------------------------------------------------------

    def start(self, name, command, environment=None):
        log = open(os.path.join(self.folder, name + ".log"), "ab")
        self.processes[name] = subprocess.Popen(command, stdout=log, stderr=log, stdin=subprocess.DEVNULL,
                                                env={**os.environ, **(environment or {})}, start_new_session=True)
        log.close()
        return self.processes[name]

    def end(self, name, how=signal.SIGTERM, most=60):
        process = self.processes.pop(name, None)
        if process is None:
            return 0
        process.send_signal(how)
        try:
            return process.wait(most)
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGABRT)  # where it hangs is in the core
            process.wait(10)
            raise RuntimeError(f"{name} does not end within {most} s of {how.name}; see {self.folder}/{name}.log")

    def start_broker(self):
        path = shutil.which("mosquitto") or "/usr/sbin/mosquitto"
        self.start("broker", [path, "-c", os.path.join(self.folder, "mosquitto.conf")])
        wait_for(lambda: listening(self.broker_port), 10, "the broker listens")

    def save_broker(self):
        """The subscriber's session stands in its file: a kill does not forget it."""
        self.processes["broker"].send_signal(signal.SIGUSR1)
        wait_for(lambda: os.path.exists(os.path.join(self.folder, "mosquitto.db")), 5, "the broker has saved its sessions")

    def kill_broker(self):
        """Where the subscriber is there: what was acknowledged has gone to it, and a broker without a disk owes no more."""
        self.listener.connected.wait(10)
        self.end("broker", signal.SIGKILL)
        self.listener.connected.clear()

    def start_simulator(self):
        spawned = time.time()
        log = os.path.join(self.folder, "simulator.log")
        begin = os.path.getsize(log) if os.path.exists(log) else 0
        process = self.start("simulator", [self.hazgate, "simulate", "--config", self.config, "--data",
                                           os.path.join(self.folder, "recordings")])
        wait_for(lambda: "simulating" in self.tail(log, begin) or process.poll() is not None, 30, "the simulator plays")
        self.plays.append((spawned, time.time()))

    @staticmethod
    def tail(file, begin):
        with open(file, "rb") as text:
            text.seek(begin)
            return text.read().decode("utf-8", "replace")

    def start_gateway(self, journal=False):
        log = os.path.join(self.folder, "gateway.log")
        before = os.path.getsize(log) if os.path.exists(log) else 0
        environment = {"LD_PRELOAD": self.shim, "CAMPAIGN_FOLDER": os.path.realpath(self.data),
                       "CAMPAIGN_CONTROL": self.control_file}
        sanitizers = os.environ.get("ASAN_OPTIONS", "")
        environment["ASAN_OPTIONS"] = (sanitizers + ":" if sanitizers else "") + "verify_asan_link_order=0:detect_leaks=0"
        if journal:
            environment["CAMPAIGN_JOURNAL"] = self.journal
        begin = time.monotonic()
        process = self.start("gateway", [self.hazgate, "run", "--config", self.config, "--summary",
                                         os.path.join(self.folder, "summary.txt")], environment)
        wait_for(lambda: "gateway=gw" in self.tail(log, before) or process.poll() is not None, 60, "the gateway runs")
        if process.poll() is not None:
            raise RuntimeError(f"the gateway ended with {process.returncode}: {self.tail(log, before)[-2000:]}")
        self.worst_start = max(self.worst_start, time.monotonic() - begin)

    def weigh(self):
        """Peak resident memory of the gateway."""
        with open(f"/proc/{self.processes['gateway'].pid}/status", encoding="ascii") as status:
            for line in status:
                if line.startswith("VmHWM"):
                    self.peak_mib = max(self.peak_mib, int(line.split()[1]) / 1024)

    def kill_gateway(self):
        self.weigh()
        self.end("gateway", signal.SIGKILL)

    def stop_gateway(self, most=60):
        """It drains, and ends by itself."""
        self.weigh()
        code = self.end("gateway", signal.SIGTERM, most)
        if code != 0:
            raise RuntimeError(f"the gateway ended with {code}: {self.tail(os.path.join(self.folder, 'gateway.log'), 0)[-2000:]}")

    def control(self, writes=0, syncs=0, reads=0, opens=0, clock=0.0):
        """What fails at the gateway's machine from now on: an errno each, and how far its wall clock is off."""
        with open(self.control_file, "r+b" if os.path.exists(self.control_file) else "w+b") as out:
            out.write(struct.pack("<iiiiq", writes, syncs, reads, opens, int(clock * 1e6)))

    def close(self):
        """Whatever still runs."""
        for name in ("gateway", "simulator"):
            try:
                self.end(name, signal.SIGKILL)
            except RuntimeError:
                pass
        self.listener.close()
        self.end("broker", signal.SIGKILL)
        self.line.close()


# --- a power cut ------------------------------------------------------------------------------------------------------

def operations(journal, base):
    """(operation, name, offset, data, when) in order; what was being noted when the machine went is not there."""
    with open(journal, "rb") as file:
        while len(head := file.read(32)) == 32:
            operation, name, length, _, offset, at_ns = struct.unpack("<IIIIqq", head)
            body = file.read(name + length)
            if len(body) < name + length:
                return
            yield chr(operation), os.path.relpath(body[:name].decode(), base), offset, body[name:], at_ns / 1e9


def after_power_cut(before, noted, base, image, chance: random.Random):
    """Makes `image` out of `before` (the folder when the journal began) and what was noted since: what was synced is
    there, each later write is there, is not, or is torn at a sector. Gives how many were (kept, dropped, torn)."""
    shutil.copytree(before, image)
    last_sync = {}
    for i, (operation, name, *_) in enumerate(noted):
        if operation == "s":
            last_sync[name] = i
    counts = [0, 0, 0]
    mood = chance.choice([0.1, 0.5, 0.9])  # how much of what was not synced survives
    for i, (operation, name, offset, data, _) in enumerate(noted):
        path = os.path.join(image, name)
        if operation == "u":
            if os.path.exists(path):
                os.unlink(path)
        elif operation == "r":
            # What the shim does not follow (written through a stream, never flushed) has not reached the disk.
            if os.path.exists(path):
                os.replace(path, os.path.join(image, os.path.relpath(data.decode(), base)))
        elif operation in "wt":
            pieces = [(0, data)]
            if i > last_sync.get(name, -1):
                if chance.random() > mood:
                    if operation == "t" or chance.random() < 0.5:
                        counts[1] += 1
                        continue
                    counts[2] += 1
                    pieces = [(at, data[at : at + 512]) for at in range(0, len(data), 512) if chance.random() < 0.5]
                else:
                    counts[0] += 1
            if not os.path.exists(path):
                os.close(os.open(path, os.O_CREAT | os.O_EXCL, 0o600))
            with open(path, "r+b") as file:
                if operation == "t":
                    file.truncate(offset)
                else:
                    for at, piece in pieces:
                        file.seek(offset + at)
                        file.write(piece)
    for name in os.listdir(image):
        if name.endswith("-shm"):
            os.unlink(os.path.join(image, name))
    return tuple(counts)
