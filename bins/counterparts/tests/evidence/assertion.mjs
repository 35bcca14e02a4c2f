// Reads packages as a JSON array from standard input; says what @simplewebauthn/server finds of the passkey's
// signature in each. The challenge is computed here, from what docs/evidence.md says.
import { createHash } from "node:crypto";
import { createRequire } from "node:module";
import { readFileSync } from "node:fs";

const { verifyAuthenticationResponse } = createRequire(`${process.cwd()}/`)("@simplewebauthn/server");

const sha256 = (...parts) => parts.reduce((hash, part) => hash.update(part), createHash("sha256")).digest();

const octets = (text) => Buffer.from(text, "base64url");

function part(content) {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(content.length);
  return Buffer.concat([length, content]);
}

function challenge(said) {
  const user = said.requested_user === null ? [0] : [1, ...Buffer.from(said.requested_user)];
  const expiry = Buffer.alloc(8);
  expiry.writeBigUInt64BE(BigInt(said.expires_at));
  const parts = [
    said.rp_id, said.application, said.order, Buffer.from(user), said.nonce, expiry, said.media_type, said.text,
    said.data === null ? Buffer.alloc(0) : sha256(octets(said.data)),
  ];
  return sha256("passkey-idp/sign/v1", ...parts.map((content) => part(Buffer.from(content))));
}

async function verified(text) {
  const said = JSON.parse(octets(JSON.parse(text).jws.split(".")[1]));
  const { client_data_json, authenticator_data, signature, user_handle } = said.proof.assertion;
  const answer = {
    id: said.credential_id,
    rawId: said.credential_id,
    type: "public-key",
    clientExtensionResults: {},
    response: {
      clientDataJSON: client_data_json, authenticatorData: authenticator_data, signature, userHandle: user_handle,
    },
  };
  const credential = { id: said.credential_id, publicKey: new Uint8Array(octets(said.public_key)), counter: 0 };
  const result = await verifyAuthenticationResponse({
    response: answer,
    expectedChallenge: challenge(said).toString("base64url"),
    expectedOrigin: said.origins,
    expectedRPID: said.rp_id,
    credential,
    requireUserVerification: said.user_verification === "required",
  });
  return { verified: result.verified, uv: result.authenticationInfo.userVerified };
}

const said = [];
for (const text of JSON.parse(readFileSync(0, "utf8"))) {
  said.push(await verified(text).catch((error) => ({ error: error.message })));
}
console.log(JSON.stringify(said));
