// One device: register, sign in, sign, and everything that people do instead.
import assert from "node:assert/strict";
import { Person, ask, brought, call, collected, play, redirect } from "./stage.mjs";

async function registers_signs_in_and_signs(browser) {
  const kim = await Person.registered(browser);
  const [passkey] = await kim.credentials(kim.key);
  assert.equal(passkey.rpId, "localhost");
  assert.equal(passkey.isResidentCredential, true);

  const order = await ask("sign", { redirect });
  await kim.page.goto(order.url);
  assert.equal(await kim.heading(), "Sign in to Example Library");
  await kim.approve();
  await kim.page.waitForURL(`${redirect}?**`);
  assert.deepEqual(brought, [{ challengeId: order.challengeId }]);
  const signedIn = await collected(order);
  assert.equal(signedIn.userVerified, true);

  const text = "I borrow <b>one</b> book\u202e";
  const paper = await ask("sign", { text, data: "AQID", redirect, userVerification: "required" });
  await kim.page.goto(paper.url);
  assert.match(await kim.page.textContent(".document"), /I borrow <b>one<\/b> bookU\+202E/);
  await kim.approve();
  await kim.page.waitForURL(`${redirect}?**`);
  const signed = await collected(paper);
  assert.equal(signed.userId, signedIn.userId);
  assert.deepEqual([signed.signatureData.text, signed.signatureData.data], [text, "AQID"]);
  assert.equal(signed.evidence.split(".").length, 3);
  assert.equal((await collected(paper)).status, "collected");
  await kim.complainsNot();
}

async function chooses_a_passkey_where_the_browser_fills_in(browser) {
  const kim = await Person.registered(browser, { fillsIn: true });
  const order = await ask("sign", { redirect });
  await kim.page.goto(order.url);
  await kim.page.waitForURL(`${redirect}?**`);
  assert.equal((await collected(order)).status, "signed");
  await kim.complainsNot();
}

async function rejects(browser) {
  const kim = await Person.at(browser);
  const order = await ask("sign", { text: "never", redirect });
  await kim.page.goto(order.url);
  await kim.reject();
  await kim.page.waitForURL(`${redirect}?**`);
  assert.deepEqual(brought, [{ challengeId: order.challengeId, error: "access_denied" }]);
  assert.equal((await collected(order)).status, "rejected");
  await kim.complainsNot();
}

async function comes_too_late(browser) {
  const kim = await Person.registered(browser);
  const order = await ask("sign", { text: "quickly", timeout: 2 });
  await kim.page.goto(order.url);
  await kim.page.getByText("The time is over.").waitFor();
  assert.equal(await kim.page.isDisabled("[data-ceremony]"), true);
  await kim.page.reload();
  await kim.sees("The time is over");
  assert.equal((await collected(order)).status, "expired");
  await kim.complainsNot();
}

// Whoever was not verified signs only what does not ask for that.
async function is_not_verified(browser) {
  const kim = await Person.registered(browser);
  await kim.cdp.send("WebAuthn.setUserVerified", { authenticatorId: kim.key, isUserVerified: false });
  const strict = await ask("sign", { text: "carefully", userVerification: "required" });
  await kim.page.goto(strict.url);
  await kim.approve();
  await kim.page.getByRole("alert").waitFor();
  assert.match(await kim.page.getByRole("alert").textContent(), /^No passkey was used/);
  assert.equal(await kim.page.isDisabled("[data-ceremony]"), false, "it may be tried again");
  await kim.cdp.send("WebAuthn.setUserVerified", { authenticatorId: kim.key, isUserVerified: true });
  await kim.approve();
  await kim.sees("Done");
  assert.equal((await collected(strict)).userVerified, true);
  await kim.complainsNot();
}

