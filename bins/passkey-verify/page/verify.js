// Verifies evidence of what a passkey signed, with WebCrypto and nothing else. It knows only the format;
// it shares no code with the program that made the package.
"use strict";

const FORMAT = "passkey-idp/evidence/v1";
const NAMES = { "-7": "ES256", "-35": "ES384", "-8": "EdDSA", "-257": "RS256", "-37": "PS256" };
const ALGORITHMS = {
  "-7": { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" },
  "-35": { name: "ECDSA", namedCurve: "P-384", hash: "SHA-384" },
  "-8": { name: "Ed25519" },
  "-257": { name: "RSASSA-PKCS1-v1_5", hash: "SHA-256" },
  "-37": { name: "RSA-PSS", hash: "SHA-256", saltLength: 32 },
};

const must = (holds, reason) => { if (!holds) throw new Error(reason); };
const hex = (octets) => Array.from(octets, (octet) => octet.toString(16).padStart(2, "0")).join("");
const utf8 = (text) => new TextEncoder().encode(text);
const sha256 = async (octets) => new Uint8Array(await crypto.subtle.digest("SHA-256", octets));
const same = (one, other) => one.length === other.length && one.every((octet, at) => octet === other[at]);

const concat = (...parts) => {
  const all = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  parts.reduce((at, part) => (all.set(part, at), at + part.length), 0);
  return all;
};

const base64 = (octets) =>
  btoa(Array.from(octets, (octet) => String.fromCharCode(octet)).join(""))
    .replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");

const unbase64 = (text) => {
  must(/^[A-Za-z0-9_-]*$/.test(text), "not base64url");
  const octets = Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (c) => c.charCodeAt(0));
  must(base64(octets) === text, "base64url in another form");
  return octets;
};

// The server's signature: a compact JWS over the statement.
async function statementOf(text, passed) {
  const line = text.replace(/[\r\n]+$/, "");
  const pack = JSON.parse(line);
  must(JSON.stringify(pack) === line, "the package is not in its one form");
  must(Object.keys(pack).join() === "format,jwk,jws" && pack.format === FORMAT, "not a package of " + FORMAT);
  const parts = pack.jws.split(".");
  must(parts.length === 3, "the server's signature is cut short");
  const [header, payload, signature] = parts.map(unbase64);
  passed.push("the package is whole, and in its one form");
  const { alg, typ } = JSON.parse(new TextDecoder().decode(header));
  const known = { ES256: "-7", EdDSA: "-8", RS256: "-257" }[alg];
  must(known && typ === "passkey-evidence+jwt", "the server's signature is for something else");
  const algorithm = ALGORITHMS[known];
  // importing forgives another form of the same octets
  for (const member of ["x", "y", "n", "e"]) if (member in pack.jwk) unbase64(pack.jwk[member]);
  const key = await crypto.subtle.importKey("jwk", pack.jwk, algorithm, true, ["verify"]);
  const signed = utf8(parts[0] + "." + parts[1]);
  must(await crypto.subtle.verify(algorithm, key, signature, signed), "the server's signature does not verify");
  passed.push("the server's signature, " + alg);
  const json = new TextDecoder("utf-8", { fatal: true }).decode(payload);
  const statement = JSON.parse(json);
  must(JSON.stringify(statement) === json, "the statement is not in its one form");
  return { statement, jwk: pack.jwk };
}

// What the passkey was given: every part with its length (v1), or between line feeds (v0).
async function challengeOf(s) {
  const data = s.data === null ? null : unbase64(s.data);
  if (s.scheme === "v0") {
    const lines = [s.requested_user ?? "", s.application, s.order, s.nonce, s.text].join("\n") + "\n";
    return sha256(concat(utf8(lines), data ?? new Uint8Array()));
  }
  must(s.scheme === "v1", "an unknown binding");
  const expiry = new Uint8Array(8);
  new DataView(expiry.buffer).setBigUint64(0, BigInt(s.expires_at));
  const user = s.requested_user === null ? Uint8Array.of(0) : concat(Uint8Array.of(1), utf8(s.requested_user));
  const fields = [
    utf8(s.rp_id), utf8(s.application), utf8(s.order), user, utf8(s.nonce), expiry,
    utf8(s.media_type), utf8(s.text), data === null ? new Uint8Array() : await sha256(data),
  ];
  const framed = fields.flatMap((field) => {
    const length = new Uint8Array(4);
    new DataView(length.buffer).setUint32(0, field.length);
    return [length, field];
  });
  return sha256(concat(utf8("passkey-idp/sign/v1"), ...framed));
}

