// Reads packages as a JSON array from standard input; says what the page says of each.
const { verifyEvidence } = require(process.argv[1]);
const { readFileSync } = require("node:fs");

const say = async (text) => {
  try {
    const { statement, userVerified } = await verifyEvidence(text);
    return { text: statement.text, user: statement.user, uv: userVerified };
  } catch (error) {
    return { error: error.message };
  }
};

(async () => {
  const said = [];
  for (const text of JSON.parse(readFileSync(0, "utf8"))) said.push(await say(text));
  console.log(JSON.stringify(said));
})();
