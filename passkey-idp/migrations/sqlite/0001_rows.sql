CREATE TABLE passkey_rows (
    kind TEXT NOT NULL,
    id TEXT NOT NULL,
    owner TEXT,
    state TEXT NOT NULL,
    version INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    changed_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    purge_at INTEGER NOT NULL,
    body TEXT NOT NULL,
    PRIMARY KEY (kind, id)
) WITHOUT ROWID;

CREATE INDEX passkey_rows_by_owner ON passkey_rows (kind, owner, id) WHERE owner IS NOT NULL;

CREATE INDEX passkey_rows_by_purge ON passkey_rows (purge_at);
