// The same flows against npm oidc-provider: what passes there and fails with us is ours.
import { once } from "node:events";
import Provider from "oidc-provider";
import { Browser } from "./browser.mjs";
import { run } from "./flows.mjs";
import { listen } from "./listener.mjs";

const asked = JSON.parse(process.argv[2]);
const backchannel = new Map();
const provider = new Provider(asked.issuer, {
  clients: Object.values(asked.clients).map(({ key, ...metadata }) => ({
    ...metadata,
    ...(key && { token_endpoint_auth_signing_alg: "ES256" }),
    response_types: metadata.redirect_uris.length ? ["code"] : [],
    id_token_signed_response_alg: "RS256",
  })),
  cookies: { keys: ["a key of a test"] },
  scopes: ["openid", "offline_access"],
  findAccount: (_, id) => ({ accountId: id, claims: () => ({ sub: id }) }),
  issueRefreshToken: (_, client, code) => client.grantTypeAllowed("refresh_token") && code.scopes.has("offline_access"),
  rotateRefreshToken: true,
  pkce: { required: () => true },
  // it refuses loopback, where the client of this test listens
  fetch: (url, { dispatcher: _, ...options }) => fetch(url, options),
  features: {
    backchannelLogout: { enabled: true },
    ciba: {
      enabled: true,
      deliveryModes: ["poll", "ping"],
      processLoginHint: (_, hint) => hint,
      validateBindingMessage: () => {},
      validateRequestContext: () => {},
      verifyUserCode: () => {},
      triggerAuthenticationDevice: (_, request) => void backchannel.set(request.jti, request),
    },
    deviceFlow: { enabled: true },
    dPoP: { enabled: true },
    introspection: { enabled: true, allowedPolicy: (_, client, token) => token.clientId === client.clientId },
    pushedAuthorizationRequests: { enabled: true },
    revocation: { enabled: true },
    rpInitiatedLogout: { enabled: true },
  },
});
const server = provider.listen(Number(new URL(asked.issuer).port), "127.0.0.1");
await once(server, "listening");
const listener = await listen(asked.hears);

class Person {
  hint = "kim";
  subject = "kim";
  #browser = new Browser();

  elsewhere() {
    return new Person();
  }

  async authorize(address, target) {
    return (await this.#browser.visit(address, { target, answer: this.#answer("approve") })).address;
  }

  async decide(address, userCode, decision) {
    const page = await this.#browser.visit(address, { answer: this.#answer(decision, userCode) });
    if (!/Success|interrupted/.test(page.text)) throw new Error(page.text);
  }

  async acknowledge(_message, { auth_req_id: id }) {
    const request = backchannel.get(id);
    const grant = new provider.Grant({ accountId: request.accountId, clientId: request.clientId });
    grant.addOIDCScope("openid");
    await grant.save();
    await provider.backchannelResult(request, grant, { authTime: Math.floor(Date.now() / 1000) });
  }

  async leave(address, target) {
    return (await this.#browser.visit(address, { target, answer: this.#answer("approve") })).address;
  }

  // The pages of its development interactions.
  #answer(decision, userCode) {
    return ({ forms, text }) => {
      const [form] = forms;
      if (!form || /interrupted/.test(text)) return undefined;
      const { action, fields, attributes } = form;
      if (fields.prompt === "login") Object.assign(fields, { login: this.subject, password: "any" });
      if (attributes.id === "op.logoutForm") fields.logout = "yes";
      if (attributes.id === "op.deviceInputForm") fields.user_code = userCode;
      if (attributes.id === "op.deviceConfirmForm" && decision === "reject") {
        delete fields.confirm;
        fields.abort = "yes";
      }
      return { action, fields };
    };
  }
}

try {
  await run({ ...asked, listener, user: new Person() }, asked.only);
} finally {
  listener.close();
  server.close();
  server.closeAllConnections();
}
