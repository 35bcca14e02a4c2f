// npm's oidc-provider with its own store in memory, and refresh tokens that it has given already;
// `signed` makes its access tokens JWTs.
import { once } from "node:events";
import { generateKeyPairSync } from "node:crypto";
import Provider from "oidc-provider";

const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
const client = { client_id: "bench", client_secret: "a secret of a benchmark" };
const account = "kim";
const scope = "openid offline_access";
const resource = process.argv[2] === "signed" ? "https://rp.example/api" : undefined;
const signed = {
  scope,
  audience: resource,
  accessTokenFormat: "jwt",
  jwt: { sign: { alg: "ES256" } },
};
const provider = new Provider("http://localhost:8445", {
  clients: [
    {
      ...client,
      redirect_uris: ["https://rp.example/cb"],
      grant_types: ["authorization_code", "refresh_token"],
      response_types: ["code"],
      id_token_signed_response_alg: "ES256",
    },
  ],
  cookies: { keys: ["a key of a benchmark"] },
  jwks: { keys: [{ ...privateKey.export({ format: "jwk" }), alg: "ES256", use: "sig" }] },
  findAccount: (_, id) => ({ accountId: id, claims: () => ({ sub: id }) }),
  rotateRefreshToken: true,
  features: {
    resourceIndicators: {
      enabled: resource !== undefined,
      defaultResource: () => resource,
      useGrantedResource: () => true,
      getResourceServerInfo: () => signed,
    },
  },
  scopes: scope.split(" "),
});
const server = provider.listen(0, "127.0.0.1");
await once(server, "listening");
const known = await provider.Client.find(client.client_id);
const tokens = [];
for (let count = 0; count < 16; count += 1) {
  const grant = new provider.Grant({ accountId: account, clientId: client.client_id });
  grant.addOIDCScope(scope);
  if (resource) grant.addResourceScope(resource, scope);
  const grantId = await grant.save();
  const token = new provider.RefreshToken({
    accountId: account,
    authTime: Math.floor(Date.now() / 1000),
    client: known,
    expiresWithSession: false,
    grantId,
    resource,
    gty: "authorization_code",
    scope,
  });
  tokens.push(await token.save());
}
const pair = [client.client_id, client.client_secret].map(encodeURIComponent).join(":");
console.log(
  JSON.stringify({
    address: `127.0.0.1:${server.address().port}`,
    basic: `Basic ${Buffer.from(pair).toString("base64")}`,
    tokens,
  }),
);
