CREATE TABLE passkey_rows (
    kind TEXT COLLATE "C" NOT NULL,
    id TEXT COLLATE "C" NOT NULL,
    owner TEXT COLLATE "C",
    state TEXT NOT NULL,
    version BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    changed_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    purge_at BIGINT NOT NULL,
    body TEXT NOT NULL,
    PRIMARY KEY (kind, id)
);

CREATE INDEX passkey_rows_by_owner ON passkey_rows (kind, owner, id) WHERE owner IS NOT NULL;

CREATE INDEX passkey_rows_by_purge ON passkey_rows (purge_at);

-- What instances tell each other: the kind and id of a row that came into another state.
CREATE FUNCTION passkey_rows_tell() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_notify('passkey_rows', NEW.kind || ' ' || NEW.id);
    RETURN NULL;
END
$$;

CREATE TRIGGER passkey_rows_changed AFTER UPDATE ON passkey_rows
    FOR EACH ROW WHEN (OLD.state IS DISTINCT FROM NEW.state)
    EXECUTE FUNCTION passkey_rows_tell();
