// demo-rp, a service on another origin: people sign in there, sign documents, and look at the evidence.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { Person, play, scanned } from "./stage.mjs";

const SERVICE = "http://127.0.0.1:8449/";

async function signs_in(person) {
  await person.page.goto(SERVICE);
  await person.page.click("a[href='/sign-in']");
  // whoever has just made a passkey is signed in at the provider, and only consents
  await person.page.waitForSelector("[data-ceremony], button[value=allow]");
  if (await person.page.$("[data-ceremony]")) await person.approve();
  await person.sees("What Demo service may see");
  await person.page.click("button[value=allow]");
  await person.sees("Hello, Kim");
}

async function asks_for(person, text, device) {
  await person.page.goto(`${SERVICE}documents`);
  await person.page.fill("#text", text);
  await person.page.setInputFiles("#file", { name: "terms.txt", mimeType: "text/plain", buffer: Buffer.from("the terms") });
  await person.page.click(`button[value=${device}]`);
}

async function somebody_signs_in_signs_and_verifies_in_the_browser(browser) {
  const kim = await Person.registered(browser);
  await signs_in(kim);
  await asks_for(kim, "I lend you my bicycle", "this");
  await kim.sees("Sign for Demo service");
  await kim.approve();
  await kim.sees("Signed, and proven");
  const [saved] = await Promise.all([kim.page.waitForEvent("download"), kim.page.click("a[href$='evidence.json']")]);
  const [keys] = await Promise.all([kim.page.waitForEvent("download"), kim.page.click("a[href$='keys.json']")]);
  await kim.page.click("a[href='/verify/']");
  // its script has to be there before a file is
  await kim.page.waitForURL("**/verify/");
  await kim.page.setInputFiles("#package", await saved.path());
  await kim.page.waitForSelector("#result.unknown");
  assert.equal(await kim.page.textContent("#result h2"), "Whole, maker unknown: a text");
  await kim.page.setInputFiles("#keys", await keys.path());
  await kim.page.waitForSelector("#result.good");
  assert.equal(await kim.page.textContent("#result h2"), "Proven: a text");
  assert.equal(await kim.page.textContent("#result pre"), "I lend you my bicycle");
  assert.equal(await kim.page.locator("#result .passed").count(), 9);
  const [terms] = await Promise.all([kim.page.waitForEvent("download"), kim.page.click("text=Save the data")]);
  assert.equal(readFileSync(await terms.path(), "utf8"), "the terms");
  const forged = readFileSync(await saved.path(), "utf8").replace("/v1", "/v2");
  await kim.page.setInputFiles("#package", { name: "forged.json", mimeType: "application/json", buffer: Buffer.from(forged) });
  await kim.page.waitForSelector("#result.bad");
  assert.equal(await kim.page.textContent("#result .failed"), "not a package of passkey-idp/evidence/v1");
  await kim.page.goto(SERVICE);
  await kim.page.click("text=Sign out");
  await kim.sees("Demo service");
  assert.deepEqual(await kim.context.cookies(SERVICE), []);
  await kim.complainsNot();
}

async function a_phone_signs_what_a_desktop_waits_for(browser) {
  const kim = await Person.registered(browser);
  await signs_in(kim);
  await asks_for(kim, "From afar", "other");
  await kim.sees("Sign on another device");
  const phone = await Person.at(browser, { viewport: { width: 360, height: 740 } });
  const authenticator = await phone.authenticator();
  for (const credential of await kim.credentials(kim.key)) await phone.carry(credential, authenticator);
  await phone.page.goto(await scanned(kim.page));
  await phone.sees("Sign for Demo service");
  await phone.approve();
  await phone.sees("You can close this page");
  await kim.sees("Signed, and proven");
  for (const person of [kim, phone]) await person.complainsNot();
}

async function whoever_says_no_is_told_so(browser) {
  const kim = await Person.registered(browser);
  await signs_in(kim);
  await asks_for(kim, "Give me all", "this");
  await kim.reject();
  await kim.sees("You said no");
  await kim.complainsNot();
}

await play("service", [
  somebody_signs_in_signs_and_verifies_in_the_browser, a_phone_signs_what_a_desktop_waits_for,
  whoever_says_no_is_told_so,
]);
