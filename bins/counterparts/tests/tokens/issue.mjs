// Makes a key and a token with jose, and prints both.
import { SignJWT, exportJWK, generateKeyPair } from "jose";

const asked = JSON.parse(process.argv[2]);
const curve = asked.alg === "EdDSA" ? { crv: "Ed25519" } : {};
const { publicKey, privateKey } = await generateKeyPair(asked.alg, { ...curve, extractable: true });
const header = { alg: asked.alg, kid: asked.kid, ...(asked.typ ? { typ: asked.typ } : {}) };
const token = await new SignJWT(asked.claims).setProtectedHeader(header).sign(privateKey);
const jwk = { ...(await exportJWK(publicKey)), kid: asked.kid, alg: asked.alg, use: "sig" };
console.log(JSON.stringify({ token, jwks: { keys: [jwk] } }));
