// The flows against passkey-server, whose pages a person with a passkey answers.
import assert from "node:assert/strict";
import { Authenticator } from "./authenticator.mjs";
import { Browser } from "./browser.mjs";
import { run } from "./flows.mjs";
import { listen } from "./listener.mjs";

const asked = JSON.parse(process.argv[2]);
const listener = await listen(asked.hears);

class Person {
  #browser = new Browser();
  #passkey;

  constructor(passkey) {
    this.#passkey = passkey;
  }

  // Makes a passkey where an invitation leads.
  static async invited(address) {
    const passkey = new Authenticator();
    const person = new Person(passkey);
    const page = await person.#browser.visit(address, { answer: person.#answer("approve") });
    assert.ok(passkey.user, page.text);
    return person;
  }

  get subject() {
    return this.#passkey.user;
  }

  get hint() {
    return this.#passkey.user;
  }

  // The same person at another browser.
  elsewhere() {
    return new Person(this.#passkey);
  }

  async authorize(address, target) {
    return this.#arrive(address, target);
  }

  async leave(address, target) {
    return this.#arrive(address, target);
  }

  async decide(address, userCode, decision) {
    await this.#finish(address, this.#answer(decision, userCode));
  }

  async acknowledge(message, begun) {
    const shown = [];
    const look = this.#answer("approve");
    const answer = (page) => {
      shown.push(page.text);
      return look(page);
    };
    await this.#finish(begun.url, answer);
    assert.ok(shown.some((text) => text.includes(message)), "the message is shown to who signs it");
  }

  // One thing at a time: a passkey counts, and what it signed first must not come last.
  async #finish(address, answer) {
    const turn = this.#passkey.turn.then(() => this.#browser.visit(address, { answer }));
    this.#passkey.turn = turn.catch(() => {});
    const page = await turn;
    assert.equal(page.status, 200, page.text);
  }

  async #arrive(address, target) {
    const arrived = await this.#browser.visit(address, { target, answer: this.#answer("approve") });
    assert.ok(!arrived.text, arrived.text);
    return arrived.address;
  }

  // What to do with a page: use the passkey, press a button, type in the code of a device.
  #answer(decision, userCode) {
    return async ({ address, forms }) => {
      const [form] = forms;
      if (!form) return undefined;
      const { action, fields, buttons, attributes } = form;
      if (fields.user_code === "") fields.user_code = userCode;
      const wanted = buttons.find((button) => button.class === (decision === "approve" ? "yes" : "no"));
      // one that leads on, whatever is answered then
      const pressed = wanted ?? (buttons.length === 1 ? buttons[0] : undefined);
      if (pressed?.name) fields[pressed.name] = pressed.value;
      if (pressed && "data-ceremony" in pressed) {
        const options = JSON.parse(attributes["data-options"]);
        fields.response = JSON.stringify(await this.#passkey[attributes["data-passkey"]](options, address.origin));
      }
      return { action, fields };
    };
  }
}

try {
  await run({ ...asked, listener, user: await Person.invited(asked.invitation) }, asked.only);
} finally {
  listener.close();
}
