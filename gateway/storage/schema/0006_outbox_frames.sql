-- A message of readings is not written twice: its payload says which frames it is made of (storage/frames_owed.hpp), and
-- the text comes of them when it is sent. Those frames stay as long as the row does.
ALTER TABLE outbox ADD COLUMN text_bytes INTEGER;  -- length of that text; NULL where the payload is the message itself
