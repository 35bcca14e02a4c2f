// What a standard client does with a provider, by openid-client; each flow says what it has to see.
import assert from "node:assert/strict";
import { createRemoteJWKSet, decodeProtectedHeader, importPKCS8, jwtVerify } from "jose";
import * as client from "openid-client";

const LOGOUT_EVENT = "http://schemas.openid.net/event/backchannel-logout";

// `setting`: issuer, clients (web, keyed, device), redirect, after (where a logout ends), and
// `user`: a person, who has a browser and says yes or no. `listener` hears what the provider sends.
export async function run(setting, only = []) {
  const configured = { ...setting, ...(await configure(setting)) };
  const wanted = (flow) => only.length === 0 || only.includes(flow.name);
  const attempt = async (flow, its) => {
    await flow(its).catch((error) => {
      error.message = `${flow.name}: ${error.message} ${JSON.stringify(error.cause?.body ?? error.cause ?? "")}`;
      throw error;
    });
    console.log(`ok ${flow.name}`);
  };
  for (const flow of IN_ORDER.filter(wanted)) await attempt(flow, configured);
  const apart = () => ({ ...configured, user: setting.user.elsewhere() });
  await Promise.all(AT_ONCE.filter(wanted).map((flow) => attempt(flow, apart())));
  assert.deepEqual(setting.listener.left(), [], "nobody is told anything twice");
  console.log(`openid: ${[...IN_ORDER, ...AT_ONCE].filter(wanted).length} flows`);
}

// In one browser, one after the other.
const IN_ORDER = [discovery, code, proof, rotation, reuse, introspection, revocation, silence, strangers, logout];
// Each in a browser of its own, because a poll waits for five seconds.
const AT_ONCE = [device, refusal, backchannel, ping];

async function configure({ issuer, clients }) {
  const insecure = { execute: [client.allowInsecureRequests] };
  const discover = (who, way) => client.discovery(new URL(issuer), who.client_id, undefined, way, insecure);
  const key = await importPKCS8(clients.keyed.key, "ES256");
  return {
    web: await discover(clients.web, client.ClientSecretBasic(clients.web.client_secret)),
    keyed: await discover(clients.keyed, client.PrivateKeyJwt({ key, kid: clients.keyed.jwks.keys[0].kid })),
    tv: await discover(clients.device, client.None()),
  };
}

async function discovery({ issuer, web }) {
  const known = web.serverMetadata();
  assert.equal(known.issuer, issuer);
  assert.deepEqual(known.code_challenge_methods_supported, ["S256"]);
  assert.equal(known.authorization_response_iss_parameter_supported, true);
  assert.ok(known.response_types_supported.includes("code"));
  for (const way of ["client_secret_basic", "private_key_jwt", "none"]) {
    assert.ok(known.token_endpoint_auth_methods_supported.includes(way), way);
  }
  for (const name of ["authorization", "token", "userinfo", "introspection", "revocation", "device_authorization",
    "pushed_authorization_request", "backchannel_authentication", "end_session"]) {
    const endpoint = known[`${name}_endpoint`];
    assert.ok(endpoint?.startsWith(issuer), `${name}: ${endpoint}`);
  }
  for (const way of ["poll", "ping"]) assert.ok(known.backchannel_token_delivery_modes_supported.includes(way), way);
  assert.ok(known.dpop_signing_alg_values_supported.includes("ES256"));
  assert.equal(known.backchannel_logout_supported, true);
  assert.equal(known.backchannel_logout_session_supported, true);
}

