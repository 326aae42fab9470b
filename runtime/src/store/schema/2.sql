-- What the whole engine needs beyond the first tables.

-- Objects (kind 0) and entries (kind 1) that are to be evaluated at an instant though nothing about
-- them changed; 0: in every cycle.
CREATE TABLE wake (
  kind INTEGER NOT NULL, holder INTEGER NOT NULL, at INTEGER NOT NULL,
  PRIMARY KEY (kind, holder)) WITHOUT ROWID;
CREATE INDEX wake_at ON wake (at);
