-- When an action was let go at its provider, for the limits on how many may start within a time; 0: never.
ALTER TABLE action ADD COLUMN started INTEGER NOT NULL DEFAULT 0;
UPDATE action SET started = changed WHERE state IN ('executing', 'succeeded', 'failed', 'unknown');
CREATE INDEX action_started ON action (tenant, verb, started) WHERE started > 0;
