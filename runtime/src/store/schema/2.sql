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
