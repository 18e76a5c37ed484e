-- What a device's frames contain. Written once and never changed: old frames keep their meaning for ever.
CREATE TABLE layout (
  id     INTEGER PRIMARY KEY,
  device TEXT NOT NULL
) STRICT;

CREATE TABLE layout_point (
  layout INTEGER NOT NULL REFERENCES layout (id),
  place  INTEGER NOT NULL,
  point  TEXT    NOT NULL,
  unit   TEXT    NOT NULL,
  PRIMARY KEY (layout, place)
) STRICT, WITHOUT ROWID;

-- One row a device poll, in order of arrival. No index on time or series: appending stays the cheapest thing there is.
CREATE TABLE frame (
  id      INTEGER PRIMARY KEY,
  layout  INTEGER NOT NULL,  -- layout.id, looked up once at start; REFERENCES would look it up for each frame
  at      INTEGER NOT NULL,  -- microseconds since 1970, UTC
  samples BLOB    NOT NULL   -- storage/frame_blob.hpp
) STRICT;

-- Alarms as they stand. The subject goes by its text id, so that it outlives a change of the configuration.
CREATE TABLE alarm (
  number       INTEGER PRIMARY KEY,
  revision     INTEGER NOT NULL,
  subject_kind TEXT    NOT NULL CHECK (subject_kind IN ('point', 'device')),
  subject      TEXT    NOT NULL,
  level        TEXT    NOT NULL CHECK (level IN ('none', 'notice', 'warning', 'exceed', 'danger')),
  highest      TEXT    NOT NULL CHECK (highest IN ('none', 'notice', 'warning', 'exceed', 'danger')),
  state        TEXT    NOT NULL,
  value        REAL,               -- NULL where there is none; so all figures
  peak         REAL,
  at_least     INTEGER NOT NULL CHECK (at_least IN (0, 1)),
  basis        TEXT    NOT NULL,
  limit_kind   TEXT    NOT NULL,
  limit_value  REAL,
  limit_unit   TEXT    NOT NULL,
  limit_source TEXT    NOT NULL,
  detected_at  INTEGER NOT NULL,   -- microseconds since 1970, UTC; so all times
  warned_at    INTEGER,
  confirmed_at INTEGER,
  disposed_at  INTEGER,
  returned_at  INTEGER,
  changed_at   INTEGER NOT NULL
) STRICT;

-- Few are open while those that ever were pile up for years.
CREATE INDEX alarm_open ON alarm (number) WHERE state <> 'NORM';

-- Every change of an alarm, for ever.
CREATE TABLE alarm_history (
  id           INTEGER PRIMARY KEY,
  number       INTEGER NOT NULL REFERENCES alarm (number),
  revision     INTEGER NOT NULL,
  subject_kind TEXT    NOT NULL,
  subject      TEXT    NOT NULL,
  level        TEXT    NOT NULL,
  highest      TEXT    NOT NULL,
  state        TEXT    NOT NULL,
  value        REAL,
  peak         REAL,
  at_least     INTEGER NOT NULL,
  basis        TEXT    NOT NULL,
  limit_kind   TEXT    NOT NULL,
  limit_value  REAL,
  limit_unit   TEXT    NOT NULL,
  limit_source TEXT    NOT NULL,
  detected_at  INTEGER NOT NULL,
  warned_at    INTEGER,
  confirmed_at INTEGER,
  disposed_at  INTEGER,
  returned_at  INTEGER,
  changed_at   INTEGER NOT NULL
) STRICT;

CREATE INDEX alarm_history_number ON alarm_history (number);

CREATE TRIGGER alarm_history_is_not_changed BEFORE UPDATE ON alarm_history
BEGIN SELECT RAISE(ABORT, 'alarm_history is append only'); END;
CREATE TRIGGER alarm_history_is_not_deleted BEFORE DELETE ON alarm_history
BEGIN SELECT RAISE(ABORT, 'alarm_history is append only'); END;
CREATE TRIGGER alarm_is_not_deleted BEFORE DELETE ON alarm
BEGIN SELECT RAISE(ABORT, 'alarms are kept for ever'); END;

-- Owed to subscribers. AUTOINCREMENT: an id that was delivered and removed must never come back.
CREATE TABLE outbox (
  id      INTEGER PRIMARY KEY AUTOINCREMENT,
  lane    INTEGER NOT NULL CHECK (lane IN (0, 1)),  -- 0 alarm, 1 readings
  retain  INTEGER NOT NULL CHECK (retain IN (0, 1)),
  topic   TEXT    NOT NULL,
  payload BLOB    NOT NULL
) STRICT;

CREATE INDEX outbox_lane ON outbox (lane, id);

-- The last number given in each stream of messages.
CREATE TABLE sequence (
  stream TEXT PRIMARY KEY,
  last   INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
