-- By which what is stored grows old (gateway/app/retention_clock.hpp); empty until a gateway first ran.
CREATE TABLE retention_clock (
  one INTEGER PRIMARY KEY CHECK (one = 1),
  at  INTEGER NOT NULL,  -- microseconds since 1970, UTC
  ran INTEGER NOT NULL   -- microseconds
) STRICT;
