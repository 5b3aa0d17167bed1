// The command box, with completion. What was typed is kept until the server has it on disk: over failed sends, lost
// connections, a new sign-in and a reload of the tab.
import { api } from "./api.js";
import { announce, el, replace, uniqueId } from "./dom.js";
import { icon } from "./icons.js";

const drafts = {
  read(key) {
    try {
      return sessionStorage.getItem(`vedette.draft.${key}`) ?? "";
    } catch {
      return "";
    }
  },
  write(key, text) {
    try {
      if (text) sessionStorage.setItem(`vedette.draft.${key}`, text);
      else sessionStorage.removeItem(`vedette.draft.${key}`);
    } catch {
      // Storage is blocked or full; the box itself still has it.
    }
  },
};

const historyLength = 50;
const history = [];

export class Composer {
  // `where`: {channel, thread?}; `send(text)` → promise of true when Vedette has it; `knownCases()` → [{id, summary}], newest first.
  constructor({ label, placeholder, where, draftKey, send, knownCases }) {
    this.knownCases = knownCases ?? (() => []);
    this.where = where;
    this.draftKey = draftKey;
    this.send = send;
    this.options = [];
    this.active = -1;
    this.chosen = false;
    this.past = -1;
    this.asked = 0;
    const listId = uniqueId("completions");
    const hintId = uniqueId("hint");
    this.box = el("textarea", {
      class: "command-box",
      rows: 1,
      maxlength: 4000,
      placeholder,
      "aria-label": label,
      "aria-describedby": hintId,
      role: "combobox",
      "aria-autocomplete": "list",
      "aria-expanded": "false",
      "aria-controls": listId,
      autocomplete: "off",
      autocapitalize: "off",
      autocorrect: "off",
      spellcheck: "false",
      enterkeyhint: "send",
    });
    this.list = el("ul", { id: listId, class: "completions", role: "listbox", "aria-label": "Suggestions", hidden: true });
    this.button = el("button", { type: "submit", class: "send-button", "aria-label": "Send", disabled: true }, icon("send"));
    this.element = el(
      "form",
      { class: "composer", onsubmit: (event) => { event.preventDefault(); this.submit(); } },
      this.list,
      el("div", { class: "composer-row" }, el("span", { class: "prompt", "aria-hidden": "true" }, "/soc"), this.box, this.button),
      el("p", { id: hintId, class: "visually-hidden" }, "Enter sends, Shift and Enter starts a new line, Tab takes a suggestion, question mark outside the box shows help."),
    );
    this.box.value = drafts.read(draftKey);
    this.box.addEventListener("input", () => this.changed());
    this.box.addEventListener("keydown", (event) => this.key(event));
    this.box.addEventListener("blur", () => this.close());
    this.fit();
  }

  focus() {
    this.box.focus();
  }