// Signs in and comes back with tokens: pushed, with PKCE, state and nonce.
async function signIn({ redirect, user }, config, { scope = "openid offline_access", DPoP, pushed = true, ...more } = {}) {
  const verifier = client.randomPKCECodeVerifier();
  const checks = {
    pkceCodeVerifier: verifier,
    expectedState: client.randomState(),
    expectedNonce: client.randomNonce(),
  };
  const parameters = {
    redirect_uri: redirect,
    scope,
    code_challenge: await client.calculatePKCECodeChallenge(verifier),
    code_challenge_method: "S256",
    state: checks.expectedState,
    nonce: checks.expectedNonce,
    prompt: "consent",
    ...more,
  };
  const build = pushed ? client.buildAuthorizationUrlWithPAR : client.buildAuthorizationUrl;
  const address = await build(config, parameters, { DPoP });
  const back = await user.authorize(address, redirect);
  const exchange = () => client.authorizationCodeGrant(config, back, { ...checks, idTokenExpected: true }, undefined, { DPoP });
  return { back, checks, exchange };
}

async function tokensOf(setting, config, more) {
  return (await signIn(setting, config, more)).exchange();
}

async function code(setting) {
  const { web, user } = setting;
  const { back, checks } = await signIn(setting, web);
  assert.equal(back.searchParams.get("iss"), setting.issuer);
  const guess = { ...checks, pkceCodeVerifier: client.randomPKCECodeVerifier() };
  await refused("invalid_grant", client.authorizationCodeGrant(web, back, guess));

  const { exchange: right } = await signIn(setting, web, { pushed: false, max_age: "600" });
  const tokens = await right();
  assert.equal(tokens.token_type, "bearer");
  assert.ok(tokens.expires_in > 0 && tokens.access_token && tokens.refresh_token);
  const claims = tokens.claims();
  assert.equal(claims.sub, user.subject ?? claims.sub);
  assert.ok(claims.auth_time <= claims.iat && claims.auth_time > claims.iat - 600);
  const info = await client.fetchUserInfo(web, tokens.access_token, claims.sub);
  assert.equal(info.sub, claims.sub);

  await refused("invalid_grant", right());
  await assert.rejects(client.fetchUserInfo(web, tokens.access_token, claims.sub), "a replayed code leaves no token alive");
}

async function proof(setting) {
  const { keyed } = setting;
  const pair = await client.randomDPoPKeyPair("ES256");
  const DPoP = client.getDPoPHandle(keyed, pair);
  const tokens = await tokensOf(setting, keyed, { DPoP });
  assert.equal(tokens.token_type, "dpop");
  const { sub } = tokens.claims();
  assert.equal((await client.fetchUserInfo(keyed, tokens.access_token, sub, { DPoP })).sub, sub);
  await assert.rejects(client.fetchUserInfo(keyed, tokens.access_token, sub), "a bound token is no bearer token");
  const other = client.getDPoPHandle(keyed, await client.randomDPoPKeyPair("ES256"));
  await assert.rejects(client.fetchUserInfo(keyed, tokens.access_token, sub, { DPoP: other }));
  const told = await client.tokenIntrospection(keyed, tokens.access_token);
  assert.equal(told.active, true);
  assert.equal(told.cnf.jkt, await DPoP.calculateThumbprint());
  const again = await client.refreshTokenGrant(keyed, tokens.refresh_token, undefined, { DPoP });
  assert.equal(again.token_type, "dpop");
  assert.equal((await client.fetchUserInfo(keyed, again.access_token, sub, { DPoP })).sub, sub);
}

async function rotation(setting) {
  const { web } = setting;
  const first = await tokensOf(setting, web);
  const second = await client.refreshTokenGrant(web, first.refresh_token);
  const third = await client.refreshTokenGrant(web, second.refresh_token, { scope: "openid" });
  assert.equal(new Set([first, second, third].map(({ refresh_token }) => refresh_token)).size, 3);
  assert.equal(second.claims().sub, first.claims().sub);
  assert.equal(second.claims().auth_time, first.claims().auth_time);
  assert.equal(third.scope, "openid");
  await refused("invalid_scope", client.refreshTokenGrant(web, third.refresh_token, { scope: "openid never_granted" }));
}

