// Two devices: a desktop that shows a code and a number, and a phone that scans and types.
import assert from "node:assert/strict";
import { Person, ask, brought, collected, origin, play, redirect, scanned } from "./stage.mjs";

const PHONE = { viewport: { width: 360, height: 740 }, hasTouch: true, isMobile: true };

async function waiting(browser, order) {
  const desktop = await Person.at(browser);
  await desktop.page.goto(order.url);
  await desktop.page.click("text=Use another device");
  await desktop.sees("Use your phone");
  return desktop;
}

const number = (desktop) => desktop.page.textContent("strong.number");

async function a_phone_signs_what_the_desktop_began(browser) {
  const phone = await Person.registered(browser, PHONE);
  const order = await ask("sign", { text: "from afar", redirect });
  const desktop = await waiting(browser, order);
  const code = await scanned(desktop.page);
  assert.ok(code.startsWith(`${origin}/q/`), code);
  await phone.page.goto(code);
  await phone.sees("Which number do you see?");
  assert.doesNotMatch(await phone.page.textContent("body"), /from afar/);
  await phone.page.fill("#number", await number(desktop));
  await phone.page.press("#number", "Enter");
  await phone.sees("Sign for Example Library");
  await desktop.page.getByText("Opened on the other device. Go on there.").waitFor();
  assert.equal(await desktop.page.isVisible("[data-image]"), false);
  await phone.approve();
  await phone.sees("Done");
  await desktop.page.waitForURL(`${redirect}?**`);
  assert.deepEqual(brought, [{ challengeId: order.challengeId }]);
  assert.equal((await collected(order)).status, "signed");
  for (const person of [phone, desktop]) await person.complainsNot();
}

async function the_code_changes_each_second_and_an_old_one_is_refused(browser) {
  const desktop = await waiting(browser, await ask("sign", { text: "soon over" }));
  const old = await scanned(desktop.page);
  const codes = new Set([old]);
  const number_ = await number(desktop);
  // seven frames later the first is older than five seconds
  while (codes.size < 7) {
    await desktop.page.waitForResponse((answer) => answer.url().includes("qr.svg"));
    codes.add(await scanned(desktop.page));
  }
  assert.equal(await number(desktop), number_);
  const phone = await Person.at(browser, PHONE);
  await phone.page.goto(old);
  await phone.sees("This code is over");
  await phone.page.goto(await scanned(desktop.page));
  await phone.sees("Which number do you see?");
  for (const person of [phone, desktop]) await person.complainsNot();
}

async function a_wrong_number_is_told_and_the_third_ends_it(browser) {
  const order = await ask("sign", { text: "never seen", redirect });
  const desktop = await waiting(browser, order);
  const phone = await Person.at(browser, PHONE);
  await phone.page.goto(await scanned(desktop.page));
  const wrong = String((Number(await number(desktop)) + 1) % 100).padStart(2, "0");
  for (const _guess of [1, 2]) {
    await phone.page.fill("#number", wrong);
    await phone.page.click("button[value=match]");
    await phone.page.getByRole("alert").waitFor();
    assert.match(await phone.page.getByRole("alert").textContent(), /^That is another number/);
  }
  await phone.page.fill("#number", wrong);
  await phone.page.click("button[value=match]");
  await phone.sees("That was the wrong number too often");
  await desktop.page.waitForURL(`${redirect}?**`);
  assert.deepEqual(brought, [{ challengeId: order.challengeId, error: "access_denied" }]);
  for (const person of [phone, desktop]) await person.complainsNot();
}

async function a_phone_makes_the_passkey_that_a_desktop_was_invited_to(browser) {
  const phone = await Person.at(browser, PHONE);
  const key = await phone.authenticator();
  const desktop = await waiting(browser, await ask("service/create/user", { suggestedName: "Kim", redirect }));
  await phone.page.goto(await scanned(desktop.page));
  await phone.page.fill("#number", await number(desktop));
  await phone.page.click("button[value=match]");
  await phone.sees("Make a passkey for Example Library");
  await phone.approve();
  await phone.sees("The passkey is ready");
  assert.equal((await phone.credentials(key)).length, 1);
  await desktop.page.waitForURL(`${redirect}?**`);
  assert.equal(brought[0].action, "created");
  for (const person of [phone, desktop]) await person.complainsNot();
}

