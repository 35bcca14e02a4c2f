// Verifies a token with jose, and prints its claims.
import { createLocalJWKSet, jwtVerify } from "jose";

const asked = JSON.parse(process.argv[2]);
const { payload } = await jwtVerify(asked.token, createLocalJWKSet(asked.jwks), {
  algorithms: [asked.alg],
  issuer: asked.iss,
  audience: asked.aud,
  requiredClaims: ["exp", "iat", "nbf", "jti", "sub"],
  ...(asked.typ ? { typ: asked.typ } : {}),
});
console.log(JSON.stringify(payload));
