-- What is held for minutes is of a kind of its own, apart from what is claimed for good.
UPDATE passkey_rows SET kind = 'hold' WHERE kind = 'slot' AND expires_at < 9223372036854775807;
