// Reads packages as a JSON array from standard input; says what the page says of each. Arguments: the
// script of the page, and perhaps a thumbprint and a JWK set that somebody gave.
const { verifyEvidence, makerOf, pieces, numbered } = require(process.argv[1]);
const [thumbprint = "", keys = "null"] = process.argv.slice(2);
const { readFileSync } = require("node:fs");

const say = async (text) => {
  try {
    const { statement, jwk, userVerified, passed, algorithm } = await verifyEvidence(text);
    const shown = pieces(statement.text).map(({ text: part, hidden }) => (hidden ? numbered(part) : part)).join("");
    return { text: shown, user: statement.user, uv: userVerified, passed: passed.length, algorithm,
      maker: await makerOf(jwk, thumbprint, keys === "null" ? null : keys) };
  } catch (error) {
    return { error: error.message, passed: error.passed };
  }
};

(async () => {
  const said = [];
  for (const text of JSON.parse(readFileSync(0, "utf8"))) said.push(await say(text));
  console.log(JSON.stringify(said));
})();
