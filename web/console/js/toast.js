// Short notices at the edge of the page. They never take the focus, and stay while the pointer or focus is on them.
import { el } from "./dom.js";
import { icon } from "./icons.js";

export function toast(text, { tone = "neutral", action, actionLabel, seconds = 8 } = {}) {
  const region = document.getElementById("toasts");
  // Warnings interrupt a screen reader, the rest waits its turn.
  const box = el("div", { class: `toast tone-${tone}`, role: tone === "danger" ? "alert" : "status" });
  const remove = () => box.remove();
  box.append(el("p", { class: "toast-text" }, text));
  if (action) {
    box.append(
      el("button", { type: "button", class: "button small", onclick: () => { remove(); action(); } }, actionLabel),
    );
  }
  box.append(el("button", { type: "button", class: "icon-button", "aria-label": "Dismiss notice", onclick: remove }, icon("close", 16)));
  region.append(box);
  while (region.children.length > 4) region.firstElementChild.remove();
  let timer = setTimeout(remove, seconds * 1000);
  const hold = () => clearTimeout(timer);
  const release = () => {
    clearTimeout(timer);
    timer = setTimeout(remove, 3000);
  };
  box.addEventListener("pointerenter", hold);
  box.addEventListener("focusin", hold);
  box.addEventListener("pointerleave", release);
  box.addEventListener("focusout", release);
}
