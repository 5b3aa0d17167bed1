// Start, addresses (#/c/CHANNEL, #/c/CHANNEL/t/SLOT, #/case/C-3, #/cases) and what happens to live messages.
import { api, newKey, setPerson, whenSessionIsLost } from "./api.js";
import { CaseList, CasePage } from "./case_page.js";
import { Conversation } from "./conversation.js";
import { choosePerson, confirm, showHelp } from "./dialog.js";
import { announce, el, onPhone } from "./dom.js";
import { icon } from "./icons.js";
import { Live } from "./live.js";
import { caseOf } from "./message.js";
import { Shell } from "./shell.js";
import { signIn, tokenFromAddress } from "./sign_in.js";
import { toast } from "./toast.js";

const root = document.getElementById("app");
// Other tabs of this browser share the sign-in: they are told when it changes.
const tabs = "BroadcastChannel" in window ? new BroadcastChannel("vedette.sign-in") : undefined;

class App {
  constructor(me) {
    this.me = me;
    setPerson(me.person.id);
    this.ended = new AbortController();
    this.shell = new Shell(root, me.person, {
      canSwitch: me.shared,
      switchPerson: () => this.switchPerson(),
      signOut: () => this.signOut(),
      help: showHelp,
      ended: this.ended.signal,
    });
    this.live = new Live(me.person.id);
    this.conversations = {};
  }

  async start() {
    const { channels } = await api.channels();
    this.channels = channels;
    this.shell.setChannels(channels);
    this.live.addEventListener("state", (event) => this.connectionChanged(event.detail));
    this.live.addEventListener("message", (event) => this.received(event.detail.message, true));
    this.live.addEventListener("edit", (event) => this.received(event.detail.message, false));
    this.live.addEventListener("resync", () => this.resync());
    this.live.addEventListener("signed-out", sessionChanged);
    this.live.start();
    const whileOpen = { signal: this.ended.signal };
    window.addEventListener("hashchange", () => this.route(), whileOpen);
    document.addEventListener("keydown", (event) => this.key(event), whileOpen);
    this.route();
  }

  stop() {
    this.live.stop();
    this.ended.abort();
    this.leaveView();
    this.closeThread(false);
  }

  async connectionChanged(state) {
    this.shell.setState(state);
    // A browser does not say why a socket was refused. If the session is over, reconnecting will not help.
    if (state === "reconnecting") await api.channels().catch(() => {});
  }

  // --- addresses

