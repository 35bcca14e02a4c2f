// Reads packages as a JSON array from standard input; says what the page says of each.
const { verifyEvidence, pieces, numbered } = require(process.argv[1]);
const { readFileSync } = require("node:fs");

const say = async (text) => {
  try {
    const { statement, userVerified, passed, algorithm } = await verifyEvidence(text);
    const shown = pieces(statement.text).map(({ text: part, hidden }) => (hidden ? numbered(part) : part)).join("");
    return { text: shown, user: statement.user, uv: userVerified, passed: passed.length, algorithm };
  } catch (error) {
    return { error: error.message, passed: error.passed };
  }
};

(async () => {
  const said = [];
  for (const text of JSON.parse(readFileSync(0, "utf8"))) said.push(await say(text));
  console.log(JSON.stringify(said));
})();
