// Every request of a recorded run against Microsoft's description of the Connector: the path is one of its, the query and
// the body are as it says. Draft-04 schemas, checked by ajv. Prints a line for every request that does not fit.
//   node swagger.mjs ConnectorAPI.swagger.json RECORD.json

import fs from "node:fs";
import Ajv from "ajv-draft-04";
import addFormats from "ajv-formats";

const [descriptionFile, recordFile] = process.argv.slice(2);
const description = JSON.parse(fs.readFileSync(descriptionFile, "utf8"));
const record = JSON.parse(fs.readFileSync(recordFile, "utf8"));

// What Teams has beyond the description, with the page that says so.
const paths = structuredClone(description.paths);
const string = (name, where, required) => ({name, in: where, required, type: "string"});
// learn.microsoft.com/microsoftteams/platform/bots/how-to/get-teams-context
paths["/v3/conversations/{conversationId}/members/{memberId}"].get = {
  parameters: [string("conversationId", "path", true), string("memberId", "path", true)],
};
// learn.microsoft.com/microsoftteams/platform/agents-in-teams/targeted-messages
paths["/v3/conversations/{conversationId}/activities"].post.parameters.push(string("isTargetedActivity", "query", false));

const ajv = new Ajv({strict: false, allErrors: true});
addFormats(ajv);
ajv.addFormat("byte", true);
ajv.addSchema({id: "connector", definitions: description.definitions});
const validators = new Map();
const validator = (reference) => {
  if (!validators.has(reference)) validators.set(reference, ajv.compile({$ref: `connector${reference}`}));
  return validators.get(reference);
};
const patterns = Object.keys(paths).map((path) => ({
  path, matches: new RegExp(`^${path.replace(/\{[^}]+\}/g, "([^/]+)")}$`),
}));
// Names of the description that a body may hold; anything else is a slip of the pen or Teams' own.
const known = (reference) => Object.keys(description.definitions[reference.split("/").pop()].properties);

const counts = new Map();
let unfit = 0;
for (const [at, request] of record.entries()) {
  const complain = (why) => {
    ++unfit;
    console.log(`unfit ${at} ${request.method} ${request.path}: ${why}`);
  };
  const [path, query = ""] = `/${request.path}`.split("?");
  const fitting = patterns.find(({path: one, matches}) => matches.test(path) && paths[one][request.method.toLowerCase()]);
  if (!fitting) {
    complain("no such path");
    continue;
  }
  const operation = paths[fitting.path][request.method.toLowerCase()];
  const name = `${request.method} ${fitting.path}`;
  counts.set(name, (counts.get(name) ?? 0) + 1);
  for (const part of path.split("/")) {
    if (/[^A-Za-z0-9._~%-]/.test(part)) complain(`'${part}' is not percent-encoded`);
  }
  const allowed = operation.parameters.filter((one) => one.in === "query");
  for (const [key, value] of new URLSearchParams(query)) {
    const parameter = allowed.find((one) => one.name === key);
    if (!parameter) complain(`no such query parameter: ${key}`);
    else if (parameter.type === "integer" && !/^\d+$/.test(value)) complain(`${key} is no number`);
  }
  const body = operation.parameters.find((one) => one.in === "body");
  if (!body) {
    if (request.body !== null) complain("a body where there is none");
    continue;
  }
  if (request.body === null) {
    complain("no body");
    continue;
  }
  const check = validator(body.schema.$ref);
  if (!check(request.body)) complain(ajv.errorsText(check.errors));
  for (const member of Object.keys(request.body)) {
    if (!known(body.schema.$ref).includes(member)) complain(`'${member}' is not in the description`);
  }
  const activity = request.body.activity;
  for (const member of Object.keys(activity ?? {})) {
    if (!known("#/definitions/Activity").includes(member)) complain(`'activity.${member}' is not in the description`);
  }
}
for (const [name, count] of [...counts].sort()) console.log(`fits: ${count} × ${name}`);
process.exit(unfit === 0 && record.length > 0 ? 0 : 1);
