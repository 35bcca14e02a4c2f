// What every play needs: a Chromium, people with passkeys, and an application that asks them.
import { createRequire } from "node:module";
import { createServer } from "node:http";
import { once } from "node:events";
import assert from "node:assert/strict";

export const load = createRequire(`${process.cwd()}/`);
const { chromium } = load("playwright-core");
const jsQR = load("jsqr");
export const { origin, client, secret, redirect, pictures } = JSON.parse(process.argv[2]);

// Where the application's users come back to: the queries that they bring.
export const brought = [];

// Other pages of the application, by their paths: functions of request, response and body.
export const pages = new Map();

const party = createServer(async (request, response) => {
  const { pathname, searchParams } = new URL(request.url, redirect);
  let body = "";
  for await (const part of request) body += part;
  response.setHeader("content-type", "text/html");
  response.setHeader("cache-control", "no-store");
  const page = pages.get(pathname);
  if (page) return page(request, response, body);
  if (pathname === new URL(redirect).pathname) brought.push(Object.fromEntries(searchParams));
  return response.end("<!doctype html><title>Back</title><p>back");
});

const ARGS = ["--no-sandbox", "--disable-quic", "--no-first-run", "--disable-background-networking",
  "--disable-component-update", "--disable-sync"];

// Plays the acts one after another, each in a browser context of its own.
export async function play(name, acts) {
  party.listen(Number(new URL(redirect).port), "127.0.0.1");
  await once(party, "listening");
  const browser = await chromium.launch({ executablePath: "/usr/bin/chromium", args: ARGS });
  try {
    for (const act of acts) {
      const begun = Date.now();
      brought.length = 0;
      await act(browser);
      console.log(`${name}: ${act.name} ${Date.now() - begun} ms`);
    }
    console.log(`${name}: ok`);
  } finally {
    await browser.close();
    party.close();
    party.closeAllConnections();
  }
}

const INTERNAL = {
  protocol: "ctap2", ctap2Version: "ctap2_1", transport: "internal", hasResidentKey: true,
  hasUserVerification: true, isUserVerified: true, automaticPresenceSimulation: true,
};

// A person with a browser of their own, and perhaps a passkey in it.
export class Person {
  static async at(browser, { fillsIn = false, ...options } = {}) {
    const context = await browser.newContext({ locale: "en-GB", viewport: { width: 800, height: 900 }, ...options });
    context.setDefaultTimeout(10000);
    // a virtual authenticator chooses a passkey at once where the browser would fill one in
    if (!fillsIn) await context.addInitScript(() => {
      PublicKeyCredential.isConditionalMediationAvailable = async () => false;
    });
    const person = new Person();
    person.context = context;
    person.page = await context.newPage();
    person.complaints = [];
    person.page.on("pageerror", (error) => person.complaints.push(error.message));
    person.page.on("console", (message) => {
      if (/Content.Security.Policy/i.test(message.text())) person.complaints.push(message.text());
    });
    person.cdp = await context.newCDPSession(person.page);
    await person.cdp.send("WebAuthn.enable");
    return person;
  }

  async authenticator(options = {}) {
    const answer = await this.cdp.send("WebAuthn.addVirtualAuthenticator", { options: { ...INTERNAL, ...options } });
    return answer.authenticatorId;
  }

  async credentials(authenticatorId) {
    return (await this.cdp.send("WebAuthn.getCredentials", { authenticatorId })).credentials;
  }

  async carry(credential, authenticatorId) {
    await this.cdp.send("WebAuthn.addCredential", { authenticatorId, credential });
  }

  approve() {
    return this.page.click("[data-ceremony]");
  }

  reject() {
    return this.page.click("button[value=reject]");
  }

  heading() {
    return this.page.textContent("h1");
  }

  async sees(text) {
    const heading = this.page.getByRole("heading", { level: 1, name: text });
    await heading.waitFor().catch(async () => assert.equal(await this.page.textContent("h1"), text));
  }

  async complainsNot() {
    assert.deepEqual(this.complaints, []);
    await this.context.close();
  }

  // Makes a passkey at the address of an invitation.
  static async registered(browser, options) {
    const person = await Person.at(browser, options);
    person.key = await person.authenticator();
    const invited = await ask("service/create/user", { suggestedName: "Kim" });
    await person.page.goto(invited.url);
    await person.approve();
    await person.sees("The passkey is ready");
    return person;
  }
}

const axe = load("axe-core").source;

// A page fits narrow and wide, in light and dark colours, and axe-core finds nothing; pictures on request.
export async function looked({ page }, name) {
  const before = page.viewportSize();
  for (const width of [360, 1280]) {
    await page.setViewportSize({ width, height: 740 });
    for (const colorScheme of ["light", "dark"]) {
      await page.emulateMedia({ colorScheme });
      const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
      assert.ok(wide <= 0, `${name} at ${width}: ${wide} pixels too wide`);
      await page.evaluate(axe);
      const { violations } = await page.evaluate(() => axe.run({ resultTypes: ["violations"] }));
      const found = violations.flatMap(({ id, nodes }) => nodes.map((node) => `${id}: ${node.html}`));
      assert.deepEqual(found, [], `${name} at ${width}, ${colorScheme}`);
      if (pictures) await page.screenshot({ path: `${pictures}/${name}-${colorScheme}-${width}.png`, fullPage: true });
    }
  }
  await page.emulateMedia({ colorScheme: null });
  await page.setViewportSize(before);
}

// Pixels on each side of what a camera sees.
const SIDE = 330;

// What a phone reads that scans the code on that page.
export async function scanned(page) {
  const dots = await page.evaluate(async (side) => {
    const image = document.querySelector("[data-image]");
    // the page may be changing to the next code just now: a camera looks again
    for (let looks = 1; ; looks += 1) {
      try {
        await image.decode();
        break;
      } catch (error) {
        if (looks === 5) throw error;
      }
    }
    const canvas = new OffscreenCanvas(side, side).getContext("2d");
    canvas.drawImage(image, 0, 0, side, side);
    const { data } = canvas.getImageData(0, 0, side, side);
    let dots = "";
    for (let at = 0; at < data.length; at += 4) dots += data[at] < 128 ? "#" : " ";
    return dots;
  }, SIDE);
  const pixels = Uint8ClampedArray.from([...dots].flatMap((dot) => (dot === "#" ? [0, 0, 0, 255] : [255, 255, 255, 255])));
  const code = jsQR(pixels, SIDE, SIDE);
  assert.ok(code, "the code can be read");
  return code.data;
}

const authorization = `Basic ${Buffer.from(`${client}:${secret}`).toString("base64")}`;

// What the application's server says to ours: status and body.
export async function call(path, body) {
  const answer = await fetch(`${origin}/api/v1/${path}`, {
    method: "POST",
    headers: { authorization, "content-type": "application/json" },
    body: JSON.stringify(body),
  });
  return [answer.status, await answer.json()];
}

export async function ask(path, body) {
  const [status, answer] = await call(path, body);
  assert.equal(status, 200, JSON.stringify(answer));
  return answer;
}

export const collected = async (order) => (await call("collect", { challengeId: order.challengeId }))[1];
