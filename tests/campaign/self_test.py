"""The oracle itself: from a run without a fault, each kind of loss is made on purpose, and must be seen."""
import json
import os
import shutil
import sqlite3
import tempfile
import time

from check import Check
from park import Park


def rewrite(record, change):
    """change(topic, message) -> a message, None to drop it, or a list of messages."""
    with open(record, encoding="utf-8") as lines:
        before = [json.loads(line) for line in lines]
    done = False
    with open(record, "w", encoding="utf-8") as out:
        for at, retained, topic, text in before:
            made = [text]
            if not done and text:
                changed = change(topic, text)
                if changed is not False:
                    made, done = changed, True
            for text in made:
                out.write(json.dumps([at, retained, topic, text]) + "\n")
    if not done:
        raise RuntimeError("self-test: there is no message to break")


def drop(ending, seq):
    return lambda topic, text: [] if ending in topic and json.loads(text).get("seq") == seq else False


def alter(topic, text):
    if not topic.endswith("/readings"):
        return False
    message = json.loads(text)
    for reading in message["readings"]:
        if reading["value"] is not None:
            reading["value"] += 1
            return [json.dumps(message)]
    return False


def second_content(topic, text):
    if not topic.endswith("/readings"):
        return False
    return [text, text.replace('"flag":"N"', '"flag":"D"', 1)]


def forge(topic, text):
    """A record altered by somebody who cannot make its hash."""
    if not topic.endswith("/exceedance"):
        return False
    return [text.replace('"v":1', '"v":2')]


def sql(*statements):
    def run(store):
        rows = sqlite3.connect(store)
        for (trigger,) in rows.execute("SELECT name FROM sqlite_schema WHERE type='trigger'").fetchall():
            rows.execute(f"DROP TRIGGER {trigger}")
        for statement in statements:
            if rows.execute(statement).rowcount == 0:
                raise RuntimeError(f"self-test: {statement} changes nothing")
        rows.commit()
        rows.close()
    return run


def flip_page(store):
    with open(store, "r+b") as file:
        file.seek(4096 * 3 + 8)
        file.write(b"\xa5" * 400)


def flip_sample(store):
    """One bit of one stored value."""
    rows = sqlite3.connect(store)
    number, blob = rows.execute("SELECT id, samples FROM frame WHERE length(samples) > 30 LIMIT 1").fetchone()
    blob = bytearray(blob)
    blob[-3] ^= 1
    rows.execute("UPDATE frame SET samples = ? WHERE id = ?", (bytes(blob), number))
    rows.commit()
    rows.close()


BREAKS = [
    ("a message of readings that never came", "record", lambda f: rewrite(f, drop("/readings", 3))),
    ("an alarm message that never came", "record", lambda f: rewrite(f, drop("/alarm/", 2))),
    ("a record of the ledger that never came", "record", lambda f: rewrite(f, drop("/exceedance", 2))),
    ("a gap that never came", "record", lambda f: rewrite(f, drop("/gap", 1))),
    ("a reading altered on its way", "record", lambda f: rewrite(f, alter)),
    ("a number with two contents", "record", lambda f: rewrite(f, second_content)),
    ("a forged record", "record", lambda f: rewrite(f, forge)),
    ("a frame deleted from the store", "store", sql("DELETE FROM frame WHERE id = (SELECT max(id) - 5 FROM frame)")),
    ("a frame put into the store", "store", sql("INSERT INTO frame (layout, at, samples) SELECT layout, at + 5000, samples FROM frame LIMIT 1")),
    ("a value altered in the store", "store", flip_sample),
    ("a row deleted from alarm_history", "store", sql("DELETE FROM alarm_history WHERE id = 2")),
    ("a row doubled in alarm_history", "store", sql("CREATE TEMP TABLE one AS SELECT * FROM alarm_history WHERE id = 2",
                                                     "UPDATE one SET id = 1000000", "INSERT INTO alarm_history SELECT * FROM one")),
    ("the last record cut off the ledger", "store", sql("DELETE FROM ledger WHERE seq = (SELECT max(seq) FROM ledger)")),
    ("a record altered in the ledger", "store", sql("UPDATE ledger SET record = replace(record, '\"v\":1', '\"v\":2') WHERE seq = 2")),
    ("a sequence set back", "store", sql("UPDATE sequence SET last = last - 1 WHERE stream LIKE '%/readings'")),
    ("a damaged page", "store", flip_page),
]


def run(options):
    """What the oracle did not see."""
    folder = tempfile.mkdtemp(dir=options.folder)
    park = Park(folder, options.hazgate, options.shim)
    park.start_simulator()
    park.start_gateway()
    time.sleep(6)
    park.kill_gateway()
    park.start_gateway()
    time.sleep(6)
    park.stop_gateway()
    park.listener.wait_quiet(0.5, 10)
    park.close()
    blind = []
    if whole := Check(park.record, park.store, options.hazgate).run().losses:
        blind.append(f"a run without a fault has losses: {whole[:3]}")
    for what, which, break_it in BREAKS:
        with tempfile.TemporaryDirectory(dir=folder) as copy:
            record = shutil.copy(park.record, copy)
            data = shutil.copytree(park.data, os.path.join(copy, "data"))
            store = os.path.join(data, "hazgate.sqlite")
            break_it(record if which == "record" else store)
            try:
                losses = Check(record, store, options.hazgate).run().losses
            except sqlite3.DatabaseError as error:
                losses = [str(error)]
            if not losses:
                blind.append(what)
    print(f"self-test: {len(BREAKS)} losses made on purpose, {len(BREAKS) - len(blind)} seen")
    return blind
