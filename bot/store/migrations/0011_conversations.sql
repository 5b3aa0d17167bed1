-- Where a platform's conversations and people are reached: told once by the platform, needed for every later message.
CREATE TABLE conversation (
  number      INTEGER PRIMARY KEY,
  tenant      INTEGER NOT NULL,
  platform    TEXT    NOT NULL,
  workspace   TEXT    NOT NULL,
  id          TEXT    NOT NULL,
  kind        TEXT    NOT NULL,  -- channel, group, personal, person
  service_url TEXT    NOT NULL,
  bot         TEXT    NOT NULL,
  person      TEXT    NOT NULL,  -- immutable user id
  address     TEXT    NOT NULL,
  team        TEXT    NOT NULL,
  name        TEXT    NOT NULL,
  blocked     INTEGER NOT NULL,
  changed     INTEGER NOT NULL,
  UNIQUE (tenant, platform, workspace, id)
) STRICT;
CREATE INDEX conversation_changed ON conversation (tenant, platform, changed);
