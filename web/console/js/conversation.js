// A scrolling list of messages with a command box below: a channel, or a thread.
import { Composer } from "./composer.js";
import { Press, announce, el, replace } from "./dom.js";
import { icon } from "./icons.js";
import { MessageView, caseOf } from "./message.js";
import { dayName } from "./time.js";

const nearEnd = 120;
const retryAfter = 3000;

export class Conversation {
  // `load(before)` → {messages, more}; `matches(message)`: does a live message belong here?
  constructor({ label, composer, context, load, matches, emptyTitle, emptyText }) {
    this.load = load;
    this.matches = matches;
    this.context = context;
    this.empty = { title: emptyTitle, text: emptyText };
    this.views = new Map();
    this.more = false;
    this.waiting = []; // live messages that must not be drawn yet
    this.log = el("div", { class: "log", role: "log", "aria-live": "polite", "aria-relevant": "additions", "aria-label": label });
    this.older = el("button", { type: "button", class: "button small older", hidden: true, onclick: () => this.loadOlder() }, "Show older messages");
    this.scroller = el("div", { class: "scroller" }, this.older, this.log);
    this.jump = el("button", { type: "button", class: "jump", hidden: true, onclick: () => this.toEnd(true) }, icon("down", 16), "New messages");
    this.composer = new Composer(composer);
    this.element = el("div", { class: "conversation" }, this.scroller, this.jump, this.composer.element);
    this.scroller.addEventListener("scroll", () => {
      if (this.atEnd()) this.jump.hidden = true;
      if (this.scroller.scrollTop < 80 && this.more && !this.loading) this.loadOlder();
    }, { passive: true });
    // Cards grow when fonts arrive or parts unfold, the keyboard of a phone comes up: who reads the end keeps reading the end.
    this.stuck = true;
    this.scroller.addEventListener("scroll", () => { this.stuck = this.atEnd(); }, { passive: true });
    this.resizes = new ResizeObserver(() => {
      if (this.stuck) this.toEnd(false);
    });
    this.resizes.observe(this.log);
    this.resizes.observe(this.scroller);
    this.press = new Press(this.log, () => this.drawWaiting());
    this.skeleton();
  }

  close() {
    this.closed = true;
    this.press.stop();
    clearTimeout(this.retry);
    this.resizes.disconnect();
  }

  drawWaiting() {
    if (!this.ready) return;
    const messages = this.waiting;
    this.waiting = [];
    if (messages.length > 0) this.merge(messages, true);
  }

  skeleton() {
    replace(
      this.log,
      el("p", { class: "visually-hidden" }, "Loading messages…"),
      [0, 1, 2].map(() =>
        el("div", { class: "skeleton", "aria-hidden": "true" }, el("span", { class: "bone round" }), el("div", {}, el("span", { class: "bone short" }), el("span", { class: "bone" }), el("span", { class: "bone" }))),
      ),
    );
  }

  async open() {
    if (this.opening) return;
    this.opening = true;
    this.waiting = [];
    try {
      const page = await this.load();
      if (this.closed) return;
      this.log.replaceChildren();
      this.more = page.more ?? false;
      this.older.hidden = !this.more;
      // What came live in the meantime may be newer than what the server read for us, or not be in it at all.
      this.merge([...page.messages, ...this.waiting], false);
      this.waiting = [];
      if (this.views.size === 0) this.showEmpty();
      this.toEnd(false);
      this.ready = true;
    } catch (error) {
      if (this.closed) return;
      replace(
        this.log,
        el("div", { class: "notice" }, el("h3", {}, "These messages could not be loaded"), el("p", {}, error.message),
          el("button", { type: "button", class: "button", onclick: () => { this.skeleton(); this.open(); } }, "Try again")),
      );
    } finally {
      this.opening = false;
    }
    if (this.outOfDate) this.resync();
  }

  showEmpty() {
    replace(this.log, el("div", { class: "notice empty" }, el("h3", {}, this.empty.title), el("p", {}, this.empty.text)));
  }

