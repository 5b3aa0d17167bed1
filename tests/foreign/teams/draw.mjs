// Draws the cards that Teams is sent with Microsoft's own `adaptivecards`, on the width of a phone and of a desktop, in
// Chromium. A card must be read without a complaint, draw without an error, show all its text and nothing but text.
//   node draw.mjs --cards FOLDER [--artefacts FOLDER] [--pictures NAME,…]
import assert from "node:assert/strict";
import { mkdirSync, readFileSync, readdirSync } from "node:fs";
import { createRequire } from "node:module";
import { basename, join } from "node:path";
import { parseArgs } from "node:util";
import { launch } from "../../../web/e2e/page.mjs";

const { values: options } = parseArgs({
  options: { cards: { type: "string", multiple: true }, artefacts: { type: "string" }, pictures: { type: "string" } },
});
const library = createRequire(new URL("../../../web/package.json", import.meta.url)).resolve("adaptivecards/dist/adaptivecards.js");
const widths = { phone: 340, desktop: 700 };
const pictures = new Set((options.pictures ?? "").split(","));

function cardsIn(value, name, found = []) {
  if (value === null || typeof value !== "object") return found;
  if (value.contentType === "application/vnd.microsoft.card.adaptive") found.push({ name, card: value.content });
  else for (const [key, child] of Object.entries(value)) cardsIn(child, Array.isArray(value) ? name : `${name}/${key}`, found);
  return found;
}

// Much as Teams' clients look: light, six actions in a row, what is too long for a line broken.
const frame = `<!doctype html><meta charset="utf-8"><style>
  body { margin: 12px; font: 14px/20px "Segoe UI", "Noto Sans", "DejaVu Sans", sans-serif; background: #f5f5f5; color: #242424; }
  #card { background: #fff; border: 1px solid #d1d1d1; border-radius: 4px; overflow-wrap: anywhere; }
  .ac-pushButton, .ac-pushButton * { white-space: normal !important; overflow-wrap: anywhere; max-width: 100%; }
  .ac-pushButton { font: inherit; padding: 5px 12px; border: 1px solid #d1d1d1; border-radius: 4px; background: #fff; }
  .ac-pushButton.style-positive { background: #5b5fc7; color: #fff; }
  .ac-pushButton.style-destructive { background: #fff; color: #c4314b; border-color: #c4314b; }
  .ac-actionSet { flex-wrap: wrap; gap: 4px 0; }
  input, select, textarea { font: inherit; width: 100%; box-sizing: border-box; padding: 4px; }
</style><div id="card"></div>`;

const host = {
  fontFamily: "inherit",
  supportsInteractivity: true,
  actions: { maxActions: 6, actionsOrientation: "horizontal", actionAlignment: "left", buttonSpacing: 8 },
  containerStyles: {
    default: { backgroundColor: "#ffffff", foregroundColors: colours() },
    emphasis: { backgroundColor: "#f5f5f5", foregroundColors: colours() },
    good: { backgroundColor: "#e7f2da", foregroundColors: colours() },
    warning: { backgroundColor: "#fbf6d9", foregroundColors: colours() },
    attention: { backgroundColor: "#fcf4f6", foregroundColors: colours() },
  },
};
function colours() {
  const colour = (value, subtle) => ({ default: value, subtle });
  return {
    default: colour("#242424", "#616161"),
    accent: colour("#5b5fc7", "#7479c9"),
    good: colour("#237b4b", "#428000"),
    warning: colour("#835c00", "#835c00"),
    attention: colour("#c4314b", "#c4314b"),
  };
}

