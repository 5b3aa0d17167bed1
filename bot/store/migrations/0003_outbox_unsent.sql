-- How long the oldest message waits that its platform lacks.
CREATE INDEX outbox_unsent ON outbox (tenant, platform, waiting_since) WHERE state <> 'sent';