// Just enough CBOR: integers, octets, text, arrays and maps of definite length.
function cbor(octets, at = 0) {
  must(at < octets.length, "CBOR is cut short");
  const major = octets[at] >> 5;
  let argument = octets[at++] & 31;
  must(argument < 28, "CBOR of indefinite length");
  if (argument > 23) {
    const width = 1 << (argument - 24);
    argument = octets.slice(at, at + width).reduce((sum, octet) => sum * 256 + octet, 0);
    at += width;
  }
  must(at <= octets.length, "CBOR is cut short");
  if (major === 0) return [argument, at];
  if (major === 1) return [-1 - argument, at];
  if (major === 2 || major === 3) {
    must(at + argument <= octets.length, "CBOR is cut short");
    const slice = octets.slice(at, at + argument);
    return [major === 2 ? slice : new TextDecoder().decode(slice), at + argument];
  }
  if (major === 4 || major === 5) {
    const values = [];
    for (let count = major === 4 ? argument : argument * 2; count > 0; count--) {
      let value;
      [value, at] = cbor(octets, at);
      values.push(value);
    }
    if (major === 4) return [values, at];
    return [new Map(values.flatMap((key, index) => (index % 2 ? [] : [[key, values[index + 1]]]))), at];
  }
  throw new Error("CBOR of a kind that is not used here");
}

function publicKey(cose, algorithm) {
  const member = (label) => base64(cose.get(label));
  switch (cose.get(1)) {
    case 1: return { kty: "OKP", crv: "Ed25519", x: member(-2) };
    case 2: return { kty: "EC", crv: algorithm.namedCurve, x: member(-2), y: member(-3) };
    case 3: return { kty: "RSA", n: member(-1), e: member(-2) };
    default: throw new Error("an unknown kind of key");
  }
}

async function verifyWith(cose, message, signature) {
  const [key] = cbor(cose);
  const algorithm = ALGORITHMS[key.get(3)];
  must(algorithm, "an unknown algorithm");
  const jwk = publicKey(key, algorithm);
  const imported = await crypto.subtle.importKey("jwk", jwk, algorithm, true, ["verify"]);
  const form = algorithm.name === "ECDSA" ? fixed(signature, algorithm.namedCurve === "P-256" ? 32 : 48) : signature;
  return crypto.subtle.verify(algorithm, imported, form, message);
}

// DER to r and s of fixed length, as WebCrypto wants them.
function fixed(der, size) {
  must(der[0] === 0x30 && der[1] === der.length - 2, "the signature is not DER");
  const integers = [];
  for (let at = 2; at < der.length; ) {
    must(der[at] === 2, "the signature is not DER");
    const value = der.slice(at + 2, at + 2 + der[at + 1]);
    const digits = value[0] === 0 ? value.slice(1) : value;
    must(digits.length <= size, "the signature is not DER");
    integers.push(concat(new Uint8Array(size - digits.length), digits));
    at += 2 + der[at + 1];
  }
  must(integers.length === 2, "the signature is not DER");
  return concat(...integers);
}

// What the browser says that it was asked, and by which page.
async function checkClient(s, kind, answer, passed) {
  const client = unbase64(answer.client_data_json);
  const said = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(client));
  const type = kind === "assertion" ? "webauthn.get" : "webauthn.create";
  must(said.type === type && (s.act === "register") === (kind === "registration"), "the passkey was asked for something else");
  must(said.challenge === base64(await challengeOf(s)), "the passkey signed something else than the statement says");
  passed.push("the challenge is that of the text, the data and the order");
  must(s.origins.includes(said.origin) && !said.crossOrigin && !("topOrigin" in said), "another page has asked");
  passed.push("the page that asked is one of the relying party's: " + said.origin);
  return client;
}

