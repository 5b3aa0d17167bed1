-- Times are microseconds since 1970 (UTC). Lists and maps are JSON. `tenant` stands in every key.
-- Once released, a migration is never edited: its checksum is kept, and a changed one is refused. Add another file instead.

CREATE TABLE tenant (
  id   INTEGER PRIMARY KEY,
  name TEXT NOT NULL UNIQUE
) STRICT;

-- A probe write goes here while the disk is thought to be failing. Its padding takes real room.
CREATE TABLE probe (
  id      INTEGER PRIMARY KEY,
  counter INTEGER NOT NULL,
  padding BLOB NOT NULL
) STRICT;

CREATE TABLE cases (
  tenant         INTEGER NOT NULL REFERENCES tenant (id),
  id             INTEGER NOT NULL,
  title          TEXT    NOT NULL,
  status         TEXT    NOT NULL,
  severity       INTEGER NOT NULL,
  owner          TEXT    NOT NULL DEFAULT '',
  created        INTEGER NOT NULL,
  updated        INTEGER NOT NULL,
  last_alert     INTEGER NOT NULL,
  alerts         INTEGER NOT NULL,
  disposition    TEXT    NOT NULL DEFAULT '',
  closing_reason TEXT    NOT NULL DEFAULT '',
  progress       TEXT    NOT NULL DEFAULT '[]',
  failure        TEXT    NOT NULL DEFAULT '',
  verdict        TEXT    NOT NULL DEFAULT '',
  label          TEXT    NOT NULL DEFAULT '',
  good           INTEGER NOT NULL DEFAULT 0,
  bad            INTEGER NOT NULL DEFAULT 0,
  version        INTEGER NOT NULL DEFAULT 1,
  presented      INTEGER NOT NULL DEFAULT 0,
  -- The investigation: its state, how often this round was started, the number of the last claim, and until when it holds.
  investigation  TEXT    NOT NULL DEFAULT 'queued',
  queued_at      INTEGER NOT NULL,
  round          INTEGER NOT NULL DEFAULT 1,
  attempt        INTEGER NOT NULL DEFAULT 0,
  fence          INTEGER NOT NULL DEFAULT 0,
  lease_owner    TEXT    NOT NULL DEFAULT '',
  lease_until    INTEGER NOT NULL DEFAULT 0,
  lease_length   INTEGER NOT NULL DEFAULT 0,
  again          INTEGER NOT NULL DEFAULT 0,  -- 1: something new came while it ran
  PRIMARY KEY (tenant, id)
) STRICT;
CREATE INDEX case_work ON cases (tenant, severity DESC, queued_at, id) WHERE investigation IN ('queued', 'running');
CREATE INDEX case_unpresented ON cases (tenant, id) WHERE version > presented;
CREATE INDEX case_open ON cases (tenant, id) WHERE status <> 'closed';

CREATE TABLE alert (
  tenant      INTEGER NOT NULL,
  id          INTEGER NOT NULL,
  source      TEXT    NOT NULL,
  dedup_key   TEXT    NOT NULL,
  state       TEXT    NOT NULL,
  case_id     INTEGER,
  severity    INTEGER NOT NULL,
  time        INTEGER NOT NULL,
  received    INTEGER NOT NULL,
  format      TEXT    NOT NULL,
  title       TEXT    NOT NULL,
  description TEXT    NOT NULL,
  rule        TEXT    NOT NULL,
  rule_name   TEXT    NOT NULL,
  category    TEXT    NOT NULL,
  link        TEXT    NOT NULL,
  reason      TEXT    NOT NULL DEFAULT '',  -- why it was suppressed
  entities    TEXT    NOT NULL,
  techniques  TEXT    NOT NULL,
  fields      TEXT    NOT NULL,
  raw         TEXT    NOT NULL,
  PRIMARY KEY (tenant, id),
  UNIQUE (tenant, source, dedup_key),
  FOREIGN KEY (tenant, case_id) REFERENCES cases (tenant, id)
) STRICT;
CREATE INDEX alert_state ON alert (tenant, state);
CREATE INDEX alert_unplaced ON alert (tenant, id) WHERE case_id IS NULL AND state = 'queued';
CREATE INDEX alert_case ON alert (tenant, case_id, id) WHERE case_id IS NOT NULL;

