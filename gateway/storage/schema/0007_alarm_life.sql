-- The whole life of an alarm: ISA-18.2 states A to I, four stamps with who made them, targets, and alarms of buses,
-- outputs and the gateway itself. Both tables are made anew, because SQLite cannot change a CHECK.
CREATE TABLE alarm_7 (
  number       INTEGER PRIMARY KEY,
  revision     INTEGER NOT NULL,
  subject_kind TEXT    NOT NULL CHECK (subject_kind IN ('point', 'device', 'bus', 'output', 'gateway')),
  subject      TEXT    NOT NULL,
  enterprise   TEXT    NOT NULL,  -- where it was; empty for a bus, an output and the gateway
  workplace    TEXT    NOT NULL,
  level        TEXT    NOT NULL CHECK (level IN ('none', 'notice', 'warning', 'exceed', 'danger')),
  highest      TEXT    NOT NULL CHECK (highest IN ('none', 'notice', 'warning', 'exceed', 'danger')),
  state        TEXT    NOT NULL,  -- ISA-18.2; follows from level and the facets below
  value        REAL,              -- NULL where there is none; so all figures
  peak         REAL,
  at_least     INTEGER NOT NULL CHECK (at_least IN (0, 1)),
  basis        TEXT    NOT NULL,
  limit_kind   TEXT    NOT NULL,
  limit_value  REAL,
  limit_unit   TEXT    NOT NULL,
  limit_source TEXT    NOT NULL,
  detected_at  INTEGER NOT NULL,  -- microseconds since 1970, UTC; so all times
  warned_at    INTEGER,
  confirmed_at INTEGER,
  disposed_at  INTEGER,
  returned_at  INTEGER,
  changed_at   INTEGER NOT NULL,
  usual_median REAL,
  usual_z      REAL,
  contributors TEXT    NOT NULL DEFAULT '',
  detected_by  TEXT    NOT NULL DEFAULT 'reading',  -- the figure that told it; so warned_by
  warned_by    TEXT    NOT NULL DEFAULT 'reading',
  confirmed_by TEXT    NOT NULL DEFAULT '',  -- a person, or auto:valid_data, or auto:instrument:<point>
  disposed_by  TEXT    NOT NULL DEFAULT '',
  verdict      TEXT    NOT NULL DEFAULT '' CHECK (verdict IN ('', 'real', 'false_alarm', 'device_fault', 'planned_work')),
  verdict_by   TEXT    NOT NULL DEFAULT '',
  measure      TEXT    NOT NULL DEFAULT '',  -- what was done, in the words of who disposed
  disposal_owed INTEGER NOT NULL DEFAULT 0,
  confirm_due_at INTEGER,
  dispose_due_at INTEGER,
  confirm_missed INTEGER NOT NULL DEFAULT 0,
  dispose_missed INTEGER NOT NULL DEFAULT 0,
  escalations  INTEGER NOT NULL DEFAULT 0,
  acknowledged INTEGER NOT NULL DEFAULT 0,
  latched      INTEGER NOT NULL DEFAULT 0,
  acknowledged_at INTEGER,
  acknowledged_by TEXT NOT NULL DEFAULT '',
  shelved_until INTEGER,
  shelved_at_level TEXT NOT NULL DEFAULT 'none',
  suppressed   INTEGER NOT NULL DEFAULT 0,
  out_of_service INTEGER NOT NULL DEFAULT 0,
  realarm_at   INTEGER,
  annunciations INTEGER NOT NULL DEFAULT 0,
  activations  INTEGER NOT NULL DEFAULT 0,
  activated_at INTEGER,
  activated_before_at INTEGER,
  chattering   INTEGER NOT NULL DEFAULT 0,
  quiet_since  INTEGER,
  change       TEXT    NOT NULL DEFAULT 'raised',
  changed_by   TEXT    NOT NULL DEFAULT '',  -- a person, or empty
  note         TEXT    NOT NULL DEFAULT ''
) STRICT;

