#!/usr/bin/env python3
"""Holds what a subscriber got against what the store keeps; knows nothing of the gateway but its topics and its tables.

    check.py --record FILE --store FILE --hazgate PROGRAM [--rescued]

RECORD is the listener's: a JSON list [heard at, retained, topic, payload] a line. Prints every loss, exit code 1 when
there is one. --rescued: the store was damaged and set aside on the way, so readings may be missing, but no number may
have come with two contents, and holes are allowed only as one jump to the milliseconds since 1970.
"""
import argparse
import collections
import datetime
import hashlib
import json
import os
import re
import sqlite3
import subprocess
import sys
import tempfile

FAR_ABOVE = 1_600_000_000_000  # numbers that go on from the milliseconds since 1970


def stream_of(topic):
    """What is numbered together: (kind, stream), or None."""
    levels = topic.split("/")
    if len(levels) == 7 and levels[5] == "alarm":  # hazgate/1/site/enterprise/workplace/alarm/id, or gateway/id
        return "alarm", "/".join(levels[:5] if levels[3] == "gateway" else levels[:4]) + "/alarm"
    if len(levels) == 7 and levels[5] == "escalation":
        return "escalation", topic
    if levels[-1] in ("readings", "exposure", "gap", "exceedance"):
        return levels[-1], topic
    return None


SCHEMAS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../gateway/storage/schema")
NEWEST_SCHEMA = max(int(name[:4]) for name in os.listdir(SCHEMAS) if name.endswith(".sql"))


class Digest:
    """Of more readings than memory holds: how many there are in each hour, and the sum of their hashes."""

    def __init__(self):
        self.hours = collections.defaultdict(lambda: [0, 0])

    def add(self, point, t, value, unit, flag):
        hour = self.hours[t[:13]]
        hour[0] += 1
        hour[1] = (hour[1] + hash((point, t, value, unit, flag))) & 0xFFFFFFFFFFFFFFFF


class Heard:
    """What the subscriber has, repeats removed. In bulk, of a message of readings only its hash is kept."""

    def __init__(self, file, tell, until=None, bulk=False):
        self.digest = Digest()
        self.slowest_alarm = 0.0  # seconds from the change to the subscriber
        self.messages = collections.defaultdict(dict)  # stream -> seq -> text
        self.kinds = {}
        self.heads = {}  # topic -> the newest
        self.count = 0
        with open(file, encoding="utf-8") as lines:
            for line in lines:
                at, _, topic, text = json.loads(line)
                if until and at > until:
                    break
                self.count += 1
                if topic.endswith("/ledger") and text:
                    old = self.heads.get(topic)
                    if not old or json.loads(old)["seq"] <= json.loads(text)["seq"]:
                        self.heads[topic] = text
                found = stream_of(topic)
                if not found or not text:
                    continue
                kind, stream = found
                self.kinds[stream] = kind
                message = json.loads(text)
                seq = message["seq"]
                if kind == "alarm" and seq not in self.messages[stream]:
                    self.slowest_alarm = max(self.slowest_alarm, at - seconds_of(message["changed_at"]))
                if bulk and kind == "readings":
                    text = hash(text)
                    if seq not in self.messages[stream]:
                        for r in message["readings"]:
                            self.digest.add(r["point"], r["t"], r["value"], r["unit"], r["flag"])
                before = self.messages[stream].setdefault(seq, text)
                if before != text:
                    tell(f"{stream}: number {seq} came with two contents", stream)

    def of(self, kind):
        for stream, by_seq in self.messages.items():
            if self.kinds[stream] == kind:
                for seq in sorted(by_seq):
                    yield by_seq[seq]


def seconds_of(text):
    return datetime.datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp()