CREATE TABLE case_entity (
  tenant     INTEGER NOT NULL,
  type       TEXT    NOT NULL,
  value      TEXT    NOT NULL,
  case_id    INTEGER NOT NULL,
  position   INTEGER NOT NULL,
  last_alert INTEGER NOT NULL,  -- time of the newest alert of the case that has this entity
  PRIMARY KEY (tenant, type, value, case_id),
  FOREIGN KEY (tenant, case_id) REFERENCES cases (tenant, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX case_entity_case ON case_entity (tenant, case_id, position);

CREATE TABLE case_rule (
  tenant  INTEGER NOT NULL,
  rule    TEXT    NOT NULL,
  case_id INTEGER NOT NULL,
  PRIMARY KEY (tenant, rule, case_id),
  FOREIGN KEY (tenant, case_id) REFERENCES cases (tenant, id)
) STRICT, WITHOUT ROWID;

CREATE TABLE case_note (
  tenant  INTEGER NOT NULL,
  case_id INTEGER NOT NULL,
  number  INTEGER NOT NULL,
  at      INTEGER NOT NULL,
  kind    TEXT    NOT NULL,
  author  TEXT    NOT NULL,
  text    TEXT    NOT NULL,
  PRIMARY KEY (tenant, case_id, number),
  FOREIGN KEY (tenant, case_id) REFERENCES cases (tenant, id)
) STRICT, WITHOUT ROWID;

CREATE TABLE thumb (
  tenant  INTEGER NOT NULL,
  case_id INTEGER NOT NULL,
  person  TEXT    NOT NULL,
  good    INTEGER NOT NULL,
  reason  TEXT    NOT NULL,
  at      INTEGER NOT NULL,
  PRIMARY KEY (tenant, case_id, person),
  FOREIGN KEY (tenant, case_id) REFERENCES cases (tenant, id)
) STRICT, WITHOUT ROWID;

CREATE TABLE evidence (
  tenant   INTEGER NOT NULL,
  case_id  INTEGER NOT NULL,
  number   INTEGER NOT NULL,
  question TEXT    NOT NULL,
  title    TEXT    NOT NULL,
  source   TEXT    NOT NULL,
  query    TEXT    NOT NULL,
  starts   INTEGER NOT NULL,
  ends     INTEGER NOT NULL,
  answer   TEXT    NOT NULL,
  total    INTEGER NOT NULL,
  records  TEXT    NOT NULL,
  link     TEXT    NOT NULL,
  taken    INTEGER NOT NULL,
  PRIMARY KEY (tenant, case_id, number),
  UNIQUE (tenant, case_id, question),
  FOREIGN KEY (tenant, case_id) REFERENCES cases (tenant, id)
) STRICT;

CREATE TABLE action (
  tenant           INTEGER NOT NULL,
  id               INTEGER NOT NULL,
  case_id          INTEGER NOT NULL,
  verb             TEXT    NOT NULL,
  provider         TEXT    NOT NULL,
  target_type      TEXT    NOT NULL,
  target           TEXT    NOT NULL,
  parameters       TEXT    NOT NULL,
  digest           TEXT    NOT NULL,
  state            TEXT    NOT NULL,
  reason           TEXT    NOT NULL,
  proposer         TEXT    NOT NULL,
  requester        TEXT    NOT NULL DEFAULT '',
  approvals_needed INTEGER NOT NULL,
  expires          INTEGER,
  result           TEXT    NOT NULL DEFAULT '',
  created          INTEGER NOT NULL,
  changed          INTEGER NOT NULL,
  PRIMARY KEY (tenant, id),
  FOREIGN KEY (tenant, case_id) REFERENCES cases (tenant, id)
) STRICT;
CREATE INDEX action_case ON action (tenant, case_id, id);
CREATE INDEX action_state ON action (tenant, state, id);

CREATE TABLE vote (
  tenant    INTEGER NOT NULL,
  action_id INTEGER NOT NULL,
  person    TEXT    NOT NULL,
  approve   INTEGER NOT NULL,
  at        INTEGER NOT NULL,
  PRIMARY KEY (tenant, action_id, person),
  FOREIGN KEY (tenant, action_id) REFERENCES action (tenant, id)
) STRICT, WITHOUT ROWID;

CREATE TABLE inbox (
  tenant   INTEGER NOT NULL,
  id       INTEGER NOT NULL,
  platform TEXT    NOT NULL,
  key      TEXT    NOT NULL,
  kind     TEXT    NOT NULL,
  payload  TEXT    NOT NULL,
  received INTEGER NOT NULL,
  attempts INTEGER NOT NULL DEFAULT 0,
  state    TEXT    NOT NULL DEFAULT 'pending',
  reason   TEXT    NOT NULL DEFAULT '',
  PRIMARY KEY (tenant, id),
  UNIQUE (tenant, platform, key)
) STRICT;
CREATE INDEX inbox_pending ON inbox (tenant, id) WHERE state = 'pending';
CREATE INDEX inbox_settled ON inbox (tenant, received) WHERE state <> 'pending';

CREATE TABLE outbox (
  tenant        INTEGER NOT NULL,
  id            INTEGER NOT NULL,
  platform      TEXT    NOT NULL,
  channel       TEXT    NOT NULL,
  slot          TEXT    NOT NULL,
  thread_of     TEXT    NOT NULL,
  only_for      TEXT    NOT NULL,
  author        TEXT    NOT NULL,
  lane          INTEGER NOT NULL,
  card          TEXT    NOT NULL,
  version       INTEGER NOT NULL DEFAULT 1,
  delivered     INTEGER NOT NULL DEFAULT 0,
  message_ref   TEXT    NOT NULL DEFAULT '',
  state         TEXT    NOT NULL DEFAULT 'queued',
  attempts      INTEGER NOT NULL DEFAULT 0,
  first_attempt INTEGER NOT NULL DEFAULT 0,
  not_before    INTEGER NOT NULL DEFAULT 0,
  waiting_since INTEGER NOT NULL,  -- when the platform fell behind: the age that `due` sorts by
  created       INTEGER NOT NULL,
  changed       INTEGER NOT NULL,
  error         TEXT    NOT NULL DEFAULT '',
  PRIMARY KEY (tenant, id),
  UNIQUE (tenant, platform, channel, slot)
) STRICT;
CREATE INDEX outbox_due ON outbox (tenant, platform, lane, waiting_since, id) WHERE state IN ('queued', 'unknown');
CREATE INDEX outbox_sending ON outbox (tenant, id) WHERE state = 'sending';
CREATE INDEX outbox_channel ON outbox (tenant, platform, channel, thread_of, id);
CREATE INDEX outbox_ref ON outbox (tenant, platform, channel, message_ref) WHERE message_ref <> '';

CREATE TABLE audit (
  tenant   INTEGER NOT NULL,
  sequence INTEGER NOT NULL,
  at       INTEGER NOT NULL,
  actor    TEXT    NOT NULL,
  identity TEXT    NOT NULL,
  action   TEXT    NOT NULL,
  subject  TEXT    NOT NULL,
  detail   TEXT    NOT NULL,
  cause    TEXT    NOT NULL,
  previous TEXT    NOT NULL,
  hash     TEXT    NOT NULL,
  PRIMARY KEY (tenant, sequence)
) STRICT;
CREATE UNIQUE INDEX audit_cause ON audit (tenant, cause, action, subject) WHERE cause <> '';

CREATE TABLE session (
  tenant     INTEGER NOT NULL,
  token_hash TEXT    NOT NULL,
  person     TEXT    NOT NULL,
  expires    INTEGER NOT NULL,
  PRIMARY KEY (tenant, token_hash)
) STRICT, WITHOUT ROWID;
CREATE INDEX session_expires ON session (tenant, expires);

CREATE TABLE signature (
  tenant  INTEGER NOT NULL,
  digest  TEXT    NOT NULL,
  expires INTEGER NOT NULL,
  PRIMARY KEY (tenant, digest)
) STRICT, WITHOUT ROWID;
CREATE INDEX signature_expires ON signature (tenant, expires);
