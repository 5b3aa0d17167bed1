-- Answers to questions that others can read stand below the question, and long ones go on in further messages.
ALTER TABLE outbox ADD COLUMN below    TEXT NOT NULL DEFAULT '';  -- the platform's id of the message it stands below
ALTER TABLE outbox ADD COLUMN follows  TEXT NOT NULL DEFAULT '';  -- slot of the message that is said before it
ALTER TABLE outbox ADD COLUMN asked_by TEXT NOT NULL DEFAULT '';  -- WORKSPACE/USER