async function reuse(setting) {
  const { web } = setting;
  const first = await tokensOf(setting, web);
  const second = await client.refreshTokenGrant(web, first.refresh_token);
  await refused("invalid_grant", client.refreshTokenGrant(web, first.refresh_token));
  await refused("invalid_grant", client.refreshTokenGrant(web, second.refresh_token));
  assert.equal((await client.tokenIntrospection(web, second.access_token)).active, false);
}

async function introspection(setting) {
  const { web, clients, issuer } = setting;
  const tokens = await tokensOf(setting, web);
  const told = await client.tokenIntrospection(web, tokens.access_token);
  assert.equal(told.active, true);
  assert.equal(told.sub, tokens.claims().sub);
  assert.equal(told.client_id, clients.web.client_id);
  assert.equal(told.iss, issuer);
  assert.ok(told.exp > told.iat && told.scope.split(" ").includes("openid"));
  const refresh = await client.tokenIntrospection(web, tokens.refresh_token, { token_type_hint: "access_token" });
  assert.equal(refresh.active, true);
  assert.deepEqual(await client.tokenIntrospection(web, "no-token-of-anybody"), { active: false });
}

async function revocation(setting) {
  const { web } = setting;
  const first = await tokensOf(setting, web);
  await client.tokenRevocation(web, first.access_token);
  assert.equal((await client.tokenIntrospection(web, first.access_token)).active, false);
  const second = await tokensOf(setting, web);
  await client.tokenRevocation(web, second.refresh_token, { token_type_hint: "refresh_token" });
  await refused("invalid_grant", client.refreshTokenGrant(web, second.refresh_token));
  assert.equal((await client.tokenIntrospection(web, second.access_token)).active, false);
  await client.tokenRevocation(web, "no-token-of-anybody");
}

// Nothing is asked of somebody who has signed in and consented; of a stranger nothing may be.
async function silence(setting) {
  const { web, user } = setting;
  const before = await tokensOf(setting, web, { scope: "openid" });
  const tokens = await tokensOf(setting, web, { prompt: "none", scope: "openid" });
  assert.equal(tokens.claims().sub, before.claims().sub);
  const { exchange } = await signIn({ ...setting, user: user.elsewhere() }, web, { prompt: "none", scope: "openid" });
  await assert.rejects(exchange(), (error) => error.error === "login_required");
}

async function strangers({ web, issuer, clients }) {
  const wrong = await client.discovery(new URL(issuer), clients.web.client_id, undefined,
    client.ClientSecretBasic(`${clients.web.client_secret.slice(0, -2)}AA`), { execute: [client.allowInsecureRequests] });
  await refused("invalid_client", client.tokenIntrospection(wrong, "anything"));
  await refused("invalid_client", client.tokenRevocation(wrong, "anything"));
  await refused("invalid_client", client.refreshTokenGrant(wrong, "anything"));
  await refused(["unauthorized_client", "invalid_request"], client.initiateDeviceAuthorization(web, { scope: "openid" }));
}

async function device(setting) {
  const { tv, user } = setting;
  const DPoP = client.getDPoPHandle(tv, await client.randomDPoPKeyPair("ES256"));
  const started = await client.initiateDeviceAuthorization(tv, { scope: "openid" });
  assert.ok(started.verification_uri_complete.includes(started.user_code.replace("-", "%2D")) ||
    started.verification_uri_complete.includes(started.user_code));
  const asked = { DPoP, signal: AbortSignal.timeout(60_000) };
  const [tokens] = await Promise.all([
    client.pollDeviceAuthorizationGrant(tv, started, undefined, asked),
    user.decide(started.verification_uri, started.user_code, "approve"),
  ]);
  const { sub } = tokens.claims();
  assert.equal((await client.fetchUserInfo(tv, tokens.access_token, sub, { DPoP })).sub, sub);
  const again = client.pollDeviceAuthorizationGrant(tv, { ...started, interval: 1 }, undefined, asked);
  await refused("invalid_grant", again);
}