async function checkPasskey(s, passed) {
  const [kind, answer] = Object.entries(s.proof)[0];
  const client = await checkClient(s, kind, answer, passed);
  const data = kind === "assertion" ? unbase64(answer.authenticator_data) : cbor(unbase64(answer.attestation_object))[0].get("authData");
  must(same(data.slice(0, 32), await sha256(utf8(s.rp_id))), "the passkey belongs to another relying party");
  passed.push("the passkey belongs to " + s.rp_id);
  const userVerified = Boolean(data[32] & 4);
  must(data[32] & 1 && (s.user_verification !== "required" || userVerified), "the user was not present or verified");
  passed.push(userVerified ? "the user was present, and verified by PIN or biometrics" : "the user was present");
  const cose = unbase64(s.public_key);
  const algorithm = NAMES[cbor(cose)[0].get(3)];
  if (kind === "assertion") {
    must(data.length >= 37 && !(data[32] & 0x40), "the authenticator data is of another ceremony");
    const handle = answer.user_handle;
    must(handle === null || handle === s.user, "the user is another");
    const message = concat(data, await sha256(client));
    must(await verifyWith(cose, message, unbase64(answer.signature)), "the passkey's signature does not verify");
    passed.push("the passkey's signature, " + algorithm);
  } else {
    checkRegistered(s, data, cose);
    passed.push("the passkey, its public key and its model are those that were registered");
  }
  return { userVerified, algorithm };
}

// The new credential (WebAuthn §6.5.2): model, identifier, key.
function checkRegistered(s, data, cose) {
  must(data[32] & 0x40 && data.length >= 55, "there is no new passkey");
  must(hex(data.slice(37, 53)) === s.aaguid.replaceAll("-", ""), "the passkey is of another model");
  const end = 55 + data[53] * 256 + data[54];
  const isSame = base64(data.slice(55, end)) === s.credential_id && same(data.slice(end, end + cose.length), cose);
  must(isSame, "the passkey is another");
}

// Everything that a package says, and the names of the checks that it has passed; or an error with those
// that it had passed before.
async function verifyEvidence(text) {
  const passed = [];
  try {
    const { statement, jwk } = await statementOf(text, passed);
    const { placed_at, signed_at, expires_at, requested_user, user } = statement;
    must(placed_at <= signed_at && signed_at < expires_at, "it was not signed in its time");
    passed.push("it was signed between the order and its end");
    must(requested_user === null || requested_user === user, "the user is another");
    passed.push(requested_user === null ? "whoever came was asked" : "the user is the one who was asked");
    return { statement, jwk, passed, ...(await checkPasskey(statement, passed)) };
  } catch (error) {
    error.passed = passed;
    throw error;
  }
}

// What cannot be seen, or turns what is seen: shown by its number. Line feeds, tabs and everyday spaces stay.
const UNSEEN = /([\u1680\u2000-\u200A\u202F\u205F\u2800\u{1107F}\u{13430}-\u{1343F}\u{16FE4}\u{1D159}\p{Cc}\p{Cf}\p{Co}\p{Cs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}\p{Noncharacter_Code_Point}])/u;
const stays = (character) => character === "\n" || character === "\t";
const pieces = (text) => {
  const parts = text.split(UNSEEN).map((part, at) => ({ text: part, hidden: at % 2 === 1 && !stays(part) }));
  return parts.filter(({ text: part }) => part !== "");
};
const numbered = (character) => "U+" + character.codePointAt(0).toString(16).toUpperCase().padStart(4, "0");

// RFC 7638: what programs name the server's key by.
const thumbprint = async (jwk) => {
  const members = Object.keys(jwk).sort().map((name) => [name, jwk[name]]);
  return base64(await sha256(utf8(JSON.stringify(Object.fromEntries(members)))));
};

// Whether the package is by somebody who was named, by thumbprint or in a JWK set: "named", "unknown" where
// nobody was, or an error.
async function makerOf(jwk, typed, keys) {
  const known = typed.trim() === "" ? [] : [typed.trim()];
  for (const { kty, crv, x, y, n, e } of keys === null ? [] : JSON.parse(keys).keys) {
    const required = Object.entries({ kty, crv, x, y, n, e }).filter(([, value]) => value !== undefined);
    known.push(await thumbprint(Object.fromEntries(required)));
  }
  if (keys === null && known.length === 0) return "unknown";
  must(known.includes(await thumbprint(jwk)), "the server's key is not one of those that you named");
  return "named";
}

