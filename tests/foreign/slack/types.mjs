// Every golden message and view of Slack, type-checked by @slack/types: kinds of blocks, their members and values. (Lengths
// and counts are no types: the validator of the tests checks those.)
//   node types.mjs FOLDER_OF_GOLDEN_FILES

import assert from "node:assert/strict";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import ts from "typescript";

const golden = process.argv[2];
const here = path.dirname(fileURLToPath(import.meta.url));
const types = path.join(here, "../node_modules/@slack/types");

// [name, kind, value] of everything that Slack would be sent.
function pieces(name, value) {
  if (Array.isArray(value)) return [[name, "KnownBlock[]", value]];
  if (value.type === "modal") return [[name, "ModalView", value]];
  if (value.type === "home") return [[name, "HomeView", value]];
  if (Array.isArray(value.blocks)) return [[name, "Message", value]];
  return Object.entries(value).flatMap(([slot, each]) => pieces(`${name} ${slot}`, each));
}

function golden_pieces() {
  const files = fs.readdirSync(golden, {recursive: true}).map(String).sort();
  const slacks = files.filter((file) => file.endsWith(".json") && (file.endsWith(".slack.json") || file.startsWith("slack/")));
  return slacks.flatMap((file) => pieces(file, JSON.parse(fs.readFileSync(path.join(golden, file), "utf8"))));
}

// The complaints of the compiler about these values.
function complaints(values) {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), "slack-types-"));
  try {
    const file = path.join(folder, "messages.ts");
    const lines = [
      'import type { HomeView, KnownBlock as OlderBlock, ModalView, PlainTextElement, RawTextElement, SectionBlock } from "@slack/types";',
      // As @slack/types has them from version 3.2 on, as far as they are used here.
      "interface RawNumber { type: 'raw_number'; value: number; text: string }",
      "interface DataTable { type: 'data_table'; caption: string; page_size?: number; rows: (RawTextElement | RawNumber)[][] }",
      "interface Container { type: 'container'; title: PlainTextElement; is_collapsible?: boolean; default_collapsed?: boolean; child_blocks: SectionBlock[] }",
      "type KnownBlock = OlderBlock | DataTable | Container;",
      "interface Message { text: string; blocks: KnownBlock[] }",
      // The package lets a view hold blocks of any kind; ours hold known ones.
      "type Known<V> = Omit<V, 'blocks'> & { blocks: KnownBlock[] };",
    ];
    values.forEach(([name, kind, value], at) => {
      const known = kind.endsWith("View") ? `Known<${kind}>` : kind;
      lines.push(`// ${name}`, `export const piece_${at}: ${known} = ${JSON.stringify(value)};`);
    });
    fs.writeFileSync(file, lines.join("\n"));
    const program = ts.createProgram([file], {
      strict: true, noEmit: true, skipLibCheck: true, types: [], target: ts.ScriptTarget.ES2022,
      module: ts.ModuleKind.CommonJS, moduleResolution: ts.ModuleResolutionKind.Node10,
      baseUrl: folder, paths: {"@slack/types": [types]},
    });
    return ts.getPreEmitDiagnostics(program).map((problem) => {
      const text = ts.flattenDiagnosticMessageText(problem.messageText, "\n  ");
      const line = problem.file && problem.start !== undefined
        ? problem.file.getLineAndCharacterOfPosition(problem.start).line : -1;
      return `${line > 0 ? lines[line - 1] : ""}: ${text}`;
    });
  } finally {
    fs.rmSync(folder, {recursive: true});
  }
}

// A check that finds nothing proves nothing: these are wrong.
const wrong = [
  ["an unknown kind", "KnownBlock[]", [{type: "headline", text: {type: "plain_text", text: "x"}}]],
  ["markup in a heading", "KnownBlock[]", [{type: "header", text: {type: "mrkdwn", text: "x"}}]],
  ["a member there is not", "KnownBlock[]", [{type: "divider", colour: "red"}]],
  ["a button without words", "KnownBlock[]", [{type: "actions", elements: [{type: "button", action_id: "a"}]}]],
  ["a style there is not", "Message",
    {text: "x", blocks: [{type: "rich_text", elements: [{type: "rich_text_list", style: "dots", elements: []}]}]}],
  ["a view without its title", "ModalView", {type: "modal", blocks: []}],
];
for (const each of wrong) assert(complaints([each]).length > 0, `${each[0]} was not noticed`);
console.log(`holds: ${wrong.length} wrong pieces are noticed`);

const all = golden_pieces();
assert(all.length >= 20, `only ${all.length} golden pieces were found`);
const problems = complaints(all);
assert.equal(problems.length, 0, problems.join("\n"));
console.log(`holds: ${all.length} messages and views have the types of Slack`);