  route() {
    const parts = location.hash.replace(/^#\/?/, "").split("/").map((part) => decodeURIComponent(part));
    if (parts[0] === "case" && /^C-\d{1,15}$/i.test(parts[1] ?? "")) return this.showCase(parts[1].toUpperCase(), parts[2]);
    if (parts[0] === "cases") return this.showCases();
    const channel = this.channels.find((one) => parts[0] === "c" && one.id === parts[1]) ?? this.channels[0];
    if (!channel) return this.shell.show("", "No channels", "", el("div", { class: "notice empty" }, el("h2", {}, "No channels"), el("p", {}, "The configuration names no console channel.")));
    if (this.view !== `channel:${channel.id}`) this.showChannel(channel);
    if (parts[2] === "t" && parts[3]) this.showThread(channel, parts[3]);
    else this.closeThread(true);
  }

  leaveView() {
    this.page?.close();
    this.page = undefined;
    this.conversations.channel?.close();
    this.conversations.channel = undefined;
    this.view = "";
  }

  showChannel(channel) {
    this.leaveView();
    this.view = `channel:${channel.id}`;
    this.channel = channel;
    document.title = `#${channel.name} · Vedette`;
    const conversation = new Conversation({
      label: `Messages in ${channel.name}`,
      composer: {
        label: `Command for ${channel.name}`,
        placeholder: onPhone() ? "help, list open, why C-1…" : "Type a command: help, list open, why C-1…",
        where: { channel: channel.id },
        draftKey: `${this.me.person.id}/${channel.id}`,
        send: (text) => this.interact(text, { channel: channel.id }),
        knownCases: () => this.conversations.channel?.cases() ?? [],
      },
      context: this.context(channel, false),
      load: (before) => api.messages(channel.id, before),
      matches: (message) => message.channel === channel.id && !message.thread_of,
      emptyTitle: "Quiet so far",
      emptyText: "Alerts appear here as they come in, each already investigated. Type help to see what you can ask.",
    });
    this.conversations.channel = conversation;
    this.shell.show(channel.id, channel.name, channel.topic ?? "", conversation.element);
    conversation.open();
    if (!onPhone()) conversation.composer.focus();
  }

  showThread(channel, slot) {
    if (this.thread?.slot === slot && this.thread.channel === channel.id) return;
    this.closeThread(false);
    const opener = document.activeElement;
    const isCase = caseOf({ slot });
    const heading = el("h2", { tabindex: "-1" }, isCase ? `Thread of ${isCase}` : "Thread");
    const back = `#/c/${encodeURIComponent(channel.id)}`;
    const conversation = new Conversation({
      label: "Messages in this thread",
      composer: {
        label: isCase ? `Command about ${isCase}` : "Command in this thread",
        placeholder: isCase ? (onPhone() ? "why, evidence, ack…" : `About ${isCase}: why, evidence, ack, note…`) : "Reply or type a command",
        where: { channel: channel.id, thread: slot },
        draftKey: `${this.me.person.id}/${channel.id}/${slot}`,
        send: (text) => this.interact(text, { channel: channel.id, thread: slot }),
        knownCases: () => this.conversations.channel?.cases() ?? [],
      },
      context: this.context(channel, true),
      load: async () => ({ messages: (await api.thread(channel.id, slot)).messages, more: false }),
      matches: (message) => message.channel === channel.id && (message.slot === slot || message.thread_of === slot),
      emptyTitle: "Nothing here",
      emptyText: "This message is not here, or not for you.",
    });
    this.conversations.thread = conversation;
    this.thread = { slot, channel: channel.id, opener };
    this.shell.openSide(
      el("header", { class: "thread-header" }, heading, isCase && el("a", { class: "link-button", href: `#/case/${isCase}` }, icon("folder", 16), "Case page"),
        el("a", { class: "icon-button", href: back, "aria-label": "Close the thread" }, icon("close"))),
      conversation.element,
    );
    conversation.open();
    heading.focus({ preventScroll: true });
  }

  closeThread(giveFocusBack) {
    if (!this.thread) return;
    this.conversations.thread.close();
    this.conversations.thread = undefined;
    const { slot, opener } = this.thread;
    this.thread = undefined;
    this.shell.closeSide();
    if (!giveFocusBack) return;
    const message = root.querySelector(`.main article[data-slot="${CSS.escape(slot)}"]`);
    if (opener?.isConnected && opener !== document.body) opener.focus({ preventScroll: true });
    else message?.focus({ preventScroll: true });
  }

  showCase(id, evidence) {
    this.closeThread(false);
    if (this.view !== `case:${id}`) {
      this.leaveView();
      this.view = `case:${id}`;
      const channel = this.channel ?? this.channels[0];
      this.page = new CasePage(id, {
        back: channel ? `#/c/${encodeURIComponent(channel.id)}` : "#/",
        run: channel && ((command) => this.interact(command, { channel: channel.id, thread: `case/${id.slice(2)}/root`, button: true })),
      });
      this.shell.show("", `Case ${id}`, "", this.page.element);
      this.page.load();
    }
    if (evidence) this.page.showEvidence(evidence);
  }

  showCases() {
    this.closeThread(false);
    this.leaveView();
    this.view = "cases";
    this.page = new CaseList();
    this.shell.show("#cases", "Cases", "", this.page.element);
    this.page.load();
  }

  // --- messages

  context(channel, inThread) {
    return {
      inThread,
      openThread: (message) => {
        location.hash = `#/c/${encodeURIComponent(channel.id)}/t/${encodeURIComponent(message.slot)}`;
      },
      openLink: (url) => this.openLink(url),
      run: async (command, message) => {
        const slot = message.thread_of || (caseOf(message) ? message.slot : "");
        const accepted = await this.interact(command, { channel: channel.id, thread: slot, button: true });
        // The approval, the receipt and any refusal appear in the thread.
        if (accepted && slot && !inThread && !onPhone() && /^(request|approve|deny) /.test(command)) this.context(channel, false).openThread({ slot });
        return accepted;
      },
    };
  }

  // Only plain web addresses, and only after a person has read where they lead.
  async openLink(address) {
    let url;
    try {
      url = new URL(address);
    } catch {
      return;
    }
    if (url.protocol !== "https:" && url.protocol !== "http:") return;
    if (await confirm(`This opens another site: ${url.href}`, "Open", false)) window.open(url.href, "_blank", "noopener,noreferrer");
  }

  async interact(text, { channel, thread, button = false }) {
    // The same words sent again after a failure keep their key: they cannot happen twice.
    const same = this.failed && this.failed.text === text && this.failed.channel === channel && this.failed.thread === thread;
    const key = same ? this.failed.key : newKey();
    try {
      await api.interact({ text, channel, thread_ref: thread ?? "", key, button });
      this.failed = undefined;
      return true;
    } catch (error) {
      // The case page knows no thread for sure: the case may not be shown in this channel.
      if (error.status === 404 && thread && !this.conversations.thread && button) return this.interact(text, { channel, button });
      this.failed = { text, channel, thread, key };
      toast(error.message, { tone: "danger" });
      return false;
    }
  }

  received(message, isNew) {
    const inChannel = this.conversations.channel?.receive(message);
    const inThread = this.conversations.thread?.receive(message);
    const id = caseOf(message);
    if (this.page && (this.view === "cases" || (id && this.view === `case:${id}`))) this.page.refreshSoon();
    if (!isNew || message.author?.id === this.me.person.id) return;
    const seen = inChannel || inThread;
    if (message.private && !seen) {
      // An answer to a button or command whose thread is not open: it must not go unnoticed.
      toast(message.summary, {
        action: message.thread_of ? () => this.open(message) : undefined,
        actionLabel: "Show",
        seconds: 12,
      });
    }
    const looking = document.visibilityState === "visible" && this.view === `channel:${message.channel}`;
    if (!message.thread_of && !looking) {
      this.shell.countUnread(message.channel);
      if (this.view === `channel:${message.channel}`) document.title = `• #${this.channel.name} · Vedette`;
    }
    if (seen && message.private) announce(message.summary);
  }

  open(message) {
    location.hash = `#/c/${encodeURIComponent(message.channel)}/t/${encodeURIComponent(message.thread_of || message.slot)}`;
  }

  resync() {
    this.conversations.channel?.resync();
    this.conversations.thread?.resync();
    this.page?.refreshSoon();
  }

  becameVisible() {
    if (this.view?.startsWith("channel:")) {
      this.shell.clearUnread(this.channel.id);
      document.title = `#${this.channel.name} · Vedette`;
    }
  }

  // --- keyboard

  key(event) {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || document.querySelector("dialog[open]")) return;
    if (event.altKey) {
      if (event.key === "ArrowUp" || event.key === "ArrowDown") this.nextChannel(event.key === "ArrowDown" ? 1 : -1, event);
      return;
    }
    if (event.key === "Escape" && this.thread) {
      event.preventDefault();
      location.hash = `#/c/${encodeURIComponent(this.thread.channel)}`;
      return;
    }
    if (event.target.closest("input, textarea, select")) {
      // Leaves an empty box, for the keys below; a box with words in it keeps the focus.
      if (event.key === "Escape" && event.target.value === "") event.target.blur();
      return;
    }
    const conversation = this.active();
    if (event.key === "?") showHelp();
    else if (event.key === "/" && conversation) conversation.composer.focus();
    else if ((event.key === "j" || event.key === "k") && conversation) conversation.move(event.key === "j" ? 1 : -1);
    else if (event.key === "Enter" && event.target.matches("article")) this.enter(conversation);
    else if (event.key === "c" && conversation?.focused()) {
      const id = caseOf(conversation.focused().message);
      if (!id) return;
      location.hash = `#/case/${id}`;
    } else return;
    event.preventDefault();
  }

