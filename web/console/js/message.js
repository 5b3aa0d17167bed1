// One message: who, when, and a card or the words somebody typed.
import { confirm } from "./dialog.js";
import { el, hueOf, initials, replace } from "./dom.js";
import { icon } from "./icons.js";
import { renderCard } from "./cards.js";
import { timeOfDay } from "./time.js";

export function caseOf(message) {
  const match = /^case\/(\d+)\//.exec(message.thread_of || message.slot) ?? /^case\/(\d+)\//.exec(message.slot);
  return match ? `C-${match[1]}` : "";
}

// Whose evidence "E4" means: an answer names the case it is about.
function evidenceCaseOf(message) {
  return caseOf(message) || (/\bC-\d{1,15}\b/.exec(message.summary)?.[0] ?? "");
}

const toneWords = { danger: "Urgent", warning: "Warning", good: "Good news" };

function picture(message) {
  if (!message.author) {
    return el("span", { class: "picture ours", "aria-hidden": "true" }, el("img", { src: "/icons/vedette.svg", alt: "", width: 36, height: 36 }));
  }
  return el("span", { class: `picture hue-${hueOf(message.author.id)}`, "aria-hidden": "true" }, initials(message.author.name));
}

// `context`: run(command, options) → promise, openThread(message), openLink(url), inThread
export class MessageView {
  constructor(message, context) {
    this.context = context;
    this.body = el("div", { class: "message-body", "aria-live": "off" });
    this.header = el("div", { class: "message-header" });
    this.footer = el("div", { class: "message-footer" });
    this.element = el(
      "article",
      { class: "message", tabindex: "-1", dataset: { slot: message.slot } },
      picture(message),
      el("div", { class: "message-main" }, this.header, this.body, this.footer),
    );
    this.update(message);
  }

  update(message) {
    if (this.message && message.version < this.message.version) return false;
    const changed = this.message && message.version !== this.message.version;
    if (this.message && !changed) return false;
    this.message = message;
    const name = message.author ? message.author.name : "Vedette";
    this.element.classList.toggle("private", message.private);
    this.element.classList.toggle("said", Boolean(message.author));
    this.element.dataset.tone = message.tone ?? "neutral";
    this.element.setAttribute("aria-label", `${name}: ${message.summary}`);
    replace(
      this.header,
      el("span", { class: "author" }, name),
      !message.author && el("span", { class: "badge" }, "bot"),
      timeOfDay(message.created),
      message.version > 1 && el("span", { class: "edited" }, "updated ", timeOfDay(message.changed)),
      message.private && el("span", { class: "only-you" }, icon("eye", 14), "Only visible to you"),
      // What the colour of the edge says, in words, for those who do not see it.
      toneWords[message.tone] && !message.author && el("span", { class: "visually-hidden" }, `${toneWords[message.tone]}. ${message.summary}`),
    );
    this.drawBody(message, changed);
    this.drawFooter(message);
    if (changed) this.flash();
    return true;
  }

  drawBody(message, changed) {
    if (message.author) {
      replace(this.body, el("p", { class: "said-text" }, message.text));
      return;
    }
    const folds = changed ? this.openFolds() : undefined;
    const held = changed && this.body.contains(document.activeElement) ? document.activeElement.textContent : undefined;
    replace(
      this.body,
      renderCard(message.card, {
        caseId: evidenceCaseOf(message),
        openLink: this.context.openLink,
        run: (command, options) => this.press(command, options),
      }),
    );
    if (folds) this.restoreFolds(folds);
    if (held !== undefined) {
      const buttons = [...this.body.querySelectorAll("button")];
      (buttons.find((button) => button.textContent === held) ?? this.element).focus({ preventScroll: true });
    }
  }

  // Parts a reader unfolded stay unfolded when the message is edited under their eyes.
  openFolds() {
    return new Set([...this.body.querySelectorAll('button[aria-expanded="true"]')].map((button) => button.textContent));
  }
  restoreFolds(labels) {
    for (const button of this.body.querySelectorAll('button[aria-expanded="false"]')) {
      if (labels.has(button.textContent)) button.click();
    }
  }

  drawFooter(message) {
    const caseId = caseOf(message);
    const links = [];
    if (!this.context.inThread && !message.private) {
      links.push(
        el("button", { type: "button", class: "link-button open-thread", onclick: () => this.context.openThread(this.message) }, icon("thread", 16),
          caseId ? "Open thread" : "Reply in thread"),
      );
    }
    if (caseId && !this.context.inThread) {
      links.push(el("a", { class: "link-button", href: `#/case/${caseId}` }, icon("folder", 16), `Case ${caseId}`));
    }
    replace(this.footer, links);
  }

  async press(command, { button, label, question, danger }) {
    if (button?.getAttribute("aria-busy") === "true") return;
    if (question && !(await confirm(question, label, danger))) return;
    const version = this.message.version;
    button?.setAttribute("aria-busy", "true");
    const done = await this.context.run(command, this.message);
    // The edited card brings new buttons. Where none comes, the button must work again.
    setTimeout(() => button?.removeAttribute("aria-busy"), done && this.message.version === version ? 1500 : 0);
  }

  flash() {
    this.element.classList.remove("changed");
    void this.element.offsetWidth;
    this.element.classList.add("changed");
  }
}
