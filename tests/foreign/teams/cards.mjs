// Does Microsoft's schema of Adaptive Cards accept what Teams is sent? Every card in every golden file, by ajv.
//   node cards.mjs SCHEMA FOLDER…
import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import Ajv from "ajv";

const draft6 = createRequire(import.meta.url)("ajv/dist/refs/json-schema-draft-06.json");
const [schemaFile, ...folders] = process.argv.slice(2);
const schema = JSON.parse(readFileSync(schemaFile, "utf8"));
delete schema.id; // of a draft before 6

const ajv = new Ajv({ strict: false, allErrors: false, validateFormats: false });
ajv.addMetaSchema(draft6);
const accepts = ajv.compile(schema);

// What Teams has added to 1.5 (its width, its people picker): the schema, which is not Teams', knows neither.
function withoutAdditions(value) {
  if (Array.isArray(value)) return value.map(withoutAdditions);
  if (value === null || typeof value !== "object") return value;
  const kept = Object.entries(value).filter(([name]) => name !== "choices.data" && !(name === "msteams" && value.type === "AdaptiveCard"));
  return Object.fromEntries(kept.map(([name, child]) => [name, withoutAdditions(child)]));
}

function cardsIn(value) {
  if (value === null || typeof value !== "object") return [];
  if (value.contentType === "application/vnd.microsoft.card.adaptive") return [value.content];
  return Object.values(value).flatMap(cardsIn);
}

let cards = 0;
for (const folder of folders) {
  for (const name of readdirSync(folder).filter((file) => file.endsWith(".json"))) {
    for (const card of cardsIn(JSON.parse(readFileSync(join(folder, name), "utf8")))) {
      assert.ok(accepts(withoutAdditions(card)), `${name}: ${ajv.errorsText(accepts.errors)}`);
      // The judge itself notices what is wrong.
      const broken = withoutAdditions(card);
      broken.body.push({ type: "RichTextBlock" });
      assert.ok(!accepts(broken), `${name}: a broken card is accepted`);
      ++cards;
    }
  }
}
assert.ok(cards > 0, "no cards");
console.log(`${cards} cards are valid Adaptive Cards 1.5`);
