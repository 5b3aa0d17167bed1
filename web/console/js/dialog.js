// Modal questions over the browser's own <dialog>, which keeps the focus inside and gives it back afterwards.
import { el, uniqueId } from "./dom.js";

function open(title, body, buttons, { role = "dialog", wide = false } = {}) {
  return new Promise((resolve) => {
    const titleId = uniqueId("dialog-title");
    const bodyId = uniqueId("dialog-body");
    let answer;
    const dialog = el(
      "dialog",
      { class: `dialog${wide ? " wide" : ""}`, role, "aria-labelledby": titleId, "aria-describedby": bodyId },
      el("h2", { id: titleId }, title),
      el("div", { id: bodyId, class: "dialog-body" }, body),
      el(
        "div",
        { class: "dialog-buttons" },
        buttons.map((button) =>
          el(
            "button",
            {
              type: "button",
              class: `button ${button.kind ?? ""}`,
              autofocus: button.first,
              onclick: () => {
                answer = button.value;
                dialog.close();
              },
            },
            button.label,
          ),
        ),
      ),
    );
    dialog.addEventListener("click", (event) => {
      if (event.target === dialog) dialog.close();
    });
    dialog.addEventListener("close", () => {
      dialog.remove();
      resolve(answer);
    });
    document.body.append(dialog);
    dialog.showModal();
  });
}

// True when the person said yes. The harmless answer has the focus first.
export async function confirm(question, label, danger) {
  const answer = await open("Are you sure?", el("p", {}, question), [
    { label: "Cancel", value: false, first: true },
    { label, value: true, kind: danger ? "danger" : "primary" },
  ], { role: "alertdialog" });
  return answer === true;
}

const shortcuts = [
  ["/", "Go to the command box"],
  ["j  k", "Next and previous message"],
  ["Enter", "Open the message's thread"],
  ["c", "Open the message's case page"],
  ["Esc", "Close the thread, the list or this help"],
  ["Tab", "Take the suggestion in the command box"],
  ["Alt ↑  Alt ↓", "Previous and next channel"],
  ["?", "This help"],
];

export function showHelp() {
  const rows = shortcuts.map(([keys, meaning]) =>
    el("tr", {}, el("th", { scope: "row" }, keys.split("  ").flatMap((key) => [el("kbd", {}, key), " "])), el("td", {}, meaning)),
  );
  return open(
    "Help",
    [
      el("p", {}, "Type commands with or without /soc. A few to begin with: ", el("code", {}, "help"), ", ", el("code", {}, "list open"), ", ",
        el("code", {}, "why C-1"), ". Inside a case's thread the case may be left out: ", el("code", {}, "why"), ", ", el("code", {}, "ack"), "."),
      el("table", { class: "keys" }, el("caption", {}, "Keyboard"), el("tbody", {}, rows)),
    ],
    [{ label: "Close", first: true }],
    { wide: true },
  );
}

// Lets one of `people` be chosen; answers the id or undefined.
export function choosePerson(people, current) {
  return open(
    "Sign in as",
    el("p", {}, "Two different people are needed to approve an action. To be both at once, use a private window for the second."),
    [
      ...people.map((person) => ({
        label: `${person.name}${person.id === current ? " (you)" : ""} · ${person.roles.join(", ") || "no role"}`,
        value: person.id,
        kind: "row",
        first: person.id === current,
      })),
      { label: "Cancel" },
    ],
  );
}
