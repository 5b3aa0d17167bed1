// Draws Adaptive Cards with the `adaptivecards` library and makes them feel at home: colours from the page's own variables,
// evidence marks that lead to the evidence, buttons that run commands.
//
// The library treats text as Markdown only when a processor is registered. None is, so text stays text.
/* global AdaptiveCards */
import { el, uniqueId } from "./dom.js";
import { icon } from "./icons.js";

const colour = (name, subtle = name) => ({
  default: `var(--card-${name})`,
  subtle: `var(--card-${subtle})`,
  highlightColors: { default: "var(--accent-soft)", subtle: "var(--accent-soft)" },
});

const foreground = {
  default: colour("text", "muted"),
  dark: colour("text", "muted"),
  light: colour("muted"),
  accent: colour("accent"),
  good: colour("good"),
  warning: colour("warning"),
  attention: colour("danger"),
};

const container = (background, border) => ({ backgroundColor: background, borderColor: border, foregroundColors: foreground });

const look = {
  supportsInteractivity: true,
  fontFamily: "inherit",
  fontTypes: {
    default: {
      fontFamily: "inherit",
      fontSizes: { small: 13, default: 15, medium: 16, large: 18, extraLarge: 21 },
      fontWeights: { lighter: 400, default: 400, bolder: 650 },
    },
    monospace: {
      fontFamily: "var(--mono)",
      fontSizes: { small: 12, default: 13, medium: 14, large: 15, extraLarge: 16 },
      fontWeights: { lighter: 400, default: 400, bolder: 650 },
    },
  },
  spacing: { small: 4, default: 8, medium: 10, large: 14, extraLarge: 18, padding: 14 },
  separator: { lineThickness: 1, lineColor: "var(--line)" },
  containerStyles: {
    default: container("transparent", "var(--line)"),
    emphasis: container("var(--sunken)", "var(--line)"),
    accent: container("var(--accent-soft)", "var(--line)"),
    good: container("var(--good-soft)", "var(--line)"),
    warning: container("var(--warning-soft)", "var(--line)"),
    attention: container("var(--danger-soft)", "var(--line)"),
  },
  actions: {
    maxActions: 20,
    spacing: "default",
    buttonSpacing: 8,
    showCard: { actionMode: "inline", inlineTopMargin: 8 },
    actionsOrientation: "horizontal",
    actionAlignment: "left",
  },
  adaptiveCard: { allowCustomStyle: false },
  factSet: {
    title: { color: "default", isSubtle: true, size: "default", weight: "default", wrap: true, maxWidth: 150 },
    value: { color: "default", isSubtle: false, size: "default", weight: "default", wrap: true },
    spacing: 14,
  },
};

let hostConfig;

// The signs that cards use are drawn here: not every system has an emoji font. The words beside them say the same; where they do
// not, the third part does.
const signs = {
  "🔴": ["dot", "danger"],
  "🟠": ["dot", "warning"],
  "🟡": ["dot", "warning"],
  "🟢": ["dot", "good"],
  "🔵": ["dot", "accent"],
  "⚪": ["dot", "muted"],
  "⚫": ["dot", "muted"],
  "✅": ["checked", "good"],
  "✓": ["check", "good", "Done: "],
  "☑": ["checked", "muted"],
  "❌": ["failed", "danger"],
  "❓": ["help", "warning"],
  "🚫": ["ban", "muted"],
  "✋": ["hand", "warning"],
  "⏳": ["clock", "accent"],
  "⌛": ["clock", "muted"],
  "🕒": ["clock", "muted"],
  "⚠": ["warning", "warning"],
  "🔎": ["search", "accent"],
  "🔔": ["bell", "warning"],
  "🧾": ["receipt", "muted"],
  "💡": ["bulb", "accent"],
  "↩": ["undo", "muted"],
  "📌": ["pin", "muted"],
  "👤": ["person", "muted"],
  "💬": ["thread", "muted"],
  "⚡": ["bolt", "accent"],
  "📝": ["note", "muted"],
  "💤": ["clock", "muted"],
  "⏰": ["clock", "accent"],
  "👍": ["thumb_up", "good", "Found good by "],
  "👎": ["thumb_down", "danger", "Found bad by "],
};
const pattern = new RegExp(`\\[E(\\d{1,4})\\]|(${Object.keys(signs).join("|")})\\ufe0f?`, "gu");

function sign(character) {
  const [shape, tone, words] = signs[character];
  const drawing = shape === "dot" ? el("span", { class: "dot" }) : icon(shape, 17);
  drawing.setAttribute("aria-hidden", "true");
  drawing.classList.add(`tone-${tone}`, "sign");
  return words ? [el("span", { class: "visually-hidden" }, words), drawing] : [drawing];
}

function evidenceLink(caseId, number) {
  return el("a", { class: "evidence-mark", href: `#/case/${caseId}/E${number}`, "aria-label": `Evidence E${number}` }, `E${number}`);
}

