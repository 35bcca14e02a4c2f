// Every page in every language: it fits, and axe-core finds nothing; pictures on request.
import { createServer } from "node:http";
import { once } from "node:events";
import { readFileSync, readdirSync } from "node:fs";
import assert from "node:assert/strict";
import { load, pictures, play } from "./stage.mjs";

const [folder, colorScheme] = process.argv.slice(3);
const axe = load("axe-core").source;
const TYPES = { html: "text/html; charset=utf-8", css: "text/css", js: "text/javascript", svg: "image/svg+xml" };

const gallery = createServer((request, response) => {
  const { pathname } = new URL(request.url, "http://gallery");
  try {
    const content = readFileSync(`${folder}${pathname}`);
    response.setHeader("content-type", TYPES[pathname.split(".").pop()] ?? "text/plain");
    response.end(content);
  } catch {
    response.writeHead(404).end();
  }
});

const names = readdirSync(folder).filter((name) => name.endsWith(".html"));
assert.ok(names.length >= 56, names.join(" "));

// Longer words matter where there is little room.
const isShown = (name, width) => name.endsWith(".en.html") || (width === 360 && colorScheme === "light");

async function every_page_fits_and_can_be_used_by_everyone(browser) {
  gallery.listen(0, "127.0.0.1");
  await once(gallery, "listening");
  const base = `http://127.0.0.1:${gallery.address().port}`;
  for (const width of [360, 1280]) {
    const context = await browser.newContext({ colorScheme, viewport: { width, height: 740 } });
    const page = await context.newPage();
    let name;
    // a page that posts itself would be gone at once
    await page.route("**/passkey.js", (route) => (name.startsWith("handover") ? route.abort() : route.continue()));
    for (name of names.filter((name) => isShown(name, width))) {
      await page.goto(`${base}/${name}`);
      const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
      assert.ok(wide <= 0, `${name} at ${width}: ${wide} pixels too wide`);
      if (width === 360) {
        await page.evaluate(axe);
        const { violations } = await page.evaluate(() => axe.run({ resultTypes: ["violations"] }));
        const found = violations.flatMap(({ id, nodes }) => nodes.map((node) => `${id}: ${node.html}`));
        assert.deepEqual(found, [], `${name}, ${colorScheme}`);
      }
      if (pictures) {
        const path = `${pictures}/${name.replace(".html", "")}-${colorScheme}-${width}.png`;
        await page.screenshot({ path, fullPage: true });
      }
    }
    await context.close();
  }
  gallery.close();
  gallery.closeAllConnections();
}

await play("looks", [every_page_fits_and_can_be_used_by_everyone]);
