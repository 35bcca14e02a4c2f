-- What lives for a minute: the last of it may be lost with the power, and is asked for again.
CREATE TABLE asked (
    imsi TEXT NOT NULL,
    purpose TEXT NOT NULL,
    since BIGINT NOT NULL,
    vectors BIGINT NOT NULL,
    challenges BIGINT NOT NULL,
    vector BLOB,
    open_until BIGINT,
    making_until BIGINT,
    revision BIGINT NOT NULL,
    PRIMARY KEY (imsi, purpose)
);
CREATE TABLE under_way (
    name TEXT NOT NULL PRIMARY KEY,
    what BLOB NOT NULL,
    until BIGINT NOT NULL
);
-- What lasts.
CREATE TABLE signing_key (
    key_id TEXT NOT NULL PRIMARY KEY,
    key_use TEXT NOT NULL,
    pem BLOB NOT NULL,
    created BIGINT NOT NULL,
    signs_from BIGINT,
    until BIGINT
);
CREATE TABLE place (
    next BIGINT NOT NULL
);
INSERT INTO place (next) VALUES (0);
CREATE TABLE revoked (
    token_id TEXT NOT NULL PRIMARY KEY,
    place BIGINT,
    until BIGINT NOT NULL
);
CREATE TABLE secret (
    name TEXT NOT NULL PRIMARY KEY,
    value BLOB NOT NULL
);