CREATE TABLE alarm_history_7 (
  id           INTEGER PRIMARY KEY,
  number       INTEGER NOT NULL,
  revision     INTEGER NOT NULL,
  subject_kind TEXT    NOT NULL CHECK (subject_kind IN ('point', 'device', 'bus', 'output', 'gateway')),
  subject      TEXT    NOT NULL,
  enterprise   TEXT    NOT NULL,  -- where it was; empty for a bus, an output and the gateway
  workplace    TEXT    NOT NULL,
  level        TEXT    NOT NULL CHECK (level IN ('none', 'notice', 'warning', 'exceed', 'danger')),
  highest      TEXT    NOT NULL CHECK (highest IN ('none', 'notice', 'warning', 'exceed', 'danger')),
  state        TEXT    NOT NULL,  -- ISA-18.2; follows from level and the facets below
  value        REAL,              -- NULL where there is none; so all figures
  peak         REAL,
  at_least     INTEGER NOT NULL CHECK (at_least IN (0, 1)),
  basis        TEXT    NOT NULL,
  limit_kind   TEXT    NOT NULL,
  limit_value  REAL,
  limit_unit   TEXT    NOT NULL,
  limit_source TEXT    NOT NULL,
  detected_at  INTEGER NOT NULL,  -- microseconds since 1970, UTC; so all times
  warned_at    INTEGER,
  confirmed_at INTEGER,
  disposed_at  INTEGER,
  returned_at  INTEGER,
  changed_at   INTEGER NOT NULL,
  usual_median REAL,
  usual_z      REAL,
  contributors TEXT    NOT NULL DEFAULT '',
  detected_by  TEXT    NOT NULL DEFAULT 'reading',  -- the figure that told it; so warned_by
  warned_by    TEXT    NOT NULL DEFAULT 'reading',
  confirmed_by TEXT    NOT NULL DEFAULT '',  -- a person, or auto:valid_data, or auto:instrument:<point>
  disposed_by  TEXT    NOT NULL DEFAULT '',
  verdict      TEXT    NOT NULL DEFAULT '' CHECK (verdict IN ('', 'real', 'false_alarm', 'device_fault', 'planned_work')),
  verdict_by   TEXT    NOT NULL DEFAULT '',
  measure      TEXT    NOT NULL DEFAULT '',  -- what was done, in the words of who disposed
  disposal_owed INTEGER NOT NULL DEFAULT 0,
  confirm_due_at INTEGER,
  dispose_due_at INTEGER,
  confirm_missed INTEGER NOT NULL DEFAULT 0,
  dispose_missed INTEGER NOT NULL DEFAULT 0,
  escalations  INTEGER NOT NULL DEFAULT 0,
  acknowledged INTEGER NOT NULL DEFAULT 0,
  latched      INTEGER NOT NULL DEFAULT 0,
  acknowledged_at INTEGER,
  acknowledged_by TEXT NOT NULL DEFAULT '',
  shelved_until INTEGER,
  shelved_at_level TEXT NOT NULL DEFAULT 'none',
  suppressed   INTEGER NOT NULL DEFAULT 0,
  out_of_service INTEGER NOT NULL DEFAULT 0,
  realarm_at   INTEGER,
  annunciations INTEGER NOT NULL DEFAULT 0,
  activations  INTEGER NOT NULL DEFAULT 0,
  activated_at INTEGER,
  activated_before_at INTEGER,
  chattering   INTEGER NOT NULL DEFAULT 0,
  quiet_since  INTEGER,
  change       TEXT    NOT NULL DEFAULT 'raised',
  changed_by   TEXT    NOT NULL DEFAULT '',  -- a person, or empty
  note         TEXT    NOT NULL DEFAULT ''
) STRICT;

INSERT INTO alarm_7 (number,revision,subject_kind,subject,level,highest,state,value,peak,at_least,basis,limit_kind,limit_value,limit_unit,limit_source,detected_at,warned_at,confirmed_at,disposed_at,returned_at,changed_at,usual_median,usual_z,contributors,
  enterprise,workplace,acknowledged,disposal_owed,annunciations,activations,activated_at)
  SELECT number,revision,subject_kind,subject,level,highest,state,value,peak,at_least,basis,limit_kind,limit_value,limit_unit,limit_source,detected_at,warned_at,confirmed_at,disposed_at,returned_at,changed_at,usual_median,usual_z,contributors,
  '','',state IN ('NORM','ACKED'),state <> 'NORM' AND highest IN ('exceed','danger'),1,1,detected_at FROM alarm;
