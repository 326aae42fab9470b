-- What the whole engine needs beyond the first tables.

-- Entries that a full import did not return, and that are too many to be believed gone.
ALTER TABLE entry ADD COLUMN missing INTEGER NOT NULL DEFAULT 0;
CREATE INDEX entry_missing ON entry (connector, object_type) WHERE missing = 1;
-- The connector whose entry of the object went last.
ALTER TABLE object ADD COLUMN lost TEXT;

-- References that may have come or gone since they were compared, of entries and of metaverse objects.
-- Triggers find them, so that no change is missed, whoever makes it. Target 0: the owner is compared as a
-- whole anyway. The conflict clause of the statement that fires a trigger would overrule `OR IGNORE` in it.
CREATE TABLE reference_change (
  owner INTEGER NOT NULL, attribute INTEGER NOT NULL, target INTEGER NOT NULL,
  PRIMARY KEY (owner, attribute, target)) WITHOUT ROWID;
CREATE TABLE object_reference_change (
  owner INTEGER NOT NULL, attribute INTEGER NOT NULL, target INTEGER NOT NULL,
  PRIMARY KEY (owner, attribute, target)) WITHOUT ROWID;
CREATE TRIGGER reference_came AFTER INSERT ON reference BEGIN
  INSERT INTO reference_change
    SELECT NEW.owner, NEW.attribute, CASE dirty WHEN 1 THEN 0 ELSE NEW.target END
    FROM entry WHERE id = NEW.owner
    ON CONFLICT DO NOTHING;
END;
CREATE TRIGGER reference_went AFTER DELETE ON reference BEGIN
  INSERT INTO reference_change
    SELECT OLD.owner, OLD.attribute, CASE dirty WHEN 1 THEN 0 ELSE OLD.target END
    FROM entry WHERE id = OLD.owner
    ON CONFLICT DO NOTHING;
END;
CREATE TRIGGER reference_turned AFTER UPDATE OF target ON reference BEGIN
  INSERT INTO reference_change VALUES (OLD.owner, OLD.attribute, OLD.target)
    ON CONFLICT DO NOTHING;
  INSERT INTO reference_change VALUES (NEW.owner, NEW.attribute, NEW.target)
    ON CONFLICT DO NOTHING;
END;
-- An entry got an object, or another one: whoever refers to the entry or to the objects is concerned.
CREATE TRIGGER entry_planned AFTER INSERT ON entry WHEN NEW.object IS NOT NULL BEGIN
  INSERT INTO object_reference_change
    SELECT owner, attribute, target FROM object_reference WHERE target = NEW.object
    ON CONFLICT DO NOTHING;
END;
CREATE TRIGGER entry_linked AFTER UPDATE OF object ON entry WHEN NEW.object IS NOT OLD.object BEGIN
  INSERT INTO reference_change
    SELECT r.owner, r.attribute, CASE WHEN e.dirty = 1 OR o.dirty = 1 THEN 0 ELSE r.target END
    FROM reference r JOIN entry e ON e.id = r.owner JOIN object o ON o.id = e.object
    WHERE r.target = NEW.id
    ON CONFLICT DO NOTHING;
  INSERT INTO reference_change
    SELECT entry, attribute, target FROM pending_link WHERE target = NEW.id
    ON CONFLICT DO NOTHING;
  INSERT INTO object_reference_change
    SELECT owner, attribute, target FROM object_reference WHERE target IN (OLD.object, NEW.object)
    ON CONFLICT DO NOTHING;
END;
CREATE TRIGGER entry_gone AFTER DELETE ON entry WHEN OLD.object IS NOT NULL BEGIN
  INSERT INTO object_reference_change
    SELECT owner, attribute, target FROM object_reference WHERE target = OLD.object
    ON CONFLICT DO NOTHING;
END;
CREATE TRIGGER object_ended AFTER UPDATE OF ended ON object
WHEN (NEW.ended IS NULL) <> (OLD.ended IS NULL) BEGIN
  INSERT INTO object_reference_change
    SELECT owner, attribute, target FROM object_reference WHERE target = NEW.id
    ON CONFLICT DO NOTHING;
  INSERT INTO reference_change
    SELECT r.owner, r.attribute, CASE WHEN e.dirty = 1 OR o.dirty = 1 THEN 0 ELSE r.target END
    FROM entry t JOIN reference r ON r.target = t.id
      JOIN entry e ON e.id = r.owner JOIN object o ON o.id = e.object
    WHERE t.object = NEW.id
    ON CONFLICT DO NOTHING;
END;
-- A delete takes references with it; if it is not wanted any more, they are looked at again.
CREATE TRIGGER delete_dropped AFTER DELETE ON pending WHEN OLD.op = 'delete' BEGIN
  INSERT INTO reference_change
    SELECT owner, attribute, target FROM reference WHERE target = OLD.entry
    ON CONFLICT DO NOTHING;
END;
CREATE TRIGGER delete_replaced AFTER UPDATE OF op ON pending
WHEN OLD.op = 'delete' AND NEW.op <> 'delete' BEGIN
  INSERT INTO reference_change
    SELECT owner, attribute, target FROM reference WHERE target = OLD.entry
    ON CONFLICT DO NOTHING;
END;
-- What the members of a named group were computed from: the attributes that list members, and the entries
-- that have its name.
CREATE TABLE member_group (
  group_key TEXT NOT NULL, connector INTEGER NOT NULL, computed_from TEXT NOT NULL,
  PRIMARY KEY (group_key, connector)) WITHOUT ROWID;

-- Writeback: we made this entry in its directory, so we may delete it there.
ALTER TABLE entry ADD COLUMN made INTEGER NOT NULL DEFAULT 0;

-- Objects (kind 0) and entries (kind 1) that are to be evaluated at an instant though nothing about
-- them changed; 0: in every cycle.
CREATE TABLE wake (
  kind INTEGER NOT NULL, holder INTEGER NOT NULL, at INTEGER NOT NULL,
  PRIMARY KEY (kind, holder)) WITHOUT ROWID;
CREATE INDEX wake_at ON wake (at);

-- Writes whose answers nobody has seen yet.
CREATE INDEX pending_attempted ON pending (entry) WHERE attempted = 1;

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
