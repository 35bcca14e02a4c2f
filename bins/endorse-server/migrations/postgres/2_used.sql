-- Used names last: forgotten, they could be used again.
CREATE TABLE used (
    name TEXT NOT NULL PRIMARY KEY,
    until BIGINT NOT NULL
);
DELETE FROM under_way WHERE name LIKE 'used %';
