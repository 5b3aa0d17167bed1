// The frame around everything: the list of channels, who you are, and whether the page is live.
import { el, hueOf, initials, onPhone, replace } from "./dom.js";
import { icon } from "./icons.js";

const themeWords = { auto: "Theme: as the system", light: "Theme: light", dark: "Theme: dark" };
const stateWords = { connecting: "Connecting…", connected: "Live", reconnecting: "Reconnecting…" };

export class Shell {
  // `actions`: signOut(), switchPerson(), help(), canSwitch, ended (an AbortSignal)
  constructor(root, person, actions) {
    this.unread = new Map();
    this.channelList = el("ul", { class: "channel-list" });
    this.state = el("p", { class: "connection", role: "status" }, el("span", { class: "dot tone-muted", "aria-hidden": "true" }), el("span", { class: "connection-text" }, stateWords.connecting));
    this.themeButton = el("button", { type: "button", class: "icon-button", onclick: () => this.nextTheme() }, icon("theme"));
    this.nameTheme();
    this.sidebar = el(
      "nav",
      { class: "sidebar", id: "sidebar", "aria-label": "Channels and account" },
      el("div", { class: "brand" }, el("img", { src: "/icons/vedette.svg", alt: "", width: 28, height: 28 }), el("span", {}, "Vedette"),
        el("button", { type: "button", class: "icon-button sidebar-close", "aria-label": "Close the menu", onclick: () => this.toggleMenu(false) }, icon("close"))),
      this.state,
      el("h2", { class: "sidebar-title" }, "Channels"),
      this.channelList,
      el("h2", { class: "sidebar-title" }, "Views"),
      el("ul", { class: "channel-list" }, el("li", {}, (this.casesLink = el("a", { class: "channel-link", href: "#/cases" }, icon("folder", 18), el("span", { class: "channel-name" }, "Cases"))))),
      el("div", { class: "account" },
        el("div", { class: "account-person" },
          el("span", { class: `picture hue-${hueOf(person.id)}`, "aria-hidden": "true" }, initials(person.name)),
          el("div", {}, el("p", { class: "account-name" }, person.name), el("p", { class: "quiet" }, person.roles.join(", ") || "no role"))),
        el("div", { class: "account-buttons" },
          actions.canSwitch && el("button", { type: "button", class: "icon-button", "aria-label": "Sign in as somebody else", title: "Sign in as somebody else", onclick: actions.switchPerson }, icon("people")),
          this.themeButton,
          el("button", { type: "button", class: "icon-button", "aria-label": "Help and keyboard shortcuts", title: "Help (?)", onclick: actions.help }, icon("help")),
          el("button", { type: "button", class: "icon-button", "aria-label": "Sign out", title: "Sign out", onclick: actions.signOut }, icon("out")))),
    );
    this.menuButton = el("button", { type: "button", class: "icon-button menu-button", "aria-label": "Channels and account", "aria-controls": "sidebar", "aria-expanded": "false", onclick: () => this.toggleMenu(true) },
      icon("menu"), (this.menuBadge = el("span", { class: "menu-badge", hidden: true })));
    this.title = el("h1", { class: "view-title" });
    this.topic = el("p", { class: "view-topic quiet" });
    this.banner = el("div", { class: "banner", role: "status", hidden: true }, icon("warning", 16), el("span", {}, "Reconnecting… What you see may be out of date. What you type is kept."));
    this.view = el("div", { class: "view" });
    this.main = el("main", { id: "main", class: "main", tabindex: "-1" }, el("header", { class: "view-header" }, this.menuButton, el("div", { class: "view-heading" }, this.title, this.topic)), this.banner, this.view);
    this.side = el("aside", { class: "thread-panel", "aria-label": "Thread", hidden: true });
    this.backdrop = el("div", { class: "backdrop", hidden: true, onclick: () => this.toggleMenu(false) });
    window.addEventListener("resize", () => this.coverMain(), { signal: actions.ended });
    root.className = "shell";
    replace(root, this.sidebar, this.backdrop, this.main, this.side);
    this.sidebar.addEventListener("click", (event) => {
      if (event.target.closest("a")) this.toggleMenu(false);
    });
    this.sidebar.addEventListener("keydown", (event) => {
      if (event.key === "Escape" && this.sidebar.classList.contains("open")) {
        event.stopPropagation();
        this.toggleMenu(false);
      }
    });
  }

  nameTheme() {
    const words = themeWords[window.vedetteTheme.current];
    this.themeButton.setAttribute("aria-label", words);
    this.themeButton.title = words;
  }
  nextTheme() {
    window.vedetteTheme.next();
    this.nameTheme();
  }

  toggleMenu(open) {
    const was = this.sidebar.classList.contains("open");
    if (was === open) return;
    this.sidebar.classList.toggle("open", open);
    this.backdrop.hidden = !open;
    this.menuButton.setAttribute("aria-expanded", String(open));
    this.coverMain();
    if (open) this.sidebar.querySelector(".sidebar-close").focus();
    else this.menuButton.focus();
  }

  setChannels(channels) {
    this.channels = channels;
    this.drawChannels();
  }

  drawChannels() {
    let total = 0;
    replace(
      this.channelList,
      this.channels.map((channel) => {
        const count = this.unread.get(channel.id) ?? 0;
        total += count;
        return el("li", {}, el("a", { class: `channel-link${count ? " unread" : ""}`, href: `#/c/${encodeURIComponent(channel.id)}`, "aria-current": channel.id === this.current ? "page" : undefined },
          icon("channel", 18), el("span", { class: "channel-name" }, channel.name),
          count > 0 && el("span", { class: "count" }, String(Math.min(count, 99)), el("span", { class: "visually-hidden" }, " new"))));
      }),
    );
    this.casesLink.toggleAttribute("aria-current", this.current === "#cases");
    if (this.current === "#cases") this.casesLink.setAttribute("aria-current", "page");
    this.menuBadge.hidden = total === 0;
    return total;
  }

  // `view`: "channel id", "#cases" or "".
  show(view, title, topic, content) {
    this.current = view;
    if (view) this.unread.delete(view);
    this.title.textContent = title;
    this.topic.textContent = topic;
    this.drawChannels();
    replace(this.view, content);
  }

  countUnread(channel) {
    this.unread.set(channel, (this.unread.get(channel) ?? 0) + 1);
    this.drawChannels();
  }
  clearUnread(channel) {
    if (this.unread.delete(channel)) this.drawChannels();
  }

  setState(state) {
    this.state.querySelector(".connection-text").textContent = stateWords[state];
    this.state.querySelector(".dot").className = `dot tone-${state === "connected" ? "good" : "warning"}`;
    this.state.dataset.state = state;
    this.banner.hidden = state !== "reconnecting";
  }

  // What lies under the menu, or on a phone under a thread, is out of reach for the Tab key and screen readers too.
  coverMain() {
    this.main.inert = this.sidebar.classList.contains("open") || (onPhone() && !this.side.hidden);
  }

  openSide(...content) {
    replace(this.side, ...content);
    this.side.hidden = false;
    this.coverMain();
    document.getElementById("app").classList.add("with-thread");
  }
  closeSide() {
    this.side.hidden = true;
    this.side.replaceChildren();
    this.coverMain();
    document.getElementById("app").classList.remove("with-thread");
  }
}
