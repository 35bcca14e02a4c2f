-- What a key is for is part of what it was sealed for: a row whose algorithm is changed does not open.
ALTER TABLE subscriber ADD COLUMN algorithm TEXT NOT NULL DEFAULT 'milenage';
-- TUAK's.
ALTER TABLE subscriber ADD COLUMN iterations BIGINT NOT NULL DEFAULT 1;
-- MILENAGE's, sealed where they are the operator's own.
ALTER TABLE subscriber ADD COLUMN constants BYTEA NOT NULL DEFAULT '';