// The page asks for verification, and an authenticator does not do it, and says so.
async function lies_about_verification(browser) {
  const kim = await Person.registered(browser);
  const strict = await ask("sign", { text: "carefully", userVerification: "required" });
  await kim.page.goto(strict.url);
  await kim.cdp.send("WebAuthn.setResponseOverrideBits", { authenticatorId: kim.key, isBadUV: true });
  await kim.approve();
  await kim.sees("The passkey was not accepted");
  assert.equal((await collected(strict)).status, "viewed");
  await kim.complainsNot();
}

async function uses_a_clone(browser) {
  const kim = await Person.registered(browser);
  const [copy] = await kim.credentials(kim.key);
  for (const _use of [1, 2]) {
    const order = await ask("sign", { text: "once more" });
    await kim.page.goto(order.url);
    await kim.approve();
    await kim.sees("Done");
  }
  const thief = await Person.at(browser);
  await thief.carry(copy, await thief.authenticator());
  const order = await ask("sign", { text: "by a thief" });
  await thief.page.goto(order.url);
  await thief.approve();
  await thief.sees("The passkey was not accepted");
  assert.equal((await collected(order)).status, "viewed");
  await thief.complainsNot();
  await kim.complainsNot();
}

async function has_two_keys(browser) {
  const kim = await Person.registered(browser);
  const order = await ask("sign", { text: "who am I" });
  await kim.page.goto(order.url);
  await kim.approve();
  await kim.sees("Done");
  const { userId } = await collected(order);

  // the authenticator that has a passkey of this user is excluded
  const again = await ask("service/create/key", { userId });
  await kim.page.goto(again.url);
  await kim.approve();
  await kim.page.getByRole("alert").waitFor();
  assert.match(await kim.page.getByRole("alert").textContent(), /^This device has a passkey/);
  await kim.cdp.send("WebAuthn.removeVirtualAuthenticator", { authenticatorId: kim.key });
  const other = await kim.authenticator();
  await kim.page.fill("#name", "the blue one");
  await kim.page.press("#name", "Enter");
  await kim.sees("The passkey is ready");
  assert.equal((await kim.credentials(other)).length, 1);

  const mine = await ask("sign", { text: "with either", userId });
  await kim.page.goto(mine.url);
  const options = JSON.parse(await kim.page.getAttribute("[data-options]", "data-options"));
  assert.equal(options.allowCredentials.length, 2);
  await kim.approve();
  await kim.sees("Done");
  assert.equal((await collected(mine)).userId, userId);
  await kim.complainsNot();
}

// A passkey that was deleted is refused, and its device is told to forget it.
async function has_a_deleted_key(browser) {
  const kim = await Person.registered(browser);
  const first = await ask("sign", { text: "who am I" });
  await kim.page.goto(first.url);
  await kim.approve();
  await kim.sees("Done");
  const { userId, publicKey } = await collected(first);
  assert.ok(publicKey);
  await ask("service/delete/user", { userId });
  const order = await ask("sign", { text: "with nothing" });
  await kim.page.goto(order.url);
  await kim.approve();
  await kim.sees("The passkey was not accepted");
  await kim.page.waitForFunction(() => document.querySelector("[data-gone]"));
  for (let left = 1, looks = 0; left > 0 && looks < 500; looks += 1) {
    left = (await kim.credentials(kim.key)).length;
    assert.ok(looks < 499, "the device still has it");
  }
  await kim.complainsNot();
}

async function has_the_wrong_key(browser) {
  const kim = await Person.registered(browser);
  const eve = await Person.registered(browser);
  const first = await ask("sign", { text: "who am I" });
  await kim.page.goto(first.url);
  await kim.approve();
  await kim.sees("Done");
  const { userId } = await collected(first);
  const order = await ask("sign", { text: "for Kim alone", userId });
  await eve.page.goto(order.url);
  await eve.approve();
  await eve.page.getByRole("alert").waitFor();
  assert.equal((await collected(order)).status, "viewed");

  // a passkey that the server has never seen
  const stranger = await Person.at(browser);
  const [copy] = await eve.credentials(eve.key);
  const credentialId = Buffer.from("nobody's passkey").toString("base64");
  await stranger.carry({ ...copy, credentialId }, await stranger.authenticator());
  const open = await ask("sign", { text: "for anybody" });
  await stranger.page.goto(open.url);
  await stranger.approve();
  await stranger.sees("The passkey was not accepted");
  for (const person of [kim, eve, stranger]) await person.complainsNot();
}

