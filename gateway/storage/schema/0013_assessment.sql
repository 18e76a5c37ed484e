-- What laboratories measured, as enterprises entered it: append only, a correction is a new version. Words as of the day
-- it was entered: the record outlives a change of the configuration and of the law.
CREATE TABLE assessment (
  number         INTEGER NOT NULL,
  version        INTEGER NOT NULL,  -- 1, 2, …
  at             INTEGER NOT NULL,  -- when it was entered; microseconds since 1970, UTC
  by             TEXT    NOT NULL,
  why            TEXT    NOT NULL,  -- '' for the first version
  origin         TEXT    NOT NULL,  -- 'form', or the name of the imported file
  withdrawn      INTEGER NOT NULL,
  enterprise     TEXT    NOT NULL,
  workplace      TEXT    NOT NULL,
  exposed_group  TEXT    NOT NULL,  -- similarly exposed group; '' is the workplace
  laboratory     TEXT    NOT NULL,
  report_no      TEXT    NOT NULL,
  method         TEXT    NOT NULL,
  agent          TEXT    NOT NULL,
  subject_kind   TEXT    NOT NULL,  -- person, fixed
  subject        TEXT    NOT NULL,
  day            INTEGER NOT NULL,  -- local date of sampling, days since 1970-01-01
  shift_hours    REAL    NOT NULL,
  days_per_week  REAL    NOT NULL,
  exposure_hours REAL,              -- NULL: the whole shift
  sio2_percent   REAL,
  work_class     TEXT    NOT NULL,  -- '' where it is not given; so the next two
  toxicity       TEXT    NOT NULL,
  note           TEXT    NOT NULL,
  PRIMARY KEY (number, version)
) STRICT, WITHOUT ROWID;
CREATE INDEX assessment_day ON assessment (enterprise, day);
CREATE TRIGGER assessment_is_not_changed BEFORE UPDATE ON assessment
BEGIN SELECT RAISE(ABORT, 'assessments are append only'); END;
CREATE TRIGGER assessment_is_not_deleted BEFORE DELETE ON assessment
BEGIN SELECT RAISE(ABORT, 'assessments are append only'); END;

CREATE TABLE assessment_sample (
  number       INTEGER NOT NULL,
  version      INTEGER NOT NULL,
  place        INTEGER NOT NULL,  -- in the order of time
  begin_minute INTEGER NOT NULL,  -- of the local day
  end_minute   INTEGER NOT NULL,  -- above 1440 behind midnight
  result       TEXT    NOT NULL,  -- as the laboratory wrote it, in `unit`
  unit         TEXT    NOT NULL,
  value        REAL    NOT NULL,  -- in the unit that the agent is judged in; the quantification limit where below
  below_loq    INTEGER NOT NULL,
  volume_l     REAL,
  stands_for   REAL,              -- minutes of the exposure; NULL: it shares them with the others
  PRIMARY KEY (number, version, place)
) STRICT, WITHOUT ROWID;
CREATE TRIGGER assessment_sample_is_not_changed BEFORE UPDATE ON assessment_sample
BEGIN SELECT RAISE(ABORT, 'assessments are append only'); END;
CREATE TRIGGER assessment_sample_is_not_deleted BEFORE DELETE ON assessment_sample
BEGIN SELECT RAISE(ABORT, 'assessments are append only'); END;

-- Which files prove a version.
CREATE TABLE assessment_file (
  number  INTEGER NOT NULL,
  version INTEGER NOT NULL,
  place   INTEGER NOT NULL,
  hash    TEXT    NOT NULL,
  file    TEXT    NOT NULL,  -- the name that it had
  PRIMARY KEY (number, version, place)
) STRICT, WITHOUT ROWID;
CREATE INDEX assessment_file_hash ON assessment_file (hash);
CREATE TRIGGER assessment_file_is_not_changed BEFORE UPDATE ON assessment_file
BEGIN SELECT RAISE(ABORT, 'assessments are append only'); END;
CREATE TRIGGER assessment_file_is_not_deleted BEFORE DELETE ON assessment_file
BEGIN SELECT RAISE(ABORT, 'assessments are append only'); END;

-- The files themselves, each once for each enterprise that brought it.
CREATE TABLE attachment (
  hash       TEXT    NOT NULL,  -- SHA-256 of the bytes, 64 hex digits
  enterprise TEXT    NOT NULL,
  at         INTEGER NOT NULL,
  by         TEXT    NOT NULL,
  file       TEXT    NOT NULL,
  bytes      BLOB    NOT NULL,
  PRIMARY KEY (hash, enterprise)
) STRICT;
CREATE TRIGGER attachment_is_not_changed BEFORE UPDATE ON attachment
BEGIN SELECT RAISE(ABORT, 'attachments are append only'); END;
CREATE TRIGGER attachment_is_not_deleted BEFORE DELETE ON attachment
BEGIN SELECT RAISE(ABORT, 'attachments are append only'); END;

-- What was done of what falls due again: calibrations of devices, health surveillance of posts.
CREATE TABLE duty_done (
  id        INTEGER PRIMARY KEY,
  at        INTEGER NOT NULL,  -- when it was entered
  by        TEXT    NOT NULL,
  kind      TEXT    NOT NULL CHECK (kind IN ('calibration', 'surveillance')),
  enterprise TEXT   NOT NULL,
  workplace TEXT    NOT NULL,  -- '' of a device
  device    TEXT    NOT NULL,  -- '' of a post
  agent     TEXT    NOT NULL,  -- '' of all agents at the post
  day       INTEGER NOT NULL,  -- when it was done, days since 1970-01-01
  note      TEXT    NOT NULL
) STRICT;
CREATE TRIGGER duty_done_is_not_changed BEFORE UPDATE ON duty_done
BEGIN SELECT RAISE(ABORT, 'what was done is append only'); END;
CREATE TRIGGER duty_done_is_not_deleted BEFORE DELETE ON duty_done
BEGIN SELECT RAISE(ABORT, 'what was done is append only'); END;