// Runs in the page.
function draw({ card, host }) {
  const place = document.getElementById("card");
  place.textContent = "";
  const problems = [];
  const adaptive = new AdaptiveCards.AdaptiveCard();
  adaptive.hostConfig = new AdaptiveCards.HostConfig(host);
  const context = new AdaptiveCards.SerializationContext();
  adaptive.parse(structuredClone(card), context);
  for (let at = 0; at < context.eventCount; ++at) {
    const { message } = context.getEventAt(at);
    // The library keeps the state of its pattern for languages, and so refuses every second card's "en".
    if (!message.includes('for property "lang"')) problems.push(`not understood: ${message}`);
  }
  for (const event of adaptive.validateProperties().validationEvents) {
    // Teams' people picker has its choices elsewhere, as its documentation shows it.
    const picker = event.message.includes("at least one choice") && JSON.stringify(card).includes('"choices.data"');
    if (!picker) problems.push(`not valid: ${event.message}`);
  }
  const drawn = adaptive.render();
  if (!drawn) return [...problems, "not drawn at all"];
  place.appendChild(drawn);
  window.drawn = adaptive;

  const texts = (value, shown, into) => {
    if (value === null || typeof value !== "object") return into;
    if (Array.isArray(value)) value.forEach((child) => texts(child, shown, into));
    else {
      const visible = shown && value.isVisible !== false;
      if (value.type === "TextRun") into.push({ text: value.text, visible });
      if (/^Action\./.test(value.type) && value.title) into.push({ text: value.title, visible });
      if (value.label) into.push({ text: value.label, visible });
      for (const [name, child] of Object.entries(value)) if (name !== "fallback" && name !== "refresh" && name !== "data") texts(child, visible, into);
    }
    return into;
  };
  const squeezed = (text) => text.replace(/\s+/g, "");
  const all = texts({ body: card.body, actions: card.actions }, true, []);
  const seen = squeezed(place.innerText);
  for (const { text, visible } of all) if (visible && !seen.includes(squeezed(text))) problems.push(`not to be seen: ${text.slice(0, 80)}`);
  for (const { id } of card.body.filter((one) => one.isVisible === false)) {
    const folded = adaptive.getElementById(id)?.renderedElement;
    if (!folded || folded.checkVisibility()) problems.push(`to be seen before it is asked for: ${id}`);
  }
  if (place.querySelector("a, img, script, iframe, object, video, style")) problems.push("more than text, buttons and fields");
  const edge = place.getBoundingClientRect().right + 1;
  const wide = [...place.querySelectorAll("*")].filter((one) => one.getBoundingClientRect().right > edge && !one.querySelector("*"));
  for (const one of wide) problems.push(`wider than its place: ${one.className} ${one.innerText.slice(0, 80)}`);
  return problems;
}

// Opens what is folded, by pressing as a person would; then the rest of the text has to be there.
function unfold({ card }) {
  const place = document.getElementById("card");
  const hidden = [];
  const walk = (value, folded) => {
    if (value === null || typeof value !== "object") return;
    if (Array.isArray(value)) return value.forEach((child) => walk(child, folded));
    if (value.type === "TextRun" && folded) hidden.push(value.text);
    for (const [name, child] of Object.entries(value)) if (name !== "fallback") walk(child, folded || value.isVisible === false);
  };
  walk(card.body, false);
  // A button of another kind with the same words is pressed too; it does nothing here.
  const squeezed = (text) => text.replace(/\s+/g, "");
  const toggles = window.drawn.getAllActions().filter((one) => one.getJsonTypeName() === "Action.ToggleVisibility");
  const titles = new Set(toggles.map((one) => squeezed(one.title)));
  const shown = [...place.querySelectorAll("button")].filter((one) => one.checkVisibility() && titles.has(squeezed(one.innerText)));
  for (const button of shown) button.click();
  const seen = squeezed(place.innerText);
  return hidden.filter((text) => !seen.includes(squeezed(text))).map((text) => `still folded: ${text.slice(0, 80)}`);
}

const browser = await launch();
let count = 0;
try {
  for (const [device, width] of Object.entries(widths)) {
    const page = await browser.newPage({ viewport: { width, height: 900 }, deviceScaleFactor: 2 });
    const problems = [];
    page.on("pageerror", (error) => problems.push(`error: ${error.message}`));
    page.on("console", (message) => ["error", "warning"].includes(message.type()) && problems.push(`${message.type()}: ${message.text()}`));
    page.on("request", (request) => problems.push(`a request to ${request.url()}`));
    page.on("dialog", (dialog) => (problems.push(`a dialog: ${dialog.message()}`), dialog.dismiss()));
    await page.setContent(frame);
    await page.addScriptTag({ content: readFileSync(library, "utf8") });
    for (const folder of options.cards) {
      for (const file of readdirSync(folder).filter((name) => name.endsWith(".json")).sort()) {
        const cards = cardsIn(JSON.parse(readFileSync(join(folder, file), "utf8")), basename(file, ".json"));
        for (const { name, card } of cards) {
          problems.push(...(await page.evaluate(draw, { card, host })));
          const picture = options.artefacts && [...pictures].some((wanted) => wanted && name.startsWith(wanted));
          const path = (more) => join(options.artefacts, `teams-${name.replace(/[^\w-]+/g, "_")}-${device}${more}.png`);
          if (picture) mkdirSync(options.artefacts, { recursive: true }), await page.screenshot({ path: path(""), fullPage: true });
          problems.push(...(await page.evaluate(unfold, { card })));
          if (picture) await page.screenshot({ path: path("-open"), fullPage: true });
          assert.deepEqual(problems.splice(0), [], `${name} on ${device}`);
          ++count;
        }
      }
    }
    await page.close();
  }
} finally {
  await browser.close();
}
assert.ok(count > 0, "no cards");
console.log(`${count} drawings show all their text`);
