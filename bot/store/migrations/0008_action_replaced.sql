-- The action that stands in the place of this one since somebody changed its plan; 0: none.
ALTER TABLE action ADD COLUMN replaced_by INTEGER NOT NULL DEFAULT 0;
