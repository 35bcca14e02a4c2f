// The example of passkey-idp: a login in somebody's own app.
import assert from "node:assert/strict";
import { Person, play } from "./stage.mjs";

const APP = "http://localhost:3000/";

// The app says nothing when it is ready.
async function listening(address) {
  for (let looks = 1; ; looks += 1) {
    try {
      return await fetch(address);
    } catch (error) {
      if (looks === 300) throw error;
      await new Promise((again) => setTimeout(again, 100));
    }
  }
}

async function a_passkey_is_made_and_signs_in(browser) {
  const kim = await Person.at(browser);
  await kim.authenticator();
  await listening(APP);
  await kim.page.goto(APP);
  const greeted = async (button) => {
    await kim.page.click(`button[value=${button}]`);
    await kim.page.waitForFunction(() => document.querySelector("p").textContent);
    const greeting = await kim.page.textContent("p");
    await kim.page.evaluate(() => { document.querySelector("p").textContent = ""; });
    return greeting;
  };
  const made = await greeted("register");
  assert.match(made, /^hello, [\w-]{22}$/);
  assert.equal(await greeted("login"), made);
  await kim.complainsNot();
}

await play("embed", [a_passkey_is_made_and_signs_in]);