  // After a (re)connect, when live messages may have been missed: reads again everything that is on the page.
  async resync() {
    if (this.closed) return;
    this.outOfDate = this.opening; // what is being read may be from before the connection: it is read again
    if (this.opening) return;
    if (!this.ready) return this.open();
    clearTimeout(this.retry);
    const oldest = this.firstId();
    let before;
    for (let pages = 0; pages < 20; pages += 1) {
      let page;
      try {
        page = await this.load(before);
      } catch {
        if (!this.closed) this.retry = setTimeout(() => this.resync(), retryAfter);
        return;
      }
      if (this.closed) return;
      this.receiveAll(page.messages);
      before = page.messages[0]?.id;
      if (!page.more || before === undefined || before <= oldest) return;
    }
  }

  firstId() {
    let first = Infinity;
    for (const view of this.views.values()) first = Math.min(first, view.message.id);
    return first;
  }

  async loadOlder() {
    if (this.loading || !this.more || !this.ready) return;
    this.loading = true;
    this.older.textContent = "Loading…";
    try {
      const page = await this.load(this.firstId());
      if (this.closed) return;
      const height = this.scroller.scrollHeight;
      this.more = page.more ?? false;
      this.merge(page.messages, false);
      this.scroller.scrollTop += this.scroller.scrollHeight - height;
    } catch (error) {
      announce(error.message);
    }
    this.loading = false;
    this.older.textContent = "Show older messages";
    this.older.hidden = !this.more;
  }

  // A live message. True when it belongs here.
  receive(message) {
    if (!this.matches(message)) return false;
    this.receiveAll([message]);
    return true;
  }

  receiveAll(messages) {
    if (this.ready && !this.press.down) this.merge(messages, true);
    else if (this.ready || this.opening) this.waiting.push(...messages);
  }

  merge(messages, live) {
    const end = this.stuck;
    for (const message of messages) {
      const known = this.views.get(message.slot);
      if (known) {
        known.update(message);
        continue;
      }
      const view = new MessageView(message, this.context);
      this.views.set(message.slot, view);
      if (this.views.size === 1) this.log.replaceChildren();
      this.place(view);
      if (live) {
        view.element.classList.add("arrived");
        if (!end && !message.author) this.jump.hidden = false;
      }
    }
    this.days();
    if (end) this.toEnd(false);
  }

  // In order of id, whatever the order of arrival.
  place(view) {
    const articles = this.log.querySelectorAll("article");
    for (let index = articles.length - 1; index >= 0; index -= 1) {
      const other = this.views.get(articles[index].dataset.slot);
      if (other.message.id < view.message.id) {
        articles[index].after(view.element);
        return;
      }
    }
    this.log.prepend(view.element);
  }

  // Puts a line with the date before the first message of each day, leaving those that are right alone.
  days() {
    let last = "";
    for (const article of this.log.querySelectorAll("article")) {
      const name = dayName(this.views.get(article.dataset.slot).message.created);
      const divider = article.previousElementSibling?.matches(".day") ? article.previousElementSibling : undefined;
      if (name === last) divider?.remove();
      else if (divider?.textContent !== name) {
        divider?.remove();
        article.before(el("div", { class: "day", "aria-live": "off" }, el("span", {}, name)));
      }
      last = name;
    }
  }

  atEnd() {
    return this.scroller.scrollHeight - this.scroller.scrollTop - this.scroller.clientHeight < nearEnd;
  }

  toEnd(smooth) {
    this.stuck = true;
    this.jump.hidden = true;
    const calm = window.matchMedia("(prefers-reduced-motion: reduce)").matches;
    this.scroller.scrollTo({ top: this.scroller.scrollHeight, behavior: smooth && !calm ? "smooth" : "instant" });
  }

  // j and k: moves the focus among messages. Starts at the newest.
  move(step) {
    const articles = [...this.log.querySelectorAll("article")];
    if (articles.length === 0) return;
    const now = articles.indexOf(document.activeElement?.closest?.("article"));
    const next = now < 0 ? articles.length - 1 : Math.min(articles.length - 1, Math.max(0, now + step));
    articles[next].focus({ preventScroll: true });
    articles[next].scrollIntoView({ block: "nearest" });
  }

  focused() {
    const article = document.activeElement?.closest?.("article");
    return article && this.log.contains(article) ? this.views.get(article.dataset.slot) : undefined;
  }

  // The cases whose messages are on the page, newest first.
  cases() {
    const found = new Map();
    const views = [...this.views.values()].sort((a, b) => b.message.id - a.message.id);
    for (const view of views) {
      const id = caseOf(view.message);
      if (id && !found.has(id)) found.set(id, { id, summary: view.message.summary });
    }
    return [...found.values()];
  }
}
