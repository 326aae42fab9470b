-- Connected directories and object types get numbers that stay; connector 0 is the metaverse.
CREATE TABLE IF NOT EXISTS connector (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);
CREATE TABLE IF NOT EXISTS object_type (
  id INTEGER PRIMARY KEY, connector INTEGER NOT NULL, name TEXT NOT NULL, UNIQUE (connector, name));
-- Slots of rows are only ever appended, so that a change of rules leaves stored rows readable.
-- A reference has no slot: its values are rows of their own.
CREATE TABLE IF NOT EXISTS attribute (
  id INTEGER PRIMARY KEY, object_type INTEGER NOT NULL, name TEXT NOT NULL, slot INTEGER,
  UNIQUE (object_type, name));

-- The connector space. Without an anchor: not made yet (object is set), or only referred to.
CREATE TABLE IF NOT EXISTS entry (
  id INTEGER PRIMARY KEY,
  connector INTEGER NOT NULL,
  object_type INTEGER,
  anchor BLOB,
  dn TEXT,
  dn_key TEXT,
  row BLOB,
  written BLOB,
  object INTEGER,
  link_rule TEXT,
  generation INTEGER NOT NULL DEFAULT 0,
  dirty INTEGER NOT NULL DEFAULT 1);
CREATE UNIQUE INDEX IF NOT EXISTS entry_anchor ON entry (connector, anchor) WHERE anchor IS NOT NULL;
CREATE INDEX IF NOT EXISTS entry_dn ON entry (connector, dn_key) WHERE dn_key IS NOT NULL;
CREATE INDEX IF NOT EXISTS entry_object ON entry (object) WHERE object IS NOT NULL;
-- dirty 1: changed since it was evaluated; 2: in scope, and found nobody to be linked to.
CREATE INDEX IF NOT EXISTS entry_dirty ON entry (connector, dirty) WHERE dirty > 0;

CREATE TABLE IF NOT EXISTS reference (
  owner INTEGER NOT NULL, attribute INTEGER NOT NULL, target INTEGER NOT NULL,
  ours INTEGER NOT NULL DEFAULT 0, -- we wrote it
  PRIMARY KEY (owner, attribute, target)) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS reference_target ON reference (target);

-- Members, direct and nested, of the groups that rules name.
CREATE TABLE IF NOT EXISTS membership (
  group_key TEXT NOT NULL, connector INTEGER NOT NULL, entry INTEGER NOT NULL,
  PRIMARY KEY (group_key, connector, entry)) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS membership_entry ON membership (entry);

-- The metaverse. An ended object has no source any more and waits for its targets to be deprovisioned.
CREATE TABLE IF NOT EXISTS object (
  id INTEGER PRIMARY KEY, object_type INTEGER NOT NULL, row BLOB NOT NULL,
  ended TEXT, dirty INTEGER NOT NULL DEFAULT 1);
CREATE INDEX IF NOT EXISTS object_dirty ON object (id) WHERE dirty = 1;
CREATE TABLE IF NOT EXISTS object_reference (
  owner INTEGER NOT NULL, attribute INTEGER NOT NULL, target INTEGER NOT NULL,
  PRIMARY KEY (owner, attribute, target)) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS object_reference_target ON object_reference (target);

-- What joins look up: values of indexed attributes, case folded. kind 0: holder is a metaverse object,
-- 1: an entry, 2: an entry that was deleted in its directory and may lie in the recycle bin.
CREATE TABLE IF NOT EXISTS lookup (
  kind INTEGER NOT NULL, attribute INTEGER NOT NULL, value BLOB NOT NULL, holder INTEGER NOT NULL,
  PRIMARY KEY (kind, attribute, value, holder)) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS lookup_holder ON lookup (kind, holder);

CREATE TABLE IF NOT EXISTS watermark (
  connector INTEGER PRIMARY KEY, token BLOB, selection TEXT NOT NULL, generation INTEGER NOT NULL,
  complete INTEGER NOT NULL);

CREATE TABLE IF NOT EXISTS pending (
  entry INTEGER PRIMARY KEY, op TEXT NOT NULL, attributes TEXT NOT NULL, cause TEXT NOT NULL,
  source TEXT NOT NULL, name TEXT NOT NULL, attempted INTEGER NOT NULL DEFAULT 0);
CREATE TABLE IF NOT EXISTS pending_link (
  entry INTEGER NOT NULL, attribute INTEGER NOT NULL, target INTEGER NOT NULL,
  adding INTEGER NOT NULL, rule TEXT NOT NULL, at TEXT NOT NULL,
  PRIMARY KEY (entry, attribute, target)) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS pending_link_target ON pending_link (target);

-- holder_kind 0: metaverse object, 1: entry, 2: an entry that could not be read, by its name.
CREATE TABLE IF NOT EXISTS object_error (
  holder_kind INTEGER NOT NULL, holder TEXT NOT NULL, connector TEXT NOT NULL, object TEXT NOT NULL,
  code TEXT NOT NULL, message TEXT NOT NULL, rule TEXT NOT NULL, at TEXT NOT NULL,
  PRIMARY KEY (holder_kind, holder, connector));

CREATE TABLE IF NOT EXISTS run (
  id INTEGER PRIMARY KEY, verb TEXT NOT NULL, rules TEXT NOT NULL, started TEXT NOT NULL,
  ended TEXT, result TEXT);
CREATE TABLE IF NOT EXISTS setting (name TEXT PRIMARY KEY, value TEXT NOT NULL);