  enter(conversation) {
    const view = conversation?.focused();
    if (view && !view.context.inThread && !view.message.private) view.context.openThread(view.message);
  }

  active() {
    const thread = this.conversations.thread;
    if (thread && (thread.element.contains(document.activeElement) || this.shell.side.contains(document.activeElement) || onPhone())) return thread;
    return this.conversations.channel ?? thread;
  }

  nextChannel(step, event) {
    const index = this.channels.findIndex((channel) => channel.id === this.channel?.id);
    const next = this.channels[index + step];
    if (!next) return;
    event.preventDefault();
    location.hash = `#/c/${encodeURIComponent(next.id)}`;
  }

  // --- who

  async switchPerson() {
    const chosen = await choosePerson(this.me.people ?? [], this.me.person.id);
    if (!chosen || chosen === this.me.person.id) return;
    try {
      this.live.stop(); // the server ends the old session's connection; that is no surprise now
      await api.switchTo(chosen);
    } catch (error) {
      this.live.start();
      toast(error.message, { tone: "danger" });
      return;
    }
    tabs?.postMessage("changed");
    boot();
  }

  async signOut() {
    try {
      this.live.stop();
      await api.signOut();
    } catch (error) {
      this.live.start();
      toast(error.message, { tone: "danger" });
      return;
    }
    tabs?.postMessage("changed");
    sessionOver("");
  }
}

