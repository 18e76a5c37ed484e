-- Where a point is, and whose, from when on: what was measured before belongs to whom it was then. The first home of a
-- point counts as its home from the beginning.
CREATE TABLE home (
  point      TEXT    NOT NULL,
  since      INTEGER NOT NULL,  -- microseconds since 1970, UTC
  workplace  TEXT    NOT NULL,
  enterprise TEXT    NOT NULL,
  PRIMARY KEY (point, since)
) STRICT, WITHOUT ROWID;
