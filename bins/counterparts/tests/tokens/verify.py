# Verifies a token with PyJWT, and prints its claims.
import json
import sys

import jwt

asked = json.load(sys.stdin)
header = jwt.get_unverified_header(asked["token"])
key = jwt.PyJWKSet.from_dict(asked["jwks"])[header["kid"]]
claims = jwt.decode(
    asked["token"],
    key,
    algorithms=[asked["alg"]],
    issuer=asked["iss"],
    audience=asked["aud"],
    options={"require": ["exp", "iat", "nbf", "jti", "sub"]},
)
print(json.dumps(claims))
