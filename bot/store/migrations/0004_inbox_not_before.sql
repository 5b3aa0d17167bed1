-- What could not be carried out waits without standing in the way of what came after it.
ALTER TABLE inbox ADD COLUMN not_before INTEGER NOT NULL DEFAULT 0;