async function goes_back_and_reloads(browser) {
  const kim = await Person.registered(browser);
  const order = await ask("sign", { text: "once", redirect });
  await kim.page.goto(order.url);
  await kim.page.reload();
  assert.equal(await kim.heading(), "Sign for Example Library");
  await kim.approve();
  await kim.page.waitForURL(`${redirect}?**`);
  await kim.page.goBack();
  // the page of what is signed leads on again, and asks nothing
  await kim.page.waitForURL(`${redirect}?**`);
  assert.equal(brought.length, 2);
  assert.deepEqual(brought[0], brought[1]);
  assert.equal((await collected(order)).status, "signed");
  assert.equal((await collected(order)).status, "collected");
  await kim.complainsNot();
}

async function clicks_twice(browser) {
  const kim = await Person.registered(browser);
  const order = await ask("sign", { text: "once" });
  await kim.page.goto(order.url);
  const posts = [];
  kim.page.on("request", (request) => request.method() === "POST" && posts.push(request.url()));
  await kim.page.dblclick("[data-ceremony]");
  await kim.sees("Done");
  assert.equal(posts.length, 1);
  const refused = await ask("sign", { text: "not even once" });
  await kim.page.goto(refused.url);
  await kim.page.dblclick("button[value=reject]");
  await kim.sees("You said no");
  assert.equal((await collected(refused)).status, "rejected");
  await kim.complainsNot();
}

async function comes_second(browser) {
  const kim = await Person.at(browser);
  const order = await ask("sign", { text: "for the first who looks" });
  await kim.page.goto(order.url);
  const second = await Person.at(browser);
  await second.page.goto(order.url);
  await second.sees("This request is open elsewhere");
  assert.doesNotMatch(await second.page.textContent("body"), /for the first/);
  for (const person of [kim, second]) await person.complainsNot();
}

async function has_no_script(browser) {
  const context = await browser.newContext({ javaScriptEnabled: false, locale: "sv-SE" });
  const page = await context.newPage();
  const order = await ask("sign", { text: "# Rubrik\n- **fet**", mediaType: "text/markdown" });
  await page.goto(order.url);
  assert.equal(await page.getAttribute("html", "lang"), "sv");
  assert.equal(await page.locator("noscript .notice").count(), 1);
  assert.equal(await page.locator(".document strong").textContent(), "fet");
  await page.click("button[value=reject]");
  await page.getByRole("heading", { level: 1, name: "Du sade nej" }).waitFor();
  assert.equal((await collected(order)).status, "rejected");
  await context.close();
}

async function works_by_keyboard(browser) {
  const kim = await Person.registered(browser);
  const order = await ask("sign", { text: "without a mouse" });
  await kim.page.goto(order.url);
  for (let pressed = 0; pressed < 12; pressed += 1) {
    await kim.page.keyboard.press("Tab");
    if (await kim.page.evaluate(() => "ceremony" in document.activeElement.dataset)) break;
  }
  await kim.page.keyboard.press("Enter");
  await kim.sees("Done");
  assert.equal((await call("collect", { challengeId: order.challengeId }))[0], 200);
  await kim.complainsNot();
}

await play("sign", [
  registers_signs_in_and_signs, chooses_a_passkey_where_the_browser_fills_in, rejects, comes_too_late, is_not_verified, lies_about_verification,
  uses_a_clone, has_two_keys, has_a_deleted_key,
  has_the_wrong_key, goes_back_and_reloads, clicks_twice, comes_second,
  has_no_script, works_by_keyboard,
]);
