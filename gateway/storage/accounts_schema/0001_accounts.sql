-- Never deleted, only disabled: the audit names them.
CREATE TABLE user (
  name            TEXT PRIMARY KEY CHECK (length(name) BETWEEN 1 AND 64),
  role            TEXT    NOT NULL CHECK (role IN ('admin', 'operator', 'enterprise', 'regulator')),
  enterprise      TEXT    NOT NULL CHECK ((enterprise <> '') = (role = 'enterprise')),
  password        TEXT    NOT NULL CHECK (password <> ''),  -- argon2id, as libsodium writes it
  disabled        INTEGER NOT NULL CHECK (disabled IN (0, 1)),
  created_at      INTEGER NOT NULL,  -- microseconds since 1970, UTC; so all times
  changed_at      INTEGER NOT NULL,
  last_sign_in_at INTEGER
) STRICT, WITHOUT ROWID;

CREATE TABLE session (
  token_hash BLOB    PRIMARY KEY CHECK (length(token_hash) = 32),  -- SHA-256: who reads the file cannot take one over
  user       TEXT    NOT NULL REFERENCES user (name),
  created_at INTEGER NOT NULL,
  expires_at INTEGER NOT NULL,
  seen_at    INTEGER NOT NULL,
  address    TEXT    NOT NULL,
  csrf       TEXT    NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX session_user ON session (user);

-- Who did what, for ever. `user` refers to nothing: names that nobody has tried to sign in, too.
CREATE TABLE audit (
  id      INTEGER PRIMARY KEY CHECK (id > 0),
  at      INTEGER NOT NULL,
  user    TEXT    NOT NULL,
  address TEXT    NOT NULL,
  action  TEXT    NOT NULL CHECK (action <> ''),
  detail  TEXT    NOT NULL
) STRICT;

CREATE TRIGGER audit_is_not_changed BEFORE UPDATE ON audit
BEGIN SELECT RAISE(ABORT, 'audit is append only'); END;
CREATE TRIGGER audit_is_not_deleted BEFORE DELETE ON audit
BEGIN SELECT RAISE(ABORT, 'audit is append only'); END;
-- INSERT OR REPLACE deletes without that trigger.
CREATE TRIGGER audit_is_not_replaced BEFORE INSERT ON audit WHEN EXISTS (SELECT 1 FROM audit WHERE id = NEW.id)
BEGIN SELECT RAISE(ABORT, 'audit is append only'); END;
