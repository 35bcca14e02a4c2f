// Signing in by OpenID Connect: oidc-client-ts as a public client on another origin, consent, form_post.
import { createHash, randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import assert from "node:assert/strict";
import { Person, ask, client, load, origin, pages, play, redirect, scanned, secret } from "./stage.mjs";

const home = new URL(redirect).origin;
const library = load.resolve("oidc-client-ts").replace("umd/oidc-client-ts.js", "browser/oidc-client-ts.min.js");

pages.set("/oidc.js", (_, response) => {
  response.setHeader("content-type", "text/javascript");
  response.end(readFileSync(library));
});
pages.set("/app.js", (_, response) => {
  response.setHeader("content-type", "text/javascript");
  response.end(`
    const manager = new oidc.UserManager({
      authority: ${JSON.stringify(origin)}, client_id: "spa", redirect_uri: "${home}/spa",
      scope: "openid profile", loadUserInfo: true,
    });
    const tell = (told) => { document.getElementById("told").textContent = JSON.stringify(told); };
    for (const button of document.querySelectorAll("button")) {
      const extra = button.id === "silent" ? { prompt: "none" } : {};
      button.addEventListener("click", () => manager.signinRedirect(extra));
    }
    if (location.search) {
      manager.signinRedirectCallback().then(
        (user) => tell({ profile: user.profile, scope: user.scope, expires: user.expires_in }),
        (error) => tell({ error: error.error ?? error.message }),
      );
    }
  `);
});
pages.set("/spa", (_, response) => response.end(
  "<!doctype html><title>App</title><button id=in>Sign in</button><button id=silent>Again</button>"
  + "<pre id=told></pre><script src=/oidc.js></script><script src=/app.js></script>",
));

const posted = [];
pages.set("/post", (_, response, body) => {
  posted.push(Object.fromEntries(new URLSearchParams(body)));
  response.end("<!doctype html><title>Posted</title><p>posted");
});

// What the client's page says after it has come back.
async function told(person) {
  await person.page.waitForFunction(() => document.getElementById("told")?.textContent);
  return JSON.parse(await person.page.textContent("#told"));
}

async function begin(person, button = "in") {
  await person.page.goto(`${home}/spa`);
  await person.page.click(`#${button}`);
}

async function answers(person, decision) {
  await person.sees("What Example App may see");
  await person.page.click(`button[value=${decision}]`);
}

async function a_public_client_signs_a_user_in_and_again_without_a_question(browser) {
  const kim = await Person.registered(browser);
  await begin(kim);
  await kim.sees("Sign in to Example App");
  assert.match(await kim.page.textContent("main"), /Your answer goes to localhost:8446\./);
  await kim.approve();
  await answers(kim, "allow");
  const first = await told(kim);
  assert.equal(first.error, undefined, JSON.stringify(first));
  assert.equal(first.profile.iss, origin);
  assert.equal(first.profile.aud, "spa");
  assert.ok(first.expires > 0);
  await begin(kim, "silent");
  const second = await told(kim);
  assert.equal(second.profile?.sub, first.profile.sub, JSON.stringify(second));
  await kim.complainsNot();
}

async function a_user_says_no_to_the_application_or_to_signing_in(browser) {
  const kim = await Person.registered(browser);
  await begin(kim);
  await kim.approve();
  await answers(kim, "deny");
  assert.deepEqual(await told(kim), { error: "access_denied" });
  const eve = await Person.at(browser);
  await begin(eve);
  await eve.reject();
  assert.deepEqual(await told(eve), { error: "access_denied" });
  await begin(eve, "silent");
  assert.deepEqual(await told(eve), { error: "login_required" });
  for (const person of [kim, eve]) await person.complainsNot();
}

async function a_form_is_posted_to_an_application(browser) {
  const kim = await Person.registered(browser);
  const verifier = randomBytes(32).toString("base64url");
  const query = new URLSearchParams({
    client_id: client, redirect_uri: `${home}/post`, response_type: "code", response_mode: "form_post",
    scope: "openid", state: "\"><b>state", nonce: "n",
    code_challenge: createHash("sha256").update(verifier).digest("base64url"), code_challenge_method: "S256",
  });
  await kim.page.goto(`${origin}/authorize?${query}`);
  await kim.approve();
  await kim.sees("What Example Library may see");
  await kim.page.click("button[value=allow]");
  await kim.page.waitForURL(`${home}/post`);
  const [{ code, state, iss }] = posted;
  assert.deepEqual([state, iss], ["\"><b>state", origin]);
  const answer = await fetch(`${origin}/token`, {
    method: "POST",
    headers: { authorization: `Basic ${btoa(`${client}:${secret}`)}` },
    body: new URLSearchParams({
      grant_type: "authorization_code", code, redirect_uri: `${home}/post`, code_verifier: verifier,
    }),
  });
  const tokens = await answer.json();
  assert.equal(answer.status, 200, JSON.stringify(tokens));
  assert.equal(answer.headers.get("cache-control"), "no-store");
  assert.equal(JSON.parse(Buffer.from(tokens.id_token.split(".")[1], "base64url")).nonce, "n");
  await kim.complainsNot();
}

async function a_desktop_signs_in_by_a_phone_which_gets_no_session(browser) {
  const phone = await Person.registered(browser, { viewport: { width: 360, height: 740 } });
  const desktop = await Person.at(browser);
  await begin(desktop);
  await desktop.page.click("text=Use another device");
  await desktop.sees("Use your phone");
  await phone.page.goto(await scanned(desktop.page));
  await phone.page.fill("#number", await desktop.page.textContent("strong.number"));
  await phone.page.click("button[value=match]");
  await phone.sees("Sign in to Example App");
  await phone.approve();
  await phone.sees("Done");
  await answers(desktop, "allow");
  assert.equal((await told(desktop)).profile.aud, "spa");
  const names = async (person) => (await person.context.cookies(origin)).map((cookie) => cookie.name);
  assert.ok((await names(desktop)).includes("session"));
  assert.ok(!(await names(phone)).includes("session"));
  for (const person of [phone, desktop]) await person.complainsNot();
}

await play("oidc", [
  a_public_client_signs_a_user_in_and_again_without_a_question,
  a_user_says_no_to_the_application_or_to_signing_in, a_form_is_posted_to_an_application,
  a_desktop_signs_in_by_a_phone_which_gets_no_session,
]);
