// A passkey in WebCrypto: P-256, user present and verified, no attestation (WebAuthn §6).
import { createHash, randomBytes, webcrypto } from "node:crypto";

const { subtle } = webcrypto;
const sha256 = (octets) => createHash("sha256").update(octets).digest();
const USER = 0x01 | 0x04; // present, verified
const ATTESTED = 0x40;

export class Authenticator {
  #id = randomBytes(16);
  #keys;
  #counter = 0;
  turn = Promise.resolve();

  // `navigator.credentials.create`, for options in JSON.
  async create(options, origin) {
    this.#keys = await subtle.generateKey({ name: "ECDSA", namedCurve: "P-256" }, true, ["sign"]);
    this.user = options.user.id;
    const { x, y } = await subtle.exportKey("jwk", this.#keys.publicKey);
    const key = cbor(new Map([[1, 2], [3, -7], [-1, 1], [-2, octets(x)], [-3, octets(y)]]));
    const length = Buffer.from([0, this.#id.length]);
    const attested = Buffer.concat([Buffer.alloc(16), length, this.#id, key]);
    const data = Buffer.concat([this.#data(options.rp.id, USER | ATTESTED), attested]);
    const object = cbor(new Map([["fmt", "none"], ["attStmt", new Map()], ["authData", data]]));
    return this.#credential({
      clientDataJSON: text(clientData("webauthn.create", options, origin)),
      attestationObject: text(object),
      transports: ["internal"],
    });
  }

  // `navigator.credentials.get`.
  async get(options, origin) {
    const client = clientData("webauthn.get", options, origin);
    const data = this.#data(options.rpId, USER);
    const signed = Buffer.concat([data, sha256(client)]);
    const raw = await subtle.sign({ name: "ECDSA", hash: "SHA-256" }, this.#keys.privateKey, signed);
    return this.#credential({
      clientDataJSON: text(client),
      authenticatorData: text(data),
      signature: text(der(Buffer.from(raw))),
      userHandle: this.user,
    });
  }

  #data(party, flags) {
    const counter = Buffer.alloc(4);
    counter.writeUInt32BE((this.#counter += 1));
    return Buffer.concat([sha256(party), Buffer.from([flags]), counter]);
  }

  #credential(response) {
    const id = text(this.#id);
    return { id, rawId: id, type: "public-key", clientExtensionResults: {}, response };
  }
}

const text = (octets) => Buffer.from(octets).toString("base64url");
const octets = (text) => Buffer.from(text, "base64url");

function clientData(type, { challenge }, origin) {
  return Buffer.from(JSON.stringify({ type, challenge, origin, crossOrigin: false }));
}

// Two numbers side by side become a DER sequence.
function der(raw) {
  const integer = (half) => {
    const first = half.findIndex((octet) => octet !== 0);
    const plain = half.subarray(first);
    const value = plain[0] & 0x80 ? Buffer.concat([Buffer.from([0]), plain]) : plain;
    return Buffer.concat([Buffer.from([2, value.length]), value]);
  };
  const both = Buffer.concat([integer(raw.subarray(0, 32)), integer(raw.subarray(32))]);
  return Buffer.concat([Buffer.from([0x30, both.length]), both]);
}

// As much of CBOR as that takes: small numbers, text, octets and maps in their order.
function cbor(value) {
  if (typeof value === "number") return value < 0 ? head(1, -1 - value) : head(0, value);
  if (typeof value === "string") return Buffer.concat([head(3, Buffer.byteLength(value)), Buffer.from(value)]);
  if (value instanceof Map) {
    const pairs = [...value].flatMap(([name, content]) => [cbor(name), cbor(content)]);
    return Buffer.concat([head(5, value.size), ...pairs]);
  }
  return Buffer.concat([head(2, value.length), value]);
}

function head(major, argument) {
  const kind = major << 5;
  if (argument < 24) return Buffer.from([kind | argument]);
  if (argument < 256) return Buffer.from([kind | 24, argument]);
  return Buffer.from([kind | 25, argument >> 8, argument & 0xff]);
}