  changed() {
    drafts.write(this.draftKey, this.box.value);
    this.past = -1;
    this.fit();
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.suggest(), 60);
  }

  fit() {
    this.button.disabled = this.box.value.trim() === "" || this.sending;
    this.box.style.height = "auto";
    // Nothing to measure before the box is on the page: one line then, as the style sheet has it.
    if (this.box.scrollHeight > 0) this.box.style.height = `${Math.min(this.box.scrollHeight, 160)}px`;
  }

  async suggest() {
    const text = this.box.value;
    const number = ++this.asked;
    if (!text.trim() || text.includes("\n") || this.box.selectionStart !== text.length) return this.close();
    let answer;
    try {
      answer = await api.complete(text, this.where.channel, this.where.thread);
    } catch {
      return this.close(); // completion is a comfort: without it the box still works
    }
    if (number !== this.asked || this.box.value !== text || document.activeElement !== this.box) return;
    this.show([...this.casesFor(text), ...(answer.completions ?? [])].filter((option) => option.text !== text));
  }

  // "why C-" goes on with the cases that are on the page: nobody remembers numbers at night.
  casesFor(text) {
    const match = /^(.*\s)(c-?\d*)$/i.exec(text);
    if (!match) return [];
    const digits = match[2].replace(/\D/g, "");
    return this.knownCases()
      .filter((one) => one.id.startsWith(`C-${digits}`))
      .slice(0, 6)
      .map((one) => ({ text: match[1] + one.id, label: one.id, hint: one.summary }));
  }

  show(options) {
    this.options = options.slice(0, 8);
    this.active = this.options.length ? 0 : -1;
    this.chosen = false;
    replace(
      this.list,
      this.options.map((option, index) =>
        el(
          "li",
          {
            id: `${this.list.id}-${index}`,
            role: "option",
            "aria-selected": "false",
            // pointerdown, before the box loses the focus
            onpointerdown: (event) => { event.preventDefault(); this.accept(index); },
          },
          el("span", { class: "completion-text" }, option.label ?? option.text),
          option.hint && el("span", { class: "completion-hint" }, option.hint),
        ),
      ),
    );
    const open = this.options.length > 0;
    this.list.hidden = !open;
    this.box.setAttribute("aria-expanded", String(open));
    this.mark();
    if (open) announce(`${this.options.length} suggestion${this.options.length === 1 ? "" : "s"}`);
  }

  mark() {
    [...this.list.children].forEach((item, index) => item.setAttribute("aria-selected", String(index === this.active)));
    if (this.active >= 0) {
      this.box.setAttribute("aria-activedescendant", `${this.list.id}-${this.active}`);
      this.list.children[this.active].scrollIntoView({ block: "nearest" });
    } else {
      this.box.removeAttribute("aria-activedescendant");
    }
  }

  close() {
    this.asked += 1;
    clearTimeout(this.timer);
    if (this.list.hidden) return;
    this.show([]);
  }

  accept(index) {
    const option = this.options[index];
    if (!option) return;
    const more = option.text.endsWith(" ");
    this.box.value = option.text;
    this.close();
    this.box.focus();
    this.changed();
    if (!more) clearTimeout(this.timer);
  }

  key(event) {
    if (event.isComposing) return;
    const open = !this.list.hidden;
    if (event.key === "Tab" && open && !event.shiftKey) {
      event.preventDefault();
      this.accept(Math.max(0, this.active));
    } else if (event.key === "Escape" && open) {
      event.preventDefault();
      event.stopPropagation();
      this.close();
    } else if ((event.key === "ArrowDown" || event.key === "ArrowUp") && open) {
      event.preventDefault();
      const step = event.key === "ArrowDown" ? 1 : -1;
      this.active = (this.active + step + this.options.length) % this.options.length;
      this.chosen = true;
      this.mark();
    } else if (event.key === "ArrowUp" && (this.box.value === "" || this.past >= 0)) {
      event.preventDefault();
      this.recall(1);
    } else if (event.key === "ArrowDown" && this.past >= 0) {
      event.preventDefault();
      this.recall(-1);
    } else if (event.key === "Enter" && !event.shiftKey) {
      event.preventDefault();
      if (open && this.chosen) this.accept(this.active);
      else this.submit();
    }
  }

  recall(step) {
    const next = Math.min(history.length - 1, this.past + step);
    this.past = next;
    this.box.value = next < 0 ? "" : history[next];
    drafts.write(this.draftKey, this.box.value);
    this.fit();
  }

  async submit() {
    const text = this.box.value.trim();
    if (!text || this.sending) return;
    this.close();
    this.sending = true;
    this.button.disabled = true;
    this.element.classList.add("sending");
    const accepted = await this.send(text);
    this.sending = false;
    this.element.classList.remove("sending");
    if (accepted) {
      if (history[0] !== text) history.unshift(text);
      history.length = Math.min(history.length, historyLength);
      // Only what was sent: more may have been typed meanwhile.
      if (this.box.value.trim() === text) this.box.value = "";
      drafts.write(this.draftKey, this.box.value);
      this.past = -1;
    }
    this.fit();
  }
}