def micros_to_text(at):
    moment = datetime.datetime.fromtimestamp(at // 1_000_000, datetime.timezone.utc)
    return moment.strftime("%Y-%m-%dT%H:%M:%S") + f".{at % 1_000_000 // 1000:03}Z"


def slowest_alarm_in(file):
    """Of the record of a listener that is there from the beginning: seconds from a change to him, of the slowest."""
    slowest, seen = 0.0, set()
    with open(file, encoding="utf-8") as lines:
        for line in lines:
            at, _, _, text = json.loads(line)
            message = json.loads(text) if text else {}
            if message and message["seq"] not in seen:
                seen.add(message["seq"])
                slowest = max(slowest, at - seconds_of(message["changed_at"]))
    return slowest, len(seen)


class Check:
    def __init__(self, record, store, hazgate, rescued=False, until=None, plays=(), bulk=False):
        self.losses = []
        self.plays = plays  # when a simulator began: (not before, not after), seconds since 1970
        self.store, self.hazgate, self.rescued = store, hazgate, rescued
        self.bulk = bulk
        self.heard = Heard(record, self.tell, until, bulk)
        self.rows = sqlite3.connect(store)  # not read-only: a log that was left behind is looked through
        self.readings = self.alarms = self.records = 0

    def tell(self, loss, stream=""):
        # Records that only the damaged file held are missing; none may come again with another content.
        if self.rescued and stream.endswith("/exceedance") and "content" not in loss:
            return
        self.losses.append(loss)

    def run(self):
        self.file_is_sound()
        self.numbers()
        self.stored_readings()
        self.stored_alarms()
        self.chain()
        self.verify()
        return self

    def partly(self):
        """Of a store as it was at some instant: sound, and all that was acknowledged until then is in it."""
        self.file_is_sound()
        # A file on the way to its schema holds nothing yet: it is the first thing that a new gateway writes.
        if self.losses or self.rows.execute("PRAGMA user_version").fetchone()[0] < NEWEST_SCHEMA:
            if any(self.heard.messages.values()):
                self.tell("messages were received, and there is no sound store")
            return self
        last = dict(self.rows.execute("SELECT stream, last FROM sequence"))
        for stream, by_seq in self.heard.messages.items():
            if self.heard.kinds[stream] != "exceedance" and max(by_seq) > last.get(stream, 0):
                self.tell(f"{stream}: {max(by_seq)} was published, and the store has given only {last.get(stream, 0)}")
        received, _ = self.received_readings()
        self.all_stored(received, self.exported())
        history = set(self.rows.execute("SELECT number, revision FROM alarm_history"))
        for text in self.heard.of("alarm"):
            m = json.loads(text)
            if (int(m["id"].rsplit("-", 1)[1]), m["revision"]) not in history:
                self.tell(f"alarm message without a row in alarm_history: {m['id']} revision {m['revision']}")
        self.chain()
        return self

    def file_is_sound(self):
        for (verdict,) in self.rows.execute("PRAGMA integrity_check"):
            if verdict != "ok":
                self.tell(f"integrity_check: {verdict}")

    def numbers(self):
        """Each stream 1, 2, 3 … up to the last number that the store gave, less what it still owes."""
        last = dict(self.rows.execute("SELECT stream, last FROM sequence"))
        owed = collections.Counter()
        for (topic,) in self.rows.execute("SELECT topic FROM outbox"):
            found = stream_of(topic)
            if found:
                owed[found[1]] += 1
        for enterprise, seq in self.rows.execute("SELECT enterprise, max(seq) FROM ledger GROUP BY enterprise"):
            site = next((stream for stream in last if stream), "hazgate/1/park").split("/")[2]
            last[f"hazgate/1/{site}/{enterprise}/exceedance"] = seq
        for stream in sorted(set(last) | set(self.heard.messages)):
            if not stream:
                continue
            got = sorted(self.heard.messages.get(stream, {}))
            expected = 1
            for seq in got:
                jump = self.rescued and seq > FAR_ABOVE > expected
                if seq != expected and not jump:
                    self.tell(f"{stream}: {expected} to {seq - 1} are missing", stream)
                expected = seq + 1
            given = last.get(stream, 0)
            if expected - 1 > given and not (self.rescued and last.get("", 0) > FAR_ABOVE):  # then the next goes far above
                self.tell(f"{stream}: {expected - 1} was published, and the store has given only {given}", stream)
            if given > FAR_ABOVE > expected and self.rescued:
                continue
            if expected - 1 + owed[stream] < given:
                self.tell(f"{stream}: ends with {expected - 1}, the store gave {given} and owes {owed[stream]}")

    def exported(self):
        """How often each (point, time, value, unit, flag) is there, as the program gives them out again."""
        stored = collections.Counter()
        for reading in self.export():
            stored[reading] += 1
        return stored

    def export(self):
        with tempfile.NamedTemporaryFile(suffix=".csv") as out:
            os.unlink(out.name)
            done = subprocess.run([self.hazgate, "export", "--store", self.store, "--output", out.name],
                                  capture_output=True, text=True)
            if done.returncode != 0:
                self.tell(f"export: {done.stderr.strip()}")
            with open(out.name, "a+", encoding="utf-8") as lines:
                lines.seek(0)
                next(lines, None)
                for line in lines:
                    t, point, value, unit, flag = line.rstrip("\n").rsplit(",", 4)
                    yield point, t, float(value) if value else None, unit, flag

    def received_readings(self):
        received = collections.Counter()
        thinned = 0
        for text in self.heard.of("readings"):
            message = json.loads(text)
            if "thinned" in message:
                thinned += 1
                continue
            if message.get("unreadable_polls") and not self.rescued:
                self.tell(f"a message says that {message['unreadable_polls']} polls cannot be read")
            for r in message["readings"]:
                received[(r["point"], r["t"], r["value"], r["unit"], r["flag"])] += 1
        return received, thinned

    def all_stored(self, received, stored):
        foreign = received - stored
        for key in sorted(foreign, key=str)[:20]:
            self.tell(f"received, and not in the store: {key}")
        if len(foreign) > 20:
            self.tell(f"and {len(foreign) - 20} readings more that the store does not have")

    def digests(self):
        stored = Digest()
        for reading in self.export():
            stored.add(*reading)
        heard = self.heard.digest.hours
        for hour in sorted(set(stored.hours) | set(heard)):
            if stored.hours[hour] != heard[hour]:
                self.tell(f"{hour} h: {stored.hours[hour][0]} readings stored, {heard[hour][0]} received, or others")
        self.readings = sum(count for count, _ in stored.hours.values())

    def stored_readings(self):
        if self.bulk:
            return self.digests()
        received, thinned = self.received_readings()
        stored = self.exported()
        self.readings = sum(stored.values())
        owed = self.rows.execute("SELECT count(*) FROM outbox WHERE topic LIKE '%/readings'").fetchone()[0]
        if self.rescued:  # what the old file had cannot all be there
            first = min((key[1] for key in stored), default="")
            received = collections.Counter({k: n for k, n in received.items() if k[1] >= first})
        self.all_stored(received, stored)
        if owed == 0 and thinned == 0:
            missing = stored - received
            for key in sorted(missing, key=str)[:20]:
                self.tell(f"stored, not owed and never received: {key}")
            if len(missing) > 20:
                self.tell(f"and {len(missing) - 20} readings more that were never received")
        if self.plays:
            self.ramp(received)

    def ramp(self, received):
        """A ramp rises by 10 a second from when the simulator began: each value tells when it was taken."""
        wrong = 0
        for point, t, value, _, flag in received:
            if not (point.startswith("r") and ".v" in point and flag == "N"):
                continue
            began = seconds_of(t) - value / 10
            if not any(first - 0.3 <= began <= last + 0.6 for first, last in self.plays):
                wrong += 1
                if wrong <= 5:
                    self.tell(f"{point}: {value} at {t} is not what the ramp had then")
        if wrong > 5:
            self.tell(f"and {wrong - 5} such values more")

    def stored_alarms(self):
        history = collections.Counter()
        select = "SELECT number, revision, level, state, change, changed_at FROM alarm_history"
        for number, revision, level, state, change, at in self.rows.execute(select):
            history[(number, revision, level, state, change, micros_to_text(at))] += 1
        messages = collections.Counter()
        for text in self.heard.of("alarm"):
            m = json.loads(text)
            number = int(m["id"].rsplit("-", 1)[1])
            messages[(number, m["revision"], m["level"], m["state"], m["change"]["what"], m["changed_at"])] += 1
        self.alarms = sum(history.values())
        for key, times in history.items():
            if times > 1:
                self.tell(f"alarm_history has {times} times {key}")
        owed = self.rows.execute("SELECT count(*) FROM outbox WHERE topic LIKE '%/alarm/%' AND payload <> ''").fetchone()[0]
        for key in list(messages - history)[:20] if not self.rescued else []:
            self.tell(f"alarm message without a row in alarm_history: {key}")
        never = sum((history - messages).values())
        if never > owed and not self.rescued:
            self.tell(f"{never} changes of alarms were not received, {owed} are owed: {sorted(history - messages)[:3]}")

    def chain(self):
        """Hashes by our own: each record names the one before, and is what the store has under its number."""
        stored = {(e, s): (h, r) for e, s, h, r in self.rows.execute("SELECT enterprise, seq, hash, record FROM ledger")}
        self.records = len(stored)
        for (enterprise, seq), (hashed, record) in stored.items():
            body = re.sub(r'"hash":"[0-9a-f]{64}",', "", record, count=1)
            if hashlib.sha256(body.encode()).hexdigest() != hashed or json.loads(record)["hash"] != hashed:
                self.tell(f"ledger {enterprise} {seq}: the hash is not that of the record")
            before = stored.get((enterprise, seq - 1))
            if before and json.loads(record)["prev_hash"] != before[0]:
                self.tell(f"ledger {enterprise} {seq}: does not follow the record before")
        for text in self.heard.of("exceedance"):
            m = json.loads(text)
            kept = stored.get((m["enterprise"], m["seq"]))
            if kept is None:
                if not self.rescued:
                    self.tell(f"ledger {m['enterprise']} {m['seq']}: published, and not in the store")
            elif kept[1] != text:
                self.tell(f"ledger {m['enterprise']} {m['seq']}: published with another content than stored", "/exceedance")

    def verify(self):
        """The program's own verdict on the store, and on the subscriber's records; both with the last heads heard."""
        key = os.path.join(os.path.dirname(self.store), "ledger.pub")
        with tempfile.TemporaryDirectory() as folder:
            mine = os.path.join(folder, "heard.jsonl")
            with open(mine, "w", encoding="utf-8") as out:
                out.writelines(text + "\n" for text in self.heard.of("exceedance"))
            heads = []
            for head in self.heard.heads.values():
                heads += ["--head", head]
            for file in [self.store, mine]:
                if file == mine and not os.path.getsize(mine):
                    continue
                done = subprocess.run([self.hazgate, "verify", file, "--key", key, *heads], capture_output=True, text=True)
                holes_only = self.rescued and not re.search(r": (altered|inserted|reordered|key): ", done.stdout)
                if done.returncode != 0 and not holes_only:
                    self.tell(f"verify {os.path.basename(file)}: {(done.stdout + done.stderr).strip()}")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--record", required=True)
    parser.add_argument("--store", required=True)
    parser.add_argument("--hazgate", required=True)
    parser.add_argument("--rescued", action="store_true")
    options = parser.parse_args()
    done = Check(options.record, options.store, options.hazgate, options.rescued).run()
    for loss in done.losses:
        print(loss)
    print(f"{done.readings} readings, {done.alarms} changes of alarms, {done.records} records, {len(done.losses)} losses")
    return 1 if done.losses else 0


if __name__ == "__main__":
    sys.exit(main())
