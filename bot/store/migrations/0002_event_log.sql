-- The event log. Fields of indexed_fields() (bot/domain/event.hpp) have a column each, named with '_' for '.'; the others
-- stand in `fields` as JSON. Fields with few distinct values (category, outcome) get no index: they would not narrow anything.

CREATE TABLE event (
  seq                 INTEGER PRIMARY KEY,
  tenant              INTEGER NOT NULL,
  dataset             TEXT    NOT NULL,
  id                  TEXT    NOT NULL,
  time                INTEGER NOT NULL,
  host_name           TEXT,
  user_name           TEXT,
  user_target_name    TEXT,
  source_ip           TEXT,
  destination_ip      TEXT,
  event_action        TEXT,
  event_category      TEXT,
  event_code          TEXT,
  event_outcome       TEXT,
  process_name        TEXT,
  process_executable  TEXT,
  process_parent_name TEXT,
  file_path           TEXT,
  file_hash_sha256    TEXT,
  dns_question_name   TEXT,
  url_domain          TEXT,
  email_from_address  TEXT,
  email_to_address    TEXT,
  cloud_account_id    TEXT,
  access_key_id       TEXT,
  user_agent_original TEXT,
  fields              TEXT    NOT NULL,
  raw                 TEXT    NOT NULL,
  UNIQUE (tenant, dataset, id)
) STRICT;

CREATE INDEX event_time ON event (tenant, time, dataset);
CREATE INDEX event_host ON event (tenant, host_name COLLATE NOCASE, time) WHERE host_name IS NOT NULL;
CREATE INDEX event_user ON event (tenant, user_name COLLATE NOCASE, time) WHERE user_name IS NOT NULL;
CREATE INDEX event_user_target ON event (tenant, user_target_name COLLATE NOCASE, time) WHERE user_target_name IS NOT NULL;
CREATE INDEX event_source_ip ON event (tenant, source_ip COLLATE NOCASE, time) WHERE source_ip IS NOT NULL;
CREATE INDEX event_destination_ip ON event (tenant, destination_ip COLLATE NOCASE, time) WHERE destination_ip IS NOT NULL;
CREATE INDEX event_action ON event (tenant, event_action COLLATE NOCASE, time) WHERE event_action IS NOT NULL;
CREATE INDEX event_code ON event (tenant, event_code COLLATE NOCASE, time) WHERE event_code IS NOT NULL;
CREATE INDEX event_process ON event (tenant, process_name COLLATE NOCASE, time) WHERE process_name IS NOT NULL;
CREATE INDEX event_executable ON event (tenant, process_executable COLLATE NOCASE, time) WHERE process_executable IS NOT NULL;
CREATE INDEX event_file ON event (tenant, file_path COLLATE NOCASE, time) WHERE file_path IS NOT NULL;
CREATE INDEX event_sha256 ON event (tenant, file_hash_sha256 COLLATE NOCASE, time) WHERE file_hash_sha256 IS NOT NULL;
CREATE INDEX event_dns ON event (tenant, dns_question_name COLLATE NOCASE, time) WHERE dns_question_name IS NOT NULL;
CREATE INDEX event_domain ON event (tenant, url_domain COLLATE NOCASE, time) WHERE url_domain IS NOT NULL;
CREATE INDEX event_mail_from ON event (tenant, email_from_address COLLATE NOCASE, time) WHERE email_from_address IS NOT NULL;
CREATE INDEX event_mail_to ON event (tenant, email_to_address COLLATE NOCASE, time) WHERE email_to_address IS NOT NULL;
CREATE INDEX event_access_key ON event (tenant, access_key_id COLLATE NOCASE, time) WHERE access_key_id IS NOT NULL;
CREATE INDEX event_user_agent ON event (tenant, user_agent_original COLLATE NOCASE, time) WHERE user_agent_original IS NOT NULL;

-- The words of a record, found by its seq. Contentless: the record itself is in `event`.
CREATE VIRTUAL TABLE event_text USING fts5 (words, content = '', columnsize = 0, tokenize = 'unicode61');

-- What is stored per dataset, kept with every append.
CREATE TABLE event_span (
  tenant  INTEGER NOT NULL,
  dataset TEXT    NOT NULL,
  events  INTEGER NOT NULL,
  first   INTEGER NOT NULL,
  last    INTEGER NOT NULL,
  PRIMARY KEY (tenant, dataset)
) STRICT, WITHOUT ROWID;
