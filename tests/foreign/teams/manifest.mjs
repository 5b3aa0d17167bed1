// Judges an app package by Microsoft's schemas, as npm's @microsoft/app-manifest ships them (draft-04; its JavaScript is not
// used). Usage: node manifest.mjs PACKAGE.zip

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import Ajv from "ajv-draft-04";
import addFormats from "ajv-formats";

const schemas = new URL("../node_modules/@microsoft/app-manifest/build/json-schemas/teams/", import.meta.url);

function entry(name) {
  const read = "import sys, zipfile; sys.stdout.buffer.write(zipfile.ZipFile(sys.argv[1]).read(sys.argv[2]))";
  return execFileSync("python3", ["-c", read, process.argv[2], name]);
}
function check(version, manifest) {
  const schema = JSON.parse(readFileSync(new URL(`v${version}/MicrosoftTeams.schema.json`, schemas)));
  const ajv = new Ajv({strict: false, allErrors: true});
  addFormats(ajv);
  const valid = ajv.compile(schema);
  return valid(manifest) ? [] : valid.errors.map((e) => `${e.instancePath} ${e.message}`);
}
const copy = (value) => JSON.parse(JSON.stringify(value));

const manifest = JSON.parse(entry("manifest.json"));
assert.ok(manifest.$schema.endsWith(`/v${manifest.manifestVersion}/MicrosoftTeams.schema.json`));
assert.deepEqual(check(manifest.manifestVersion, manifest), []);
console.log(`holds: the manifest fits the schema of ${manifest.manifestVersion}`);

// Newer schemas may take it too: only the version differs.
let newer = 0;
for (let minor = Number(manifest.manifestVersion.split(".")[1]) + 1; existsSync(new URL(`v1.${minor}/`, schemas)); ++minor) {
  assert.deepEqual(check(`1.${minor}`, {...manifest, manifestVersion: `1.${minor}`}), [], `1.${minor}`);
  ++newer;
}
assert.ok(newer > 0);
console.log(`holds: and the ${newer} schemas since`);

// The judge does judge.
const spoiled = [
  (m) => { m.bots[0].botId = "vedette"; },
  (m) => { m.bots[0].scopes = ["channel"]; },
  (m) => { m.bots[0].commandLists.push(...copy(m.bots[0].commandLists)); },
  (m) => { m.description.short = "x".repeat(81); },
  (m) => { m.unknown = true; },
  (m) => { delete m.developer.privacyUrl; },
];
for (const spoil of spoiled) {
  const wrong = copy(manifest);
  spoil(wrong);
  assert.notDeepEqual(check(manifest.manifestVersion, wrong), [], spoil.toString());
}
console.log("holds: what is wrong is refused");

// Icons: PNG, 192 by 192 in colour and 32 by 32 white on nothing.
for (const [name, size, kind] of [[manifest.icons.color, 192, 2], [manifest.icons.outline, 32, 6]]) {
  const png = entry(name);
  assert.equal(png.subarray(1, 4).toString(), "PNG");
  assert.deepEqual([png.readUInt32BE(16), png.readUInt32BE(20), png[25]], [size, size, kind], name);
}
console.log("holds: the icons have the sizes Teams wants");
