-- Keys are sealed; SQN_HE only ever grows.
CREATE TABLE subscriber (
    imsi TEXT NOT NULL PRIMARY KEY,
    k BYTEA NOT NULL,
    opc BYTEA NOT NULL,
    amf BIGINT NOT NULL,
    sqn BIGINT NOT NULL,
    res_length BIGINT NOT NULL
);
CREATE FUNCTION refuse_sqn() RETURNS trigger AS $$
BEGIN
    RAISE EXCEPTION 'SQN never goes back';
END
$$ LANGUAGE plpgsql;
CREATE TRIGGER sqn_grows BEFORE UPDATE OF sqn ON subscriber
    FOR EACH ROW WHEN (new.sqn < old.sqn) EXECUTE FUNCTION refuse_sqn();
