// A browser as far as sign-ins need one: cookies, redirects, and forms that somebody fills in.
import assert from "node:assert/strict";

const MOST = 30;

export class Browser {
  #cookies = [];

  // Goes to an address and on to wherever it leads; `answer` says what to post on a page with forms.
  // Ends at `target`, which nobody serves, or at a page where `answer` says nothing: with its text.
  async visit(address, { target, answer }) {
    let request = { address: new URL(address) };
    for (let step = 0; step < MOST; step += 1) {
      if (target && request.address.href.startsWith(target)) return { address: request.address };
      const response = await this.#send(request);
      const to = response.headers.get("location");
      if (to) {
        assert.ok([302, 303].includes(response.status), `${response.status} with a Location`);
        request = { address: new URL(to, request.address) };
        continue;
      }
      const text = await response.text();
      const page = { address: request.address, status: response.status, text, forms: forms(text) };
      const next = await answer(page);
      if (!next) return page;
      const { action, fields } = next;
      request = { address: new URL(action || request.address, request.address), fields };
    }
    throw new Error(`no end to redirects from ${address}`);
  }

  async #send({ address, fields }) {
    const cookie = this.#cookies
      .filter((cookie) => address.pathname.startsWith(cookie.path))
      .map(({ name, value }) => `${name}=${value}`);
    const headers = { accept: "text/html", "accept-language": "en" };
    if (cookie.length) headers.cookie = cookie.join("; ");
    const init = { headers, redirect: "manual" };
    if (fields) {
      init.method = "POST";
      init.body = new URLSearchParams(fields);
      headers.origin = address.origin;
    }
    const response = await fetch(address, init);
    for (const line of response.headers.getSetCookie()) this.#keep(line, address);
    return response;
  }

  #keep(line, address) {
    const [pair, ...attributes] = line.split(/;\s*/);
    const at = pair.indexOf("=");
    const [name, value] = [pair.slice(0, at), pair.slice(at + 1)];
    const attribute = (wanted) => {
      const found = attributes.find((text) => text.toLowerCase().startsWith(`${wanted}=`));
      return found?.slice(wanted.length + 1);
    };
    const path = attribute("path") ?? address.pathname;
    this.#cookies = this.#cookies.filter((known) => known.name !== name || known.path !== path);
    const age = attribute("max-age");
    const expires = attribute("expires");
    const over = (age && Number(age) <= 0) || (expires && new Date(expires) <= new Date());
    if (!over) this.#cookies.push({ name, value, path });
  }
}

// The forms of a page: where they go, their fields as they stand, their buttons, all their attributes.
function forms(html) {
  return [...html.matchAll(/<form\b([^>]*)>(.*?)<\/form>/gs)].map(([, head, body]) => {
    const own = attributes(head);
    const tags = (name) => [...body.matchAll(new RegExp(`<${name}\\b([^>]*)>`, "g"))].map(([, tag]) => attributes(tag));
    const filled = tags("input").filter(({ name }) => name);
    const fields = Object.fromEntries(filled.map(({ name, value }) => [name, value ?? ""]));
    return { attributes: own, action: own.action, fields, buttons: tags("button") };
  });
}

function attributes(tag) {
  const found = tag.matchAll(/([\w-]+)(?:="([^"]*)")?/g);
  return Object.fromEntries([...found].map(([, name, value]) => [name, unescaped(value ?? "")]));
}

function unescaped(text) {
  const names = { amp: "&", lt: "<", gt: ">", quot: '"', apos: "'" };
  return text.replace(/&(?:#(\d+)|#x([\da-f]+)|(\w+));/gi, (whole, decimal, hex, name) => {
    if (name) return names[name] ?? whole;
    return String.fromCodePoint(decimal ? Number(decimal) : Number.parseInt(hex, 16));
  });
}
