-- Further accounts of people, and how they came to be theirs. An account belongs to one person, and a person has one account
-- of a platform's workspace. Offers stay: their numbers stand on buttons and are never given twice.
CREATE TABLE link_offer (
  tenant         INTEGER NOT NULL REFERENCES tenant (id),
  id             INTEGER NOT NULL,
  person         TEXT    NOT NULL,
  platform       TEXT    NOT NULL,
  workspace      TEXT    NOT NULL,
  account        TEXT    NOT NULL,
  channel        TEXT    NOT NULL,
  direct         INTEGER NOT NULL,
  state          TEXT    NOT NULL,
  code_hash      TEXT    NOT NULL,  -- SHA-256 of the code
  created        INTEGER NOT NULL,
  expires        INTEGER NOT NULL,
  used_platform  TEXT    NOT NULL DEFAULT '',
  used_workspace TEXT    NOT NULL DEFAULT '',
  used_account   TEXT    NOT NULL DEFAULT '',
  used_name      TEXT    NOT NULL DEFAULT '',
  used_channel   TEXT    NOT NULL DEFAULT '',
  used_direct    INTEGER NOT NULL DEFAULT 0,
  asked_in       TEXT    NOT NULL DEFAULT '',
  PRIMARY KEY (tenant, id)
) STRICT;
CREATE INDEX link_offer_open ON link_offer (tenant, platform, workspace, account) WHERE state IN ('offered', 'used');
CREATE INDEX link_offer_created ON link_offer (tenant, created);

CREATE TABLE link (
  tenant       INTEGER NOT NULL,
  platform     TEXT    NOT NULL,
  workspace    TEXT    NOT NULL,
  account      TEXT    NOT NULL,
  person       TEXT    NOT NULL,
  by_platform  TEXT    NOT NULL,  -- the account that offered and confirmed it
  by_workspace TEXT    NOT NULL,
  by_account   TEXT    NOT NULL,
  offer        INTEGER NOT NULL,
  since        INTEGER NOT NULL,
  PRIMARY KEY (tenant, platform, workspace, account),
  UNIQUE (tenant, person, platform, workspace),
  FOREIGN KEY (tenant, offer) REFERENCES link_offer (tenant, id)
) STRICT;

-- Codes an account tried in vain.
CREATE TABLE link_try (
  tenant       INTEGER NOT NULL REFERENCES tenant (id),
  platform     TEXT    NOT NULL,
  workspace    TEXT    NOT NULL,
  account      TEXT    NOT NULL,
  tries        INTEGER NOT NULL,
  first        INTEGER NOT NULL,
  paused_until INTEGER NOT NULL,
  PRIMARY KEY (tenant, platform, workspace, account)
) STRICT;