async function refusal({ tv, user }) {
  const started = await client.initiateDeviceAuthorization(tv, { scope: "openid" });
  await user.decide(started.verification_uri_complete, started.user_code, "reject");
  const polled = client.pollDeviceAuthorizationGrant(tv, started, undefined, { signal: AbortSignal.timeout(60_000) });
  await refused("access_denied", polled);
}

async function backchannel({ web, user, issuer }) {
  const begun = await client.initiateBackchannelAuthentication(web, {
    scope: "openid", login_hint: user.hint, binding_message: "W4SCT",
  });
  assert.ok(begun.auth_req_id.length >= 22 && begun.expires_in > 0);
  const polled = client.pollBackchannelAuthenticationGrant(web, begun, undefined, { signal: AbortSignal.timeout(60_000) });
  const [tokens] = await Promise.all([polled, user.acknowledge("W4SCT", begun)]);
  const claims = tokens.claims();
  assert.equal(claims.iss, issuer);
  assert.equal((await client.fetchUserInfo(web, tokens.access_token, claims.sub)).sub, claims.sub);
}

// Where there are two instances, one is asked and the user answers at the other; the client hears of it once.
async function ping({ keyed, user, listener, clients, issuer, neighbour }) {
  const token = client.randomState();
  if (neighbour) keyed[client.customFetch] = (url, options) => fetch(url.replace(issuer, neighbour), options);
  const begun = await client.initiateBackchannelAuthentication(keyed, {
    scope: "openid", login_hint: user.hint, binding_message: "PING", client_notification_token: token,
  });
  keyed[client.customFetch] = fetch;
  const path = new URL(clients.keyed.backchannel_client_notification_endpoint).pathname;
  const [heard] = await Promise.all([listener.next(path), user.acknowledge("PING", begun)]);
  assert.equal(heard.authorization, `Bearer ${token}`);
  assert.deepEqual(JSON.parse(heard.body), { auth_req_id: begun.auth_req_id });
  const tokens = await client.pollBackchannelAuthenticationGrant(keyed, begun, undefined,
    { signal: AbortSignal.timeout(60_000) });
  assert.ok(tokens.claims().sub);
}

async function logout(setting) {
  const { web, user, listener, clients, after, issuer } = setting;
  const tokens = await tokensOf(setting, web);
  const claims = tokens.claims();
  assert.ok(claims.sid, "the ID token names the session");
  const state = client.randomState();
  const address = client.buildEndSessionUrl(web, {
    id_token_hint: tokens.id_token, post_logout_redirect_uri: after, state,
  });
  const ended = await user.leave(address, after);
  assert.equal(ended.href, `${after}?state=${state}`);

  const heard = await listener.next(new URL(clients.web.backchannel_logout_uri).pathname);
  assert.match(heard.type, /^application\/x-www-form-urlencoded/);
  const token = new URLSearchParams(heard.body).get("logout_token");
  const keys = createRemoteJWKSet(new URL(web.serverMetadata().jwks_uri));
  const { payload } = await jwtVerify(token, keys, {
    issuer, audience: clients.web.client_id, typ: "logout+jwt", requiredClaims: ["iat", "exp", "jti", "sub", "sid"],
  });
  assert.notEqual(decodeProtectedHeader(token).alg, "none");
  assert.deepEqual(payload.events, { [LOGOUT_EVENT]: {} });
  assert.deepEqual([payload.sub, payload.sid, payload.nonce], [claims.sub, claims.sid, undefined]);

  const { exchange } = await signIn(setting, web, { prompt: "none", scope: "openid" });
  await assert.rejects(exchange(), (error) => error.error === "login_required");
}

// The attempt fails with one of these errors of the provider; it may come beside a challenge.
async function refused(errors, attempt) {
  const error = await attempt.then(() => assert.fail(`expected ${errors}`), (error) => error);
  const challenged = error.code === "OAUTH_WWW_AUTHENTICATE_CHALLENGE";
  const said = challenged ? (await error.response.json()).error : error.error ?? error.code;
  assert.ok([errors].flat().includes(said), `expected ${errors}, but: ${error.message} ${said}`);
}
