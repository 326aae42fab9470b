-- What the whole engine needs beyond the first tables.

-- History: what each run did. Rows are only appended, and pruned as `[history] keep` says.
-- A run that was killed has no end.
ALTER TABLE run ADD COLUMN approved TEXT;
ALTER TABLE run ADD COLUMN guards TEXT NOT NULL DEFAULT '[]';
ALTER TABLE run ADD COLUMN error TEXT;
CREATE TABLE write (
  id INTEGER PRIMARY KEY, run INTEGER NOT NULL, time TEXT NOT NULL,
  connector TEXT NOT NULL, object_type TEXT NOT NULL, op TEXT NOT NULL,
  anchor TEXT, name TEXT NOT NULL, source TEXT NOT NULL,
  attributes TEXT NOT NULL, because TEXT NOT NULL,
  code TEXT, message TEXT); -- why it was refused
CREATE INDEX write_run ON write (run);
CREATE INDEX write_anchor ON write (anchor) WHERE anchor IS NOT NULL;
CREATE INDEX write_name ON write (name COLLATE NOCASE);
CREATE INDEX write_source ON write (source COLLATE NOCASE);
ALTER TABLE watermark ADD COLUMN kept_at TEXT;

-- Errors of objects: how often, since when, and when the next try is due though nothing changed.
-- Kept apart from the errors, which each evaluation takes away and sets anew.
CREATE TABLE error_tries (
  holder_kind INTEGER NOT NULL, holder TEXT NOT NULL, code TEXT NOT NULL,
  attempts INTEGER NOT NULL, first_seen TEXT NOT NULL, last_seen TEXT NOT NULL, next_try TEXT NOT NULL,
  PRIMARY KEY (holder_kind, holder)) WITHOUT ROWID;
-- Writes that a directory refused: not sent again as they are before the next try is due.
CREATE TABLE refused (
  entry INTEGER NOT NULL, part TEXT NOT NULL, change TEXT NOT NULL,
  connector TEXT NOT NULL, object TEXT NOT NULL, code TEXT NOT NULL, message TEXT NOT NULL,
  rule TEXT NOT NULL, at TEXT NOT NULL,
  attempts INTEGER NOT NULL, first_seen TEXT NOT NULL, last_seen TEXT NOT NULL, next_try TEXT NOT NULL,
  PRIMARY KEY (entry, part)) WITHOUT ROWID;
