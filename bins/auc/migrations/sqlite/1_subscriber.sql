-- Keys are sealed; SQN_HE only ever grows.
CREATE TABLE subscriber (
    imsi TEXT NOT NULL PRIMARY KEY,
    k BLOB NOT NULL,
    opc BLOB NOT NULL,
    amf BIGINT NOT NULL,
    sqn BIGINT NOT NULL,
    res_length BIGINT NOT NULL
);
CREATE TRIGGER sqn_grows BEFORE UPDATE OF sqn ON subscriber WHEN new.sqn < old.sqn
BEGIN
    SELECT RAISE(ABORT, 'SQN never goes back');
END;
