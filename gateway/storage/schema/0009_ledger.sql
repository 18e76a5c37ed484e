-- The ledger: one chain of records per enterprise, each with the hash of the one before it (gateway/ledger/chain.hpp).
CREATE TABLE ledger (
  id         INTEGER PRIMARY KEY,
  enterprise TEXT    NOT NULL,
  seq        INTEGER NOT NULL,
  at         INTEGER NOT NULL,  -- microseconds since 1970, UTC: when it was written
  hash       TEXT    NOT NULL,  -- as in the record
  record     TEXT    NOT NULL,  -- canonical JSON, RFC 8785
  head       TEXT    NOT NULL   -- the chain's end with this record, signed; empty where a later record of the same commit has it
) STRICT;
CREATE UNIQUE INDEX ledger_place ON ledger (enterprise, seq);
CREATE TRIGGER ledger_is_not_changed BEFORE UPDATE ON ledger
BEGIN SELECT RAISE(ABORT, 'the ledger is append only'); END;
CREATE TRIGGER ledger_is_not_deleted BEFORE DELETE ON ledger
BEGIN SELECT RAISE(ABORT, 'the ledger is append only'); END;

-- Exceedances that are not over yet, by what makes two of them the same.
CREATE TABLE exceedance_open (
  point      TEXT    NOT NULL,
  basis      TEXT    NOT NULL,
  limit_kind TEXT    NOT NULL,
  level      TEXT    NOT NULL,
  enterprise TEXT    NOT NULL,
  workplace  TEXT    NOT NULL,
  seq        INTEGER NOT NULL,  -- of the record that says it began
  since      INTEGER NOT NULL,
  PRIMARY KEY (point, basis, limit_kind, level)
) STRICT, WITHOUT ROWID;

-- What of the measurement is not there, or went out only as minute means, and why.
CREATE TABLE gap (
  id         INTEGER PRIMARY KEY,
  enterprise TEXT    NOT NULL,
  workplace  TEXT    NOT NULL,
  device     TEXT    NOT NULL,  -- '' where it is all of them
  reason     TEXT    NOT NULL CHECK (reason IN ('power', 'sensor', 'clock', 'operator', 'size')),
  kind       TEXT    NOT NULL CHECK (kind IN ('lost', 'thinned')),
  from_at    INTEGER NOT NULL,
  to_at      INTEGER NOT NULL,
  detail     TEXT    NOT NULL   -- for people
) STRICT;
CREATE INDEX gap_time ON gap (workplace, from_at);
CREATE TRIGGER gap_is_not_changed BEFORE UPDATE ON gap
BEGIN SELECT RAISE(ABORT, 'gaps are append only'); END;
CREATE TRIGGER gap_is_not_deleted BEFORE DELETE ON gap
BEGIN SELECT RAISE(ABORT, 'gaps are append only'); END;

-- Those that last.
CREATE TABLE gap_open (
  workplace TEXT    NOT NULL,
  device    TEXT    NOT NULL,
  kind      TEXT    NOT NULL,
  reason    TEXT    NOT NULL,
  from_at   INTEGER NOT NULL,
  PRIMARY KEY (workplace, device, kind, reason)
) STRICT, WITHOUT ROWID;

-- When this gateway was last seen at work, and whether somebody stopped it.
CREATE TABLE life (
  id      INTEGER PRIMARY KEY CHECK (id = 1),
  seen_at INTEGER NOT NULL,
  stopped TEXT    NOT NULL  -- '' while it runs, and after a kill or a power cut
) STRICT;

-- Whose point it is; '' where it holds for all.
ALTER TABLE rule_change ADD COLUMN enterprise TEXT NOT NULL DEFAULT '';
