-- What the whole engine needs beyond the first tables.

-- Writeback: we made this entry in its directory, so we may delete it there.
ALTER TABLE entry ADD COLUMN made INTEGER NOT NULL DEFAULT 0;