const ACTS = { sign_in: "a sign-in", sign: "a text", register: "a new passkey" };

if (typeof document === "undefined") {
  module.exports = { verifyEvidence, makerOf, pieces, numbered };
} else {
  const place = document.querySelector("#result");
  const make = (name, content, attributes = {}) => {
    const element = Object.assign(document.createElement(name), attributes);
    element.append(...[content].flat());
    return element;
  };
  const visible = (text) => pieces(text).map((piece) => (piece.hidden
    ? make("span", numbered(piece.text), { className: "unseen", title: "a character that cannot be seen" })
    : piece.text));
  const listed = (pairs) => make("dl", pairs.flatMap(([name, value]) => [make("dt", name), make("dd", value)]));
  const checks = (passed, failed) => make("ul", [
    ...passed.map((name) => make("li", visible(name), { className: "passed" })),
    ...failed.map((name) => make("li", visible(name), { className: "failed" })),
  ]);
  const time = (millis) => new Date(millis).toISOString();
  const octets = (count) => (count === 1 ? "1 octet" : count + " octets");

  const saved = (data) => {
    const file = new Blob([data], { type: "application/octet-stream" });
    return make("a", "Save the data", { href: URL.createObjectURL(file), download: "signed-data.bin" });
  };
  const attached = async (s) => {
    if (s.data === null) return listed([["Data", "none"]]);
    const data = unbase64(s.data);
    return listed([["Data", [octets(data.length) + ", ", saved(data)]], ["SHA-256 of it", hex(await sha256(data))]]);
  };
  const model = (s) => s.aaguid + (s.act === "register" ? ", compared" : ", as the server says");

  const HEADINGS = { named: "Proven: ", unknown: "Whole, maker unknown: " };
  const UNKNOWN = "Anybody makes such a package with a key of their own: give the public keys of the server that you know, or the thumbprint of its key.";

  const told = async ({ statement: s, jwk, passed, userVerified, algorithm }, maker) => [
    make("h2", HEADINGS[maker] + ACTS[s.act]),
    ...(maker === "named" ? [] : [make("p", UNKNOWN)]),
    ...(s.text === "" ? [] : [
      make("p", [s.media_type + ", " + octets(utf8(s.text).length)], { className: "small" }),
      make("pre", visible(s.text), { tabIndex: 0 }),
    ]),
    await attached(s),
    listed([
      ["When", time(s.signed_at)],
      ["User", s.user + (userVerified ? ", verified" : ", present")],
      ["Asked by", s.application + " at " + s.rp_id],
      ["Order", s.order + ", from " + time(s.placed_at) + " until " + time(s.expires_at)],
      ["Passkey", s.credential_id + ", " + algorithm],
      ["Model (AAGUID)", model(s)],
      ["Server's key" + (maker === "named" ? ", which you named" : ", which you should compare"), await thumbprint(jwk)],
    ]),
    make("h3", "What was checked"),
    checks(passed, []),
  ];

  const [chosen, keys, typed] = ["#package", "#keys", "#thumbprint"].map((name) => document.querySelector(name));
  const verify = async () => {
    place.className = "";
    place.replaceChildren();
    if (chosen.files.length === 0) return;
    let passed = [];
    try {
      const verified = await verifyEvidence(await chosen.files[0].text());
      passed = verified.passed;
      const set = keys.files.length === 0 ? null : await keys.files[0].text();
      const maker = await makerOf(verified.jwk, typed.value, set);
      place.replaceChildren(...(await told(verified, maker)));
      place.className = maker === "named" ? "good" : "unknown";
    } catch (error) {
      place.replaceChildren(make("h2", "Not proven"), checks(error.passed ?? passed, [error.message]));
      place.className = "bad";
    }
  };
  for (const input of [chosen, keys, typed]) input.addEventListener("change", verify);
}
