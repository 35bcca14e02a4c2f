// Where a client hears from its provider: pings, pushes and logout tokens, over HTTPS on loopback.
import { createServer } from "node:https";
import { once } from "node:events";
import { readFileSync } from "node:fs";

export async function listen({ key, cert, port }) {
  const heard = [];
  const waiting = new Set();
  const server = createServer({ key: readFileSync(key), cert: readFileSync(cert) }, (request, response) => {
    let body = "";
    request.on("data", (part) => (body += part));
    request.on("end", () => {
      const { url, headers } = request;
      heard.push({ url, type: headers["content-type"], authorization: headers.authorization, body });
      response.writeHead(204).end();
      for (const look of waiting) look();
    });
  });
  server.listen(port, "127.0.0.1");
  await once(server, "listening");
  return {
    // The next message to that path.
    async next(path) {
      const taken = () => {
        const at = heard.findIndex(({ url }) => url === path);
        return at < 0 ? undefined : heard.splice(at, 1)[0];
      };
      return new Promise((resolve, reject) => {
        const timer = setTimeout(() => reject(new Error(`nothing came to ${path}`)), 20_000);
        const look = () => {
          const message = taken();
          if (!message) return;
          clearTimeout(timer);
          waiting.delete(look);
          resolve(message);
        };
        waiting.add(look);
        look();
      });
    },
    // What nobody has waited for.
    left: () => heard.map(({ url }) => url),
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
}
