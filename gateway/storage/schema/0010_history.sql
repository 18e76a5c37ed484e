-- Readings that last. An hour that has ended leaves the frames and becomes a stretch a device (when its frames came) and
-- a chunk a point, with figures of each minute and of the hour. It counts from the moment on at which `compacted` names
-- it, in one transaction with the last of it; the frames go later, in small steps.
CREATE TABLE compacted (
  one          INTEGER PRIMARY KEY CHECK (one = 1),
  frame        INTEGER NOT NULL,  -- frames up to this id stand in stretches, and are no longer read as frames
  next_stretch INTEGER NOT NULL,  -- stretches from this id on are unfinished, and are not read
  rolled_up    INTEGER NOT NULL   -- frames behind `frame` and up to this id are in recent_roll_up
) STRICT;
INSERT INTO compacted VALUES (1, 0, 1, 0);

CREATE TABLE stretch (
  id          INTEGER PRIMARY KEY,  -- so many ids are taken as the device has points: see chunk
  layout      INTEGER NOT NULL,     -- layout.id
  hour        INTEGER NOT NULL,     -- hours since 1970, UTC; so all hours
  first_frame INTEGER NOT NULL,
  frames      INTEGER NOT NULL,
  moments     BLOB    NOT NULL      -- storage/chunk_codec.hpp
) STRICT;
CREATE INDEX stretch_order ON stretch (first_frame);
CREATE INDEX stretch_hour ON stretch (hour);
CREATE INDEX stretch_layout ON stretch (layout, hour);

-- A key of two columns would leave half-empty overflow pages behind each chunk.
CREATE TABLE chunk (
  id      INTEGER PRIMARY KEY,  -- stretch.id + place of the point in the layout
  samples BLOB    NOT NULL      -- storage/chunk_codec.hpp
) STRICT;

-- Frames that could not be understood when their hour was compacted, as they were: for who looks into it.
CREATE TABLE unreadable_frame (
  id      INTEGER PRIMARY KEY,
  layout  INTEGER NOT NULL,
  at      INTEGER NOT NULL,
  samples BLOB    NOT NULL
) STRICT;

-- By point first: a month of one point lies together.
CREATE TABLE minute_roll_up (
  layout  INTEGER NOT NULL,
  place   INTEGER NOT NULL,
  hour    INTEGER NOT NULL,
  stretch INTEGER NOT NULL,
  minutes BLOB    NOT NULL,  -- storage/roll_up.hpp
  PRIMARY KEY (layout, place, hour, stretch)
) STRICT, WITHOUT ROWID;

CREATE TABLE hour_roll_up (
  layout  INTEGER NOT NULL,
  place   INTEGER NOT NULL,
  hour    INTEGER NOT NULL,
  stretch INTEGER NOT NULL,
  least    REAL,              -- NULL where no reading counts; so the next two
  mean     REAL,              -- of levels in dB that of the energies
  greatest REAL,
  counted INTEGER NOT NULL,   -- readings flagged N, S or L
  others  INTEGER NOT NULL,
  worst   TEXT    NOT NULL,   -- flag
  PRIMARY KEY (layout, place, hour, stretch)
) STRICT, WITHOUT ROWID;

-- The same of what is not compacted yet, a row a minute and device, in order of arrival.
CREATE TABLE recent_roll_up (
  upto    INTEGER NOT NULL,  -- id of the last frame that the minute's rows tell of
  layout  INTEGER NOT NULL,
  frames  BLOB    NOT NULL,  -- the ids of the device's frames; storage/roll_up.hpp
  minutes BLOB    NOT NULL,  -- of each point
  PRIMARY KEY (upto, layout)
) STRICT, WITHOUT ROWID;

CREATE INDEX layout_point_point ON layout_point (point);

-- Final exposures are kept as long as the site wants, and only retention moves this time.
CREATE TABLE exposure_kept (
  one   INTEGER PRIMARY KEY CHECK (one = 1),
  since INTEGER NOT NULL  -- a record whose shift ended before may go; microseconds since 1970, UTC
) STRICT;
INSERT INTO exposure_kept VALUES (1, -9223372036854775808);
DROP TRIGGER final_exposure_is_not_deleted;
CREATE TRIGGER final_exposure_is_not_deleted BEFORE DELETE ON exposure
WHEN OLD.final = 1 AND OLD.end_at >= (SELECT since FROM exposure_kept)
BEGIN SELECT RAISE(ABORT, 'a final exposure is kept as it is'); END;
