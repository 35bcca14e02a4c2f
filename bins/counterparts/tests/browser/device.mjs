// What people meet beside orders: connecting a device, consent, signing out, and pages that say what is wrong.
import assert from "node:assert/strict";
import { Person, looked, origin, play, redirect } from "./stage.mjs";

const home = new URL(redirect).origin;

async function post(path, fields) {
  const answer = await fetch(`${origin}${path}`, { method: "POST", body: new URLSearchParams(fields) });
  return [answer.status, await answer.json()];
}

async function a_device_is_connected_by_its_code(browser) {
  const kim = await Person.registered(browser);
  const [, begun] = await post("/device_authorization", { client_id: "tv", scope: "openid" });
  await kim.page.goto(begun.verification_uri);
  await kim.sees("Connect a device");
  await looked(kim, "live-device");
  await kim.page.fill("#code", begun.user_code[0] === "B" ? "CCCC-CCCC" : "BBBB-BBBB");
  await kim.page.press("#code", "Enter");
  await kim.page.getByRole("alert").waitFor();
  assert.match(await kim.page.getByRole("alert").textContent(), /^No device waits with this code/);
  await looked(kim, "live-device-wrong");
  await kim.page.fill("#code", begun.user_code.toLowerCase().replace("-", " "));
  await kim.page.press("#code", "Enter");
  await kim.sees("Sign for Living Room TV");
  assert.match(await kim.page.textContent(".document"), new RegExp(begun.user_code));
  await looked(kim, "live-device-ask");
  await kim.approve();
  await kim.sees("Done");
  const grant = { client_id: "tv", grant_type: "urn:ietf:params:oauth:grant-type:device_code", device_code: begun.device_code };
  const [status, tokens] = await post("/token", grant);
  assert.equal(status, 200, JSON.stringify(tokens));
  await kim.complainsNot();
}

async function a_code_in_the_address_is_filled_in_and_sent_by_nobody_but_the_user(browser) {
  const kim = await Person.at(browser, { locale: "sv-SE" });
  const [, begun] = await post("/device_authorization", { client_id: "tv", scope: "openid" });
  await kim.page.goto(begun.verification_uri_complete);
  await kim.sees("Anslut en enhet");
  assert.equal(await kim.page.inputValue("#code"), begun.user_code);
  await looked(kim, "live-device-sv");
  await kim.complainsNot();
}

async function somebody_is_asked_for_consent_stays_and_signs_out(browser) {
  const kim = await Person.registered(browser);
  const asked = new URLSearchParams({
    response_type: "code", client_id: "spa", redirect_uri: `${home}/spa`, scope: "openid profile",
    code_challenge: "A".repeat(43), code_challenge_method: "S256",
  });
  await kim.page.goto(`${origin}/authorize?${asked}`);
  if (await kim.page.$("[data-ceremony]")) await kim.approve();
  await kim.sees("What Example App may see");
  await looked(kim, "live-consent");
  for (const [decision, told] of [["stay", "You are still signed in"], ["leave", "You are signed out"]]) {
    await kim.page.goto(`${origin}/logout`);
    await kim.sees("Sign out?");
    await looked(kim, "live-logout");
    await kim.page.click(`button[value=${decision}]`);
    await kim.sees(told);
    await looked(kim, `live-${decision}`);
  }
  await kim.complainsNot();
}

async function what_cannot_be_taken_is_told_on_a_page(browser) {
  const kim = await Person.at(browser);
  await kim.page.goto(`${origin}/authorize?client_id=spa&response_type=code&redirect_uri=https://evil.example/`);
  await kim.sees("This request cannot be taken");
  await looked(kim, "live-invalid");
  await kim.page.goto(`${origin}/nowhere`);
  await kim.sees("There is nothing here");
  await looked(kim, "live-nowhere");
  await kim.complainsNot();
}

await play("device", [
  a_device_is_connected_by_its_code, a_code_in_the_address_is_filled_in_and_sent_by_nobody_but_the_user,
  somebody_is_asked_for_consent_stays_and_signs_out, what_cannot_be_taken_is_told_on_a_page,
]);
