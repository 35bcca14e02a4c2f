-- Instances tell each other of changes after they were committed, many in one statement: whoever
-- notifies within a transaction commits alone, and waits for the disk alone.
DROP TRIGGER passkey_rows_changed ON passkey_rows;
DROP FUNCTION passkey_rows_tell();
