"use strict";
// Decodes and verifies a token with WebCrypto, by the server's own keys.
const algorithms = {
  ES256: [{ name: "ECDSA", namedCurve: "P-256" }, { name: "ECDSA", hash: "SHA-256" }],
  RS256: [{ name: "RSASSA-PKCS1-v1_5", hash: "SHA-256" }, { name: "RSASSA-PKCS1-v1_5" }],
  EdDSA: [{ name: "Ed25519" }, { name: "Ed25519" }],
};
const [field, verdict, parts] = ["token", "verdict", "parts"].map((id) => document.getElementById(id));
let asked = 0;

function octets(text) {
  if (!/^[A-Za-z0-9_-]*$/.test(text)) throw new Error("it is not base64url");
  const binary = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
  return Uint8Array.from(binary, (symbol) => symbol.charCodeAt(0));
}

function object(text) {
  return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(octets(text)));
}

async function isSigned(header, signed, signature) {
  const answer = await fetch("/.well-known/jwks.json");
  const { keys } = await answer.json();
  const jwk = keys.find((key) => key.kid === header.kid);
  if (!jwk) throw new Error("this server has no key of its name");
  if (jwk.alg !== header.alg) throw new Error("its algorithm is not its key's");
  const [kind, scheme] = algorithms[jwk.alg];
  const { use, alg, kid, ...material } = jwk;
  const key = await crypto.subtle.importKey("jwk", material, kind, false, ["verify"]);
  return crypto.subtle.verify(scheme, key, signature, new TextEncoder().encode(signed));
}

function age(claims) {
  const left = claims.exp - Math.floor(Date.now() / 1000);
  if (!Number.isInteger(claims.exp)) throw new Error("it does not say when it expires");
  return left > 0 ? `good for ${left} more seconds` : `expired ${-left} seconds ago`;
}

function tell(kind, text) {
  verdict.className = `verdict ${kind}`;
  verdict.textContent = text;
}

async function decode() {
  const turn = ++asked;
  const token = field.value.trim();
  parts.hidden = true;
  if (!token) return tell("", "");
  try {
    const [head, body, signature, ...rest] = token.split(".");
    if (!signature || rest.length) throw new Error("it has not three parts");
    const [header, claims] = [object(head), object(body)];
    document.getElementById("header").textContent = JSON.stringify(header, null, 2);
    document.getElementById("claims").textContent = JSON.stringify(claims, null, 2);
    parts.hidden = false;
    const good = await isSigned(header, `${head}.${body}`, octets(signature));
    if (turn !== asked) return;
    if (!good) throw new Error("the signature is wrong");
    const text = age(claims);
    tell(text.startsWith("good") ? "good" : "bad", `Signed by this server, ${text}.`);
  } catch (error) {
    if (turn === asked) tell("bad", `Not a token of this server: ${error.message}.`);
  }
}

field.addEventListener("input", decode);
