-- What a baseline alarm was held against, and who made up the figure of a VOC station, as the alarm found them.
ALTER TABLE alarm ADD COLUMN usual_median REAL;
ALTER TABLE alarm ADD COLUMN usual_z REAL;
ALTER TABLE alarm ADD COLUMN contributors TEXT NOT NULL DEFAULT '';  -- "<CAS>=<share>", greatest first, one blank between
ALTER TABLE alarm_history ADD COLUMN usual_median REAL;
ALTER TABLE alarm_history ADD COLUMN usual_z REAL;
ALTER TABLE alarm_history ADD COLUMN contributors TEXT NOT NULL DEFAULT '';
