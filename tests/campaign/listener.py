"""An MQTT 3.1.1 subscriber of our own: what it acknowledges stands in its record before."""
import json
import socket
import struct
import threading
import time


class Listener:
    """Keeps a session at the broker (QoS 1, no clean start) and comes back whenever the connection breaks."""

    def __init__(self, port, record, topic="hazgate/1/#", name="campaign"):
        self.port, self.topic, self.name = port, topic, name
        self.record = open(record, "a", encoding="utf-8")
        self.messages = 0
        self.last_at = 0.0        # monotonic, of the last message
        self.newest = {}          # when the last message of a topic's kind came
        self.connected = threading.Event()
        self.ended = False
        self.thread = threading.Thread(target=self._run, daemon=True)
        self.thread.start()

    def close(self):
        self.ended = True
        self.thread.join(5)
        self.record.close()

    def wait_quiet(self, quiet, most):
        """Until nothing came for so many seconds."""
        begin = time.monotonic()
        while time.monotonic() - begin < most:
            if self.connected.is_set() and time.monotonic() - max(self.last_at, begin) > quiet:
                return True
            time.sleep(0.05)
        return False

    def _run(self):
        while not self.ended:
            try:
                with socket.create_connection(("127.0.0.1", self.port), timeout=2) as line:
                    self._talk(line)
            except (OSError, ConnectionError):
                pass
            self.connected.clear()
            time.sleep(0.1)

    def _talk(self, line):
        line.settimeout(0.2)
        self.pending = b""
        name = self.name.encode()
        body = b"\x00\x04MQTT\x04\x00" + struct.pack(">H", 0) + struct.pack(">H", len(name)) + name
        line.sendall(bytes([0x10, len(body)]) + body)
        while not self.ended:
            packet = self._packet(line)
            if packet is None:
                continue
            kind, body = packet
            if kind & 0xF0 == 0x20:
                if body[1] != 0:
                    raise ConnectionError("refused")
                if not body[0] & 1:  # no session yet
                    topic = self.topic.encode()
                    ask = struct.pack(">HH", 1, len(topic)) + topic + b"\x01"
                    line.sendall(bytes([0x82, len(ask)]) + ask)
                else:
                    self.connected.set()
            elif kind & 0xF0 == 0x90:
                self.connected.set()
            elif kind & 0xF0 == 0x30:
                self._take(line, kind, body)

    def _take(self, line, kind, body):
        (length,) = struct.unpack(">H", body[:2])
        topic = body[2 : 2 + length].decode()
        at = 2 + length
        number = None
        if kind & 0x06:
            number = body[at : at + 2]
            at += 2
        payload = body[at:].decode("utf-8", "surrogateescape")
        self.record.write(json.dumps([time.time(), kind & 1, topic, payload]) + "\n")
        self.record.flush()
        self.messages += 1
        self.last_at = time.monotonic()
        self.newest["alarm" if "/alarm/" in topic else topic.rsplit("/", 1)[1]] = self.last_at
        if number:
            line.sendall(b"\x40\x02" + number)

    def _packet(self, line):
        """(first byte, body), or None when none is whole yet."""
        while True:
            whole = self._whole()
            if whole:
                return whole
            try:
                more = line.recv(1 << 18)
            except socket.timeout:
                return None
            if not more:
                raise ConnectionError("closed")
            self.pending += more

    def _whole(self):
        length, shift, at = 0, 0, 1
        while True:
            if at >= len(self.pending):
                return None
            byte = self.pending[at]
            length |= (byte & 0x7F) << shift
            at, shift = at + 1, shift + 7
            if not byte & 0x80:
                break
        if len(self.pending) < at + length:
            return None
        packet = self.pending[0], self.pending[at : at + length]
        self.pending = self.pending[at + length :]
        return packet
