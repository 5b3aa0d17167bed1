-- Until when a case is snoozed, by whom and why; 0: it is not.
ALTER TABLE cases ADD COLUMN snooze_until INTEGER NOT NULL DEFAULT 0;
ALTER TABLE cases ADD COLUMN snoozed_by TEXT NOT NULL DEFAULT '';
ALTER TABLE cases ADD COLUMN snooze_reason TEXT NOT NULL DEFAULT '';
CREATE INDEX case_snoozed ON cases (tenant, snooze_until) WHERE snooze_until > 0;