let app;
let leaving = false; // the sign-in form is shown
let starts = 0;      // only the newest start goes on

function stopApp() {
  app?.stop();
  app = undefined;
  setPerson("");
  root.replaceChildren();
}

async function sessionOver(note) {
  if (leaving) return;
  leaving = true;
  starts += 1;
  stopApp();
  await signIn(root, { note });
  leaving = false;
  tabs?.postMessage("changed");
  boot();
}

async function boot() {
  starts += 1;
  const mine = starts;
  stopApp();
  const token = tokenFromAddress();
  if (token) {
    leaving = true;
    await signIn(root, { token });
    leaving = false;
    tabs?.postMessage("changed");
    if (mine !== starts) return;
  }
  try {
    const me = await api.me();
    if (mine !== starts) return;
    app = new App(me);
    await app.start();
  } catch (error) {
    if (mine !== starts) return;
    if (error.status === 401) sessionOver("");
    else cannotStart(error);
  }
}

function cannotStart(error) {
  stopApp();
  root.className = "";
  root.replaceChildren(
    el("main", { id: "main", class: "sign-in", tabindex: "-1" },
      el("div", { class: "sign-in-card" }, el("h1", {}, "Vedette cannot be reached"), el("p", {}, error.message),
        el("button", { type: "button", class: "button primary", onclick: boot }, "Try again"))),
  );
}

// The session ended, or became somebody else's: in this tab or in another one.
async function sessionChanged() {
  if (leaving || !app) return;
  app.stop();
  try {
    setPerson("");
    await api.me();
    boot();
  } catch (error) {
    if (error.status === 401) sessionOver("Your session is over. Sign in again; what you typed is kept.");
    else boot();
  }
}

whenSessionIsLost(sessionChanged);
tabs?.addEventListener("message", () => {
  if (leaving) location.reload();
  else boot();
});
// The address belongs to the pages, so these links move the focus themselves.
document.querySelector(".skip-links").addEventListener("click", (event) => {
  const target = event.target.closest("[data-skip]");
  if (!target) return;
  event.preventDefault();
  document.querySelector(target.dataset.skip)?.focus();
});
document.addEventListener("visibilitychange", () => {
  if (document.visibilityState === "visible") app?.becameVisible();
});
boot();
