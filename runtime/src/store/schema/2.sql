-- What the whole engine needs beyond the first tables.

-- Entries that a full import did not return, and that are too many to be believed gone.
ALTER TABLE entry ADD COLUMN missing INTEGER NOT NULL DEFAULT 0;
CREATE INDEX entry_missing ON entry (connector, object_type) WHERE missing = 1;
-- The connector whose entry of the object went last.
ALTER TABLE object ADD COLUMN lost TEXT;
