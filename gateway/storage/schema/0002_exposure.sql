-- The figures of one point over one shift, as they stand, until they are final. Point, shift, agent, unit and the source
-- of the limit stand here as words of that day: the record outlives a change of the configuration and of the law.
-- The key begins with the time: a stretch of time is read without a second index.
-- No CHECK: one that could fail in the middle of an upsert makes SQLite open a journal for each statement (95 us a row
-- for 7, measured). The words come from closed sets, and a foreign one is refused where it is read.
CREATE TABLE exposure (
  begin_at         INTEGER NOT NULL,  -- of the shift; microseconds since 1970, UTC; so all times
  shift            TEXT    NOT NULL,
  point            TEXT    NOT NULL,
  end_at           INTEGER NOT NULL,
  day              INTEGER NOT NULL,  -- local date on which the shift begins, days since 1970-01-01
  monday           INTEGER NOT NULL,  -- of that date's week, counted alike
  agent            TEXT    NOT NULL,  -- '' where nothing is judged
  unit             TEXT    NOT NULL,  -- of all figures
  at               INTEGER NOT NULL,  -- as of when
  final            INTEGER NOT NULL,
  rule             TEXT    NOT NULL,
  limit_value      REAL,              -- what the average is held against; NULL where there is none; so all figures
  limit_source     TEXT    NOT NULL,
  reduction_factor REAL    NOT NULL,
  twa_so_far       REAL,              -- for noise L_EX,8h; so the next two
  twa_projected    REAL,
  twa              REAL,
  limit_at         INTEGER,
  at_least         INTEGER NOT NULL,
  mean             REAL,              -- for noise L_Aeq
  stel_max         REAL,
  stel_max_at      INTEGER,
  max              REAL,
  max_at           INTEGER,
  episodes         INTEGER NOT NULL,
  longest_minutes  REAL    NOT NULL,
  closest_minutes  REAL,
  impulses         INTEGER NOT NULL,
  week             REAL,              -- C_TWA of the week so far; for noise L_EX,40h
  ratio            REAL,
  class            TEXT,              -- NULL without a ratio
  measured_s       REAL    NOT NULL,  -- seconds; below_loq_s is a part of measured_s
  below_loq_s      REAL    NOT NULL,
  over_range_s     REAL    NOT NULL,
  fault_s          REAL    NOT NULL,
  link_lost_s      REAL    NOT NULL,
  calibrating_s    REAL    NOT NULL,
  maintenance_s    REAL    NOT NULL,
  stopped_s        REAL    NOT NULL,
  missing_s        REAL    NOT NULL,
  breaches         TEXT    NOT NULL,  -- 'MAC,PC-TWA'; '' where there is none
  verdict          TEXT    NOT NULL,
  PRIMARY KEY (begin_at, shift, point)
) STRICT;

-- Few are open while those that are final pile up for years.
CREATE INDEX exposure_open ON exposure (final) WHERE final = 0;

CREATE TRIGGER final_exposure_is_not_changed BEFORE UPDATE ON exposure WHEN OLD.final = 1
BEGIN SELECT RAISE(ABORT, 'a final exposure is kept as it is'); END;
CREATE TRIGGER final_exposure_is_not_deleted BEFORE DELETE ON exposure WHEN OLD.final = 1
BEGIN SELECT RAISE(ABORT, 'a final exposure is kept as it is'); END;

-- What an engine held, up to and with one frame: after a restart it goes on from the frames behind that one.
CREATE TABLE checkpoint (
  kind    TEXT    NOT NULL,  -- which engine
  subject TEXT    NOT NULL,  -- the device, by its text id
  at      INTEGER NOT NULL,  -- microseconds since 1970, UTC
  frame   INTEGER NOT NULL,  -- id of the last frame that the state contains
  version INTEGER NOT NULL,  -- of the state's form; another program's is not read
  state   BLOB    NOT NULL,
  PRIMARY KEY (kind, subject)
) STRICT;
