// Small helpers around the DOM. Text always goes in as text: nothing here, or anywhere in the console, parses HTML.

// el("button", {class: "x", type: "button", onclick: f, "aria-label": "Close", dataset: {slot}}, "Close", icon)
export function el(name, properties = {}, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(properties)) {
    if (value === undefined || value === null || value === false) continue;
    if (key === "class") element.className = value;
    else if (key === "dataset") Object.assign(element.dataset, value);
    else if (key.startsWith("on")) element.addEventListener(key.slice(2), value);
    else element.setAttribute(key, value === true ? "" : String(value));
  }
  element.append(...children.flat(Infinity).filter((child) => child !== undefined && child !== null && child !== false));
  return element;
}

export function replace(parent, ...children) {
  parent.replaceChildren(...children.flat(Infinity).filter((child) => child !== undefined && child !== null && child !== false));
  return parent;
}

let numbers = 0;
export function uniqueId(prefix) {
  numbers += 1;
  return `${prefix}-${numbers}`;
}

// Says something to screen readers without moving the focus.
export function announce(text) {
  const announcer = document.getElementById("announcer");
  announcer.textContent = "";
  // The change has to be a change: the same sentence twice would be said once.
  requestAnimationFrame(() => {
    announcer.textContent = text;
  });
}

// Tells while a button inside `element` is held down. One that is redrawn or pushed away between press and release gets no click,
// so whoever draws there waits for `released`.
const longestPress = 10000; // a release can get lost, for instance in a menu of the system
const untilClick = 50; // on a touch screen the click comes after the release

export class Press {
  constructor(element, released) {
    this.down = false;
    this.ended = new AbortController();
    const { signal } = this.ended;
    const after = (wait) => {
      clearTimeout(this.timer);
      this.timer = setTimeout(() => {
        this.down = false;
        released();
      }, wait);
    };
    const begin = () => {
      this.down = true;
      after(longestPress);
    };
    const end = () => {
      if (this.down) after(untilClick);
    };
    element.addEventListener("pointerdown", (event) => { if (event.button === 0) begin(); }, { signal });
    element.addEventListener("keydown", (event) => { if (event.key === " " && !event.repeat) begin(); }, { signal });
    for (const name of ["pointerup", "pointercancel", "keyup", "blur"]) window.addEventListener(name, end, { signal });
  }

  stop() {
    clearTimeout(this.timer);
    this.ended.abort();
  }
}

export const onPhone = () => window.matchMedia("(max-width: 760px)").matches;

// The first letters of a name, for the picture beside a message.
export function initials(name) {
  // "Ann Ek (on call)": what stands in brackets is no name.
  const parts = name.replace(/\(.*?\)/g, "").split(/[^\p{L}\p{N}]+/u).filter(Boolean);
  if (parts.length === 0) return "?";
  const letters = parts.length === 1 ? [...parts[0]].slice(0, 2) : [[...parts[0]][0], [...parts[parts.length - 1]][0]];
  return letters.join("").toUpperCase();
}

// One of eight hues, the same for the same person everywhere.
export function hueOf(text) {
  let sum = 0;
  for (const character of text) sum = (sum * 31 + character.codePointAt(0)) % 1009;
  return sum % 8;
}
