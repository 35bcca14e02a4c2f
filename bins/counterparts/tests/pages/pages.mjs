// The pages of endorse-server in Chromium: they fit, a token is verified, a login goes through.
import { createRequire } from "node:module";
import { createServer } from "node:http";
import { once } from "node:events";
import assert from "node:assert/strict";

const { chromium } = createRequire(`${process.cwd()}/`)("playwright-core");
const { origin, redirect, home, pictures } = JSON.parse(process.argv[2]);

// Whoever sent the browser to log in.
const carried = [];
const party = createServer((request, response) => {
  let body = "";
  request.on("data", (part) => (body += part));
  request.on("end", () => {
    if (request.method === "POST") carried.push(new URLSearchParams(body).get("soracom_endorse_token"));
    response.end("logged in");
  });
}).listen(Number(new URL(redirect).port), "127.0.0.1");
await once(party, "listening");

const browser = await chromium.launch({
  executablePath: "/usr/bin/chromium",
  args: ["--no-sandbox", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync"],
});
const login = `${origin}/?redirect_url=${encodeURIComponent(redirect)}&state=xyz`;
try {
  for (const colorScheme of ["light", "dark"]) {
    for (const width of [360, 1280]) {
      const context = await browser.newContext({ colorScheme, viewport: { width, height: 800 } });
      context.setDefaultTimeout(15000);
      const page = await context.newPage();
      const complaints = [];
      page.on("console", (message) => message.type() === "error" && complaints.push(message.text()));
      page.on("pageerror", (error) => complaints.push(error.message));
      const look = async (name) => {
        const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
        assert.ok(wide <= 0, `${name} at ${width}: ${wide} pixels too wide`);
        if (pictures) await page.screenshot({ path: `${pictures}/${name}-${colorScheme}-${width}.png`, fullPage: true });
      };
      const verdict = async (text) => {
        await page.fill("#token", text);
        await page.waitForFunction(() => document.getElementById("verdict").textContent !== "");
        return page.textContent("#verdict");
      };

      await page.goto(origin);
      await look("empty");
      assert.match(await verdict(home[0]), /^Signed by this server, good for \d+ more seconds\.$/);
      assert.match(await page.textContent("#claims"), /"endorse": \{/);
      await look("good");
      const [head, body, signature] = home[0].split(".");
      const flipped = (signature[0] === "A" ? "B" : "A") + signature.slice(1);
      await page.fill("#token", "");
      const forged = await verdict(`${head}.${body}.${flipped}`);
      assert.equal(forged, "Not a token of this server: the signature is wrong.");
      await look("forged");

      await page.goto(login);
      await page.fill("#token", "a.b.c");
      await page.click("button");
      await page.waitForSelector("[role=alert]");
      await look("login");
      assert.deepEqual(complaints, []);
      await context.close();
    }
  }

  const page = await browser.newPage();
  page.setDefaultTimeout(15000);
  await page.goto(login);
  await page.fill("#token", home[1]);
  await page.click("button");
  await page.waitForURL(redirect);
  assert.equal(await page.textContent("body"), "logged in");
  assert.equal(carried.length, 1);
  const claims = JSON.parse(Buffer.from(carried[0].split(".")[1], "base64url"));
  assert.equal(claims["soracom-endorse-claim"].requestParameters.state, "xyz");
  console.log("pages: ok");
} finally {
  await browser.close();
  party.close();
}
