-- The action whose plan was changed into this one (0: none), who changed it, and who may not approve it for having proposed,
-- asked for or changed what it replaces: a JSON array of persons. A replacement is still its first proposer's.
ALTER TABLE action ADD COLUMN replaces INTEGER NOT NULL DEFAULT 0;
ALTER TABLE action ADD COLUMN editor TEXT NOT NULL DEFAULT '';
ALTER TABLE action ADD COLUMN barred TEXT NOT NULL DEFAULT '[]';
UPDATE action SET replaces = old.id, editor = action.proposer, proposer = old.proposer,
  barred = json_array(action.proposer, old.proposer, old.requester)
  FROM action AS old WHERE old.tenant = action.tenant AND old.replaced_by = action.id;