async function the_phone_rejects_and_the_desktop_hears_of_it(browser) {
  const phone = await Person.at(browser, PHONE);
  const order = await ask("sign", { text: "no" });
  const desktop = await waiting(browser, order);
  await phone.page.goto(await scanned(desktop.page));
  await phone.page.click("button[value=reject]");
  await phone.sees("You said no");
  await desktop.sees("You said no");
  assert.equal((await collected(order)).status, "rejected");
  for (const person of [phone, desktop]) await person.complainsNot();
}

async function the_desktop_goes_on_by_itself_after_all(browser) {
  const desktop = await Person.registered(browser);
  const order = await ask("sign", { text: "here" });
  await desktop.page.goto(order.url);
  await desktop.page.click("text=Use another device");
  await desktop.page.click("text=Use this device");
  await desktop.approve();
  await desktop.sees("Done");
  assert.equal((await collected(order)).status, "signed");

  const given_up = await ask("sign", { text: "nowhere" });
  await desktop.page.goto(given_up.url);
  await desktop.page.click("text=Use another device");
  await desktop.page.click("text=Cancel");
  await desktop.sees("You said no");
  assert.equal((await collected(given_up)).status, "rejected");
  await desktop.complainsNot();
}

async function what_only_a_code_opens_is_shown_by_the_page_that_the_answer_names(browser) {
  const phone = await Person.registered(browser, PHONE);
  const order = await ask("sign", { text: "on show", entrance: "code", redirect });
  const address = `${origin}/o/${order.challengeId}`;
  const stranger = await Person.at(browser);
  await stranger.page.goto(address);
  await stranger.sees("This request opens with a code");
  const desktop = await Person.at(browser);
  await desktop.page.goto(order.url);
  await desktop.sees("Use your phone");
  await stranger.page.goto(order.url);
  await stranger.sees("This request is open elsewhere");
  await phone.page.goto(await scanned(desktop.page));
  await phone.page.fill("#number", await number(desktop));
  await phone.page.click("button[value=match]");
  await phone.sees("Sign for Example Library");
  await phone.approve();
  await phone.sees("Done");
  await desktop.page.waitForURL(`${redirect}?**`);
  assert.equal((await collected(order)).status, "signed");
  for (const person of [phone, desktop, stranger]) await person.complainsNot();
}

async function a_desktop_without_script_waits_too(browser) {
  const phone = await Person.registered(browser, PHONE);
  const order = await ask("sign", { text: "plainly", redirect });
  const context = await browser.newContext({ javaScriptEnabled: false, locale: "en-GB" });
  const page = await context.newPage();
  await page.goto(order.url);
  await page.click("text=Use another device");
  const image = await context.request.get(new URL(await page.getAttribute("img", "src"), origin).href);
  assert.equal(image.headers()["content-type"], "image/svg+xml");
  // another page of the same browser, with script, draws what is on it
  const drawing = await (await browser.newContext()).newPage();
  const svg = Buffer.from(await image.body()).toString("base64");
  await drawing.setContent(`<img data-image src="data:image/svg+xml;base64,${svg}">`);
  await phone.page.goto(await scanned(drawing));
  await phone.page.fill("#number", await page.textContent("strong.number"));
  await phone.page.click("button[value=match]");
  await phone.sees("Sign for Example Library");
  await phone.approve();
  await phone.sees("Done");
  // the page reloads by itself
  await page.waitForURL(`${redirect}?**`);
  assert.equal((await collected(order)).status, "signed");
  await context.close();
  await phone.complainsNot();
}

await play("handover", [
  a_phone_signs_what_the_desktop_began, the_code_changes_each_second_and_an_old_one_is_refused,
  a_wrong_number_is_told_and_the_third_ends_it,
  a_phone_makes_the_passkey_that_a_desktop_was_invited_to, the_phone_rejects_and_the_desktop_hears_of_it,
  the_desktop_goes_on_by_itself_after_all, what_only_a_code_opens_is_shown_by_the_page_that_the_answer_names,
  a_desktop_without_script_waits_too,
]);
