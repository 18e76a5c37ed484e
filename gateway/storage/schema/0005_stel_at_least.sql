-- What any 15 min prove by themselves, gaps as nothing: where that is more than stel_max, else NULL.
ALTER TABLE exposure ADD COLUMN stel_at_least REAL;