// Verbatim text (records, queries) stays exactly what it is.
const verbatim = (node) => node.parentElement.style.fontFamily.includes("--mono");

function decorateText(root, caseId) {
  const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
  const found = [];
  while (walker.nextNode()) {
    pattern.lastIndex = 0;
    if (pattern.test(walker.currentNode.data) && !verbatim(walker.currentNode)) found.push(walker.currentNode);
  }
  for (const node of found) node.replaceWith(...partsOf(node.data, node.parentElement.closest("button") ? "" : caseId));
}

// Text with its signs drawn and its evidence marks as links, in parts.
export function partsOf(text, caseId) {
  const parts = [];
  let from = 0;
  pattern.lastIndex = 0;
  for (const match of text.matchAll(pattern)) {
    parts.push(text.slice(from, match.index));
    from = match.index + match[0].length;
    if (match[2]) parts.push(...sign(match[2]));
    else parts.push(caseId ? evidenceLink(caseId, match[1]) : match[0]);
  }
  parts.push(text.slice(from));
  return parts;
}

// The library puts the thumbs and the folds in as ordinary buttons, and lets a tooltip take the place of a button's name.
const thumbs = { "👍": ["thumb_up", "Good verdict"], "👎": ["thumb_down", "Bad verdict"] };

function decorateButton(root, button) {
  const label = button.textContent.trim();
  const tip = button.title || button.getAttribute("aria-label") || "";
  button.removeAttribute("aria-label");
  if (tip && tip !== label) {
    button.title = tip;
    button.setAttribute("aria-description", tip);
  } else {
    button.removeAttribute("title");
  }
  const thumb = thumbs[label];
  if (thumb) {
    button.replaceChildren(icon(thumb[0], 18));
    button.setAttribute("aria-label", thumb[1]);
    button.classList.add("thumb");
  }
  const target = button.getAttribute("aria-controls");
  if (target && label.startsWith("▸")) {
    button.replaceChildren(icon("fold", 16), el("span", {}, label.slice(1).trim()));
    button.classList.add("fold");
    button.removeAttribute("aria-description");
    button.removeAttribute("title");
    const box = root.querySelector(`#${CSS.escape(target)}`);
    const show = () => button.setAttribute("aria-expanded", String(box?.style.display !== "none"));
    button.addEventListener("click", () => queueMicrotask(show));
    show();
  }
}

// Ids in a card are its own; on a page with many cards they would clash.
function renameIds(root) {
  const names = new Map();
  for (const element of root.querySelectorAll("[id]")) {
    const name = uniqueId("card");
    names.set(element.id, name);
    element.id = name;
  }
  for (const attribute of ["aria-controls", "aria-labelledby", "aria-describedby", "for"]) {
    for (const element of root.querySelectorAll(`[${attribute}]`)) {
      const named = element.getAttribute(attribute).split(" ").map((id) => names.get(id)).filter(Boolean);
      if (named.length) element.setAttribute(attribute, named.join(" "));
      else element.removeAttribute(attribute);
    }
  }
}

// A command, with what was chosen behind it; nothing while something is still to be chosen.
function commandOf(data) {
  if (!Array.isArray(data.answers)) return data.command;
  const chosen = data.answers.map((id) => data[id]);
  if (!chosen.every((answer) => typeof answer === "string" && answer)) return "";
  return [data.command, ...chosen].filter(Boolean).join(" ");
}

// Answers an element. `run(command, {button, question, danger})` is called for pressed buttons.
export function renderCard(content, { caseId, run, openLink }) {
  if (typeof AdaptiveCards === "undefined") {
    return el("p", { class: "card-failed" }, "The part that draws cards did not load. Reload the page to try again.");
  }
  hostConfig ??= new AdaptiveCards.HostConfig(look);
  const card = new AdaptiveCards.AdaptiveCard();
  card.hostConfig = hostConfig;
  card.onExecuteAction = (action) => {
    const button = action.renderedElement;
    if (action instanceof AdaptiveCards.OpenUrlAction) openLink(action.url ?? "");
    else if (action.data && typeof action.data.command === "string") {
      const command = commandOf(action.data);
      if (command) run(command, {
        button,
        label: action.title ?? "",
        question: typeof action.data.confirm === "string" ? action.data.confirm : "",
        danger: action.style === "destructive",
      });
    }
  };
  let element;
  try {
    card.parse(content);
    element = card.render();
  } catch {
    // Shown as what it is below.
  }
  if (!element) return el("p", { class: "card-failed" }, content?.fallbackText || "This message cannot be drawn here.");
  // The library makes every card a stop of the Tab key and announces it; the message around it does both better.
  for (const name of ["tabindex", "aria-label", "aria-live"]) element.removeAttribute(name);
  element.classList.add("card");
  renameIds(element);
  for (const button of element.querySelectorAll("button")) decorateButton(element, button);
  decorateText(element, caseId);
  return element;
}