INSERT INTO alarm_history_7 (id,number,revision,subject_kind,subject,level,highest,state,value,peak,at_least,basis,limit_kind,limit_value,limit_unit,limit_source,detected_at,warned_at,confirmed_at,disposed_at,returned_at,changed_at,usual_median,usual_z,contributors,
  enterprise,workplace,acknowledged,disposal_owed,annunciations,activations,activated_at)
  SELECT id,number,revision,subject_kind,subject,level,highest,state,value,peak,at_least,basis,limit_kind,limit_value,limit_unit,limit_source,detected_at,warned_at,confirmed_at,disposed_at,returned_at,changed_at,usual_median,usual_z,contributors,
  '','',state IN ('NORM','ACKED'),state <> 'NORM' AND highest IN ('exceed','danger'),1,1,detected_at FROM alarm_history;

DROP TABLE alarm_history;
DROP TABLE alarm;
ALTER TABLE alarm_7 RENAME TO alarm;
ALTER TABLE alarm_history_7 RENAME TO alarm_history;

-- Few are open while those that ever were pile up for years.
CREATE INDEX alarm_open ON alarm (number) WHERE state <> 'NORM' OR disposal_owed = 1;
CREATE INDEX alarm_changed ON alarm (changed_at);
CREATE INDEX alarm_history_number ON alarm_history (number);
CREATE TRIGGER alarm_history_is_not_changed BEFORE UPDATE ON alarm_history
BEGIN SELECT RAISE(ABORT, 'alarm_history is append only'); END;
CREATE TRIGGER alarm_history_is_not_deleted BEFORE DELETE ON alarm_history
BEGIN SELECT RAISE(ABORT, 'alarm_history is append only'); END;
CREATE TRIGGER alarm_is_not_deleted BEFORE DELETE ON alarm
BEGIN SELECT RAISE(ABORT, 'alarms are kept for ever'); END;

-- What moved alarms and is no reading: what persons did, also what was refused, and what the gateway saw of itself.
-- With the frames it gives every alarm again, in the same order.
CREATE TABLE alarm_input (
  id           INTEGER PRIMARY KEY,
  after_frame  INTEGER NOT NULL,  -- frame.id; it came behind this one and before the next
  at           INTEGER NOT NULL,
  kind         TEXT    NOT NULL CHECK (kind IN ('action', 'condition')),
  number       INTEGER,           -- of the alarm; NULL where the subject tells it
  subject_kind TEXT,
  subject      TEXT,
  action       TEXT,              -- of a person; so the next five
  person       TEXT,
  note         TEXT,
  verdict      TEXT,
  duration_us  INTEGER,
  revision     INTEGER,           -- as the person saw it
  refusal      TEXT,              -- why it was not done; NULL where it was
  level        TEXT,              -- of a condition: none where it is over; so the next four
  basis        TEXT,
  value        REAL,
  since        INTEGER,
  why          TEXT
) STRICT;
CREATE TRIGGER alarm_input_is_not_changed BEFORE UPDATE ON alarm_input
BEGIN SELECT RAISE(ABORT, 'alarm_input is append only'); END;
CREATE TRIGGER alarm_input_is_not_deleted BEFORE DELETE ON alarm_input
BEGIN SELECT RAISE(ABORT, 'alarm_input is append only'); END;

-- What points are judged by, and how that changed: old, new, who and when.
CREATE TABLE rule_change (
  id      INTEGER PRIMARY KEY,
  at      INTEGER NOT NULL,
  subject TEXT    NOT NULL,       -- a point, or 'alarm' for what the site decided about all of them
  rule    TEXT    NOT NULL,       -- '<basis> <level>'
  before  TEXT,                   -- NULL where there was none
  after   TEXT,                   -- NULL where it was taken away
  who     TEXT    NOT NULL
) STRICT;
CREATE INDEX rule_change_subject ON rule_change (subject, rule, id);
CREATE TRIGGER rule_change_is_not_changed BEFORE UPDATE ON rule_change
BEGIN SELECT RAISE(ABORT, 'rule_change is append only'); END;
CREATE TRIGGER rule_change_is_not_deleted BEFORE DELETE ON rule_change
BEGIN SELECT RAISE(ABORT, 'rule_change is append only'); END;
