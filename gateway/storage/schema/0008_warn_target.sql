-- The step from the first sign to the warning has a target of its own.
ALTER TABLE alarm ADD COLUMN warn_due_at INTEGER;
ALTER TABLE alarm ADD COLUMN warn_missed INTEGER NOT NULL DEFAULT 0;
ALTER TABLE alarm_history ADD COLUMN warn_due_at INTEGER;
ALTER TABLE alarm_history ADD COLUMN warn_missed INTEGER NOT NULL DEFAULT 0;
