// #/case/C-3: everything Vedette knows about a case. #/cases: the list of cases.
import { api } from "./api.js";
import { partsOf } from "./cards.js";
import { Press, el, replace } from "./dom.js";
import { icon } from "./icons.js";
import { age, dateAndTime } from "./time.js";

const labels = {
  malicious: ["Likely malicious", "danger"],
  suspicious: ["Suspicious", "warning"],
  benign: ["Likely benign", "good"],
  inconclusive: ["Inconclusive", "muted"],
};
const severities = { critical: "danger", high: "danger", medium: "warning", low: "accent", informational: "muted" };
const actionStates = {
  proposed: ["Proposed", "muted"],
  awaiting: ["Waiting for approval", "warning"],
  approved: ["Approved", "accent"],
  executing: ["Running", "accent"],
  succeeded: ["Done", "good"],
  failed: ["Failed", "danger"],
  unknown: ["Outcome not known, being looked up", "warning"],
  denied: ["Denied", "muted"],
  expired: ["Expired", "muted"],
  withdrawn: ["Withdrawn", "muted"],
};
const dispositions = {
  tp: "true positive", btp: "benign true positive", fp: "false positive", dup: "duplicate", inconclusive: "inconclusive",
};
const noteKinds = {
  alert: "Alert", verdict: "Verdict", status: "Status", owner: "Owner", note: "Note", feedback: "Feedback", action: "Action",
  snooze: "Snooze", awake: "Back",
};

const capital = (text) => (text ? text[0].toUpperCase() + text.slice(1) : "");
const pill = (text, tone) => el("span", { class: `pill tone-${tone}` }, text);
const marks = (id, numbers) =>
  numbers.map((number) => [" ", el("a", { class: "evidence-mark", href: `#/case/${id}/E${number}`, "aria-label": `Evidence E${number}` }, `E${number}`)]);
const section = (title, ...content) => el("section", { class: "case-section" }, el("h3", {}, title), ...content);

function header(record) {
  const [label, tone] = record.verdict ? labels[record.verdict.label] ?? [record.verdict.label, "muted"] : ["", ""];
  const state = record.status === "closed" && record.disposition ? `Closed as ${dispositions[record.disposition] ?? record.disposition}` : capital(record.status);
  return el(
    "header",
    { class: "case-header" },
    el("p", { class: "pills" }, pill(capital(record.severity), severities[record.severity] ?? "muted"), pill(state, "plain")),
    el("h2", { tabindex: "-1" }, record.title),
    record.verdict && el("p", { class: "verdict-line" }, pill(label, tone), ` ${record.verdict.confidence} %`),
    record.verdict?.headline && record.verdict.headline !== record.title && el("p", { class: "headline" }, record.verdict.headline),
    record.failure && el("p", { class: "form-note" }, icon("warning", 16), record.failure),
    el("p", { class: "quiet" }, `${record.alert_count} alert${record.alert_count === 1 ? "" : "s"} · ${record.owner ? `owner ${record.owner}` : "nobody owns it yet"} · opened `,
      dateAndTime(record.created), ` (${age(record.created)}) · `, record.good || record.bad ? `${record.good} found the verdict good, ${record.bad} bad` : "no feedback yet"),
    record.snooze && el("p", { class: "quiet" }, "Snoozed until ", dateAndTime(record.snooze.until), ` by ${record.snooze.by}: ${record.snooze.reason}`),
    record.closing_reason && el("p", { class: "quiet" }, `Closing reason: ${record.closing_reason}`),
  );
}

function progress(record) {
  if (record.investigation === "done" || !record.progress?.length) return undefined;
  return section(
    record.investigation === "failed" ? "How far the investigation got" : "Investigation under way",
    el("ul", { class: "steps" }, record.progress.map((step) => el("li", { class: step.done ? "done" : "" }, el("span", { class: "visually-hidden" }, step.done ? "Done: " : "To do: "), step.text))),
  );
}

function verdictSections(record) {
  const verdict = record.verdict;
  if (!verdict) return [];
  const strongest = Math.max(0.1, ...verdict.claims.map((claim) => Math.abs(claim.weight)));
  return [
    section(
      "Reasons",
      verdict.claims.length === 0
        ? el("p", { class: "quiet" }, "No finding carries this verdict either way.")
        : el("ol", { class: "claims" }, verdict.claims.map((claim) => {
            const towards = claim.weight > 0 ? "speaks for malicious" : claim.weight < 0 ? "speaks for benign" : "for context";
            return el("li", {},
              el("span", { class: "claim-text" }, claim.text, marks(record.id, claim.evidence)),
              el("span", { class: "weight" },
                el("meter", { min: 0, max: strongest, value: Math.abs(claim.weight), class: claim.weight > 0 ? "bad" : "good", "aria-label": towards }),
                el("span", { class: "quiet" }, towards)));
          })),
    ),
    (verdict.not_checked.length > 0 || verdict.would_change) &&
      section("What this does not know",
        verdict.not_checked.length > 0 && el("p", {}, "Not checked:"),
        verdict.not_checked.length > 0 && el("ul", {}, verdict.not_checked.map((text) => el("li", {}, text))),
        verdict.would_change && el("p", {}, "Would change the verdict: ", verdict.would_change)),
    verdict.alternatives.length > 0 && section("Considered and set aside", el("ul", {}, verdict.alternatives.map((text) => el("li", {}, text)))),
  ];
}

function actions(record, run) {
  if (!record.actions.length) return undefined;
  return section(
    "Actions",
    el("ul", { class: "action-list" }, record.actions.map((action) => {
      const [state, tone] = actionStates[action.state] ?? [action.state, "muted"];
      const people = [
        `proposed by ${action.proposer || "vedette"}`,
        action.requester && `requested by ${action.requester}`,
        ...action.votes.map((vote) => `${vote.approve ? "approved" : "denied"} by ${vote.person}`),
      ].filter(Boolean);
      return el("li", {},
        el("p", { class: "action-title" }, el("span", { class: "case-id" }, action.id), " ", el("strong", {}, action.title), " ", pill(state, tone)),
        action.reason && el("p", {}, partsOf(action.reason, record.id)),
        el("p", { class: "quiet" }, `through ${action.provider} · ${people.join(" · ")}`, action.expires && action.state === "awaiting" && [" · until ", dateAndTime(action.expires)]),
        action.result && el("p", {}, action.result),
        run && action.state === "proposed" &&
          el("button", { type: "button", class: "button small danger", onclick: (event) => run(`request ${action.id} --digest=${action.digest}`, event.currentTarget) }, "Ask for approval"),
        run && action.state === "awaiting" && el("p", { class: "button-row" },
          el("button", { type: "button", class: "button small primary", onclick: (event) => run(`approve ${action.id} --digest=${action.digest}`, event.currentTarget) }, "Approve"),
          el("button", { type: "button", class: "button small", onclick: (event) => run(`deny ${action.id}`, event.currentTarget) }, "Deny")));
    })),
  );
}

// Alerts, verdicts, decisions and actions, in the order in which they happened.
function timeline(record) {
  const entries = [
    ...record.alerts.map((alert) => ({ at: alert.time, kind: "alert", text: alert.title, who: `${alert.source} · ${alert.id}`, tone: severities[alert.severity] ?? "muted" })),
    ...record.notes.filter((note) => note.kind !== "alert").map((note) => ({ at: note.at, kind: note.kind, text: note.text, who: note.author, tone: "accent" })),
  ].sort((a, b) => a.at.localeCompare(b.at));
  const shown = record.alerts.length < record.alert_count ? `The first ${record.alerts.length} of ${record.alert_count} alerts.` : "";
  return section(
    "Timeline",
    shown && el("p", { class: "quiet" }, shown),
    el("ol", { class: "timeline" }, entries.map((entry) =>
      el("li", { class: `tone-${entry.tone}` },
        el("p", { class: "quiet" }, dateAndTime(entry.at), ` · ${noteKinds[entry.kind] ?? capital(entry.kind)} · ${entry.who}`),
        el("p", {}, entry.text)))),
  );
}

function prettyRecord(text) {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}

function evidence(record) {
  if (!record.evidence.length) return section("Evidence", el("p", { class: "quiet" }, "None yet."));
  return section(
    "Evidence",
    record.evidence.map((item) => {
      const isSummary = (text) => text.startsWith('{"summary":{');
      const kept = item.records.filter((text) => !isSummary(text)).length;
      return el("details", { class: "evidence", id: `E${item.number}` },
        el("summary", {},
          el("span", { class: "evidence-number" }, `E${item.number}`),
          el("span", { class: "evidence-title" }, item.title),
          el("span", { class: "evidence-answer" }, item.answer)),
        el("dl", { class: "evidence-facts" },
          el("dt", {}, "Asked"), el("dd", {}, el("code", {}, item.query || item.title)),
          el("dt", {}, "Source"), el("dd", {}, item.source),
          el("dt", {}, "Window"), el("dd", {}, dateAndTime(item.from), " to ", dateAndTime(item.to)),
          el("dt", {}, "Looked at"), el("dd", {}, dateAndTime(item.taken)),
          el("dt", {}, "Matches"), el("dd", {}, `${item.total}${kept < item.total ? `, of which ${kept} are kept here` : ""}`)),
        item.records.map((text, index) =>
          el("details", { class: "record", open: index === 0 },
            el("summary", {}, isSummary(text) ? "Counts" : `Record ${index + 1} of ${kept}`),
            el("pre", { tabindex: "0", "aria-label": `Record ${index + 1} of evidence E${item.number}` }, prettyRecord(text)))));
    }),
  );
}

function entities(record) {
  const techniques = record.verdict?.techniques ?? [];
  if (!record.entities.length && !techniques.length) return undefined;
  return section(
    "Entities",
    el("ul", { class: "chips" },
      record.entities.map((entity) => el("li", {}, el("span", { class: "quiet" }, entity.type), " ", el("span", { class: "chip-value" }, entity.value))),
      techniques.map((id) => el("li", {}, el("span", { class: "quiet" }, "ATT&CK"), " ", id))),
  );
}

export class CasePage {
  // `run(command)` → promise; without it the page shows no buttons.
  constructor(id, { run, back }) {
    this.id = id;
    this.content = el("div", { class: "case-content" });
    this.press = new Press(this.content, () => this.refreshSoon());
    this.run = run && (async (command, button) => {
      button.setAttribute("aria-busy", "true");
      await run(command);
      button.removeAttribute("aria-busy");
      this.refreshSoon();
    });
    this.element = el("div", { class: "case-page" },
      el("nav", { class: "case-nav", "aria-label": "Back" }, el("a", { class: "link-button", href: back }, icon("back", 16), "Back to the channel")), this.content);
    replace(this.content, el("p", { class: "visually-hidden" }, "Loading…"), [0, 1, 2, 3].map(() => el("span", { class: "bone block", "aria-hidden": "true" })));
  }

  async load() {
    try {
      const record = await api.case(this.id);
      if (this.closed || this.press.down) return; // the release of what is pressed asks again
      this.draw(record);
    } catch (error) {
      if (this.closed || this.record) return;
      replace(this.content, el("div", { class: "notice" }, el("h2", { tabindex: "-1" }, error.status === 404 ? `There is no case ${this.id}` : "This case could not be loaded"),
        el("p", {}, error.status === 404 ? "Cases are written like C-12." : error.message),
        error.status !== 404 && el("button", { type: "button", class: "button", onclick: () => this.load() }, "Try again")));
    }
  }

  draw(record) {
    if (this.record && this.record.version === record.version) return;
    const open = new Set([...this.content.querySelectorAll("details[open][id]")].map((element) => element.id));
    const top = this.element.scrollTop;
    const first = !this.record;
    this.record = record;
    replace(this.content, header(record), progress(record),
      el("div", { class: "case-columns" },
        el("div", {}, verdictSections(record), actions(record, this.run), evidence(record)),
        el("div", {}, entities(record), timeline(record))));
    document.title = `${record.id} · Vedette`;
    if (first) {
      this.content.querySelector("h2").focus({ preventScroll: true });
      if (this.wanted) this.showEvidence(this.wanted);
    } else {
      for (const id of open) this.content.querySelector(`#${CSS.escape(id)}`)?.setAttribute("open", "");
      this.element.scrollTop = top;
    }
  }

  // Opens evidence "E4" and brings it into view.
  showEvidence(name) {
    this.wanted = name;
    const item = this.record && this.content.querySelector(`#${CSS.escape(name)}`);
    if (!item) return;
    item.open = true;
    item.scrollIntoView({ block: "start" });
    item.querySelector("summary").focus({ preventScroll: true });
  }

  // Many edits of one case come together; one look is enough.
  refreshSoon() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.load(), 300);
  }

  close() {
    this.closed = true;
    this.press.stop();
    clearTimeout(this.timer);
  }
}

export class CaseList {
  constructor() {
    this.rows = el("div", {});
    this.status = el("select", { id: "case-filter", onchange: () => this.load() },
      el("option", { value: "open" }, "Open"), el("option", { value: "" }, "All"), el("option", { value: "closed" }, "Closed"));
    this.element = el("div", { class: "case-page" },
      el("div", { class: "case-content" },
        el("header", { class: "list-header" }, el("label", { for: "case-filter" }, "Show ", this.status)),
        this.rows));
    replace(this.rows, [0, 1, 2, 3, 4].map(() => el("span", { class: "bone block", "aria-hidden": "true" })));
    document.title = "Cases · Vedette";
  }

  async load() {
    try {
      const answer = await api.cases({ status: this.status.value, limit: 100 });
      if (this.closed) return;
      const list = Array.isArray(answer) ? answer : answer.cases ?? [];
      replace(this.rows, list.length === 0
        ? el("div", { class: "notice empty" }, el("h2", {}, "No cases here"), el("p", {}, "Nothing is waiting for you."))
        : el("ul", { class: "case-list" }, list.map((record) => {
            const [label, tone] = record.verdict ? labels[record.verdict.label] ?? [record.verdict.label, "muted"] : ["Under investigation", "accent"];
            return el("li", {}, el("a", { href: `#/case/${record.id}` },
              el("span", { class: "pills" }, el("span", { class: "case-id" }, record.id), pill(capital(record.severity), severities[record.severity] ?? "muted"),
                pill(record.verdict ? `${label} ${record.verdict.confidence} %` : label, tone), record.status !== "open" && pill(capital(record.status), "plain"), record.snooze && pill("Snoozed", "plain")),
              el("span", { class: "case-title" }, record.verdict?.headline || record.title),
              el("span", { class: "quiet" }, `${record.owner || "no owner"} · ${age(record.created)}`)));
          })));
    } catch (error) {
      if (this.closed) return;
      replace(this.rows, el("div", { class: "notice" }, el("h2", {}, "The cases could not be loaded"), el("p", {}, error.message),
        el("button", { type: "button", class: "button", onclick: () => this.load() }, "Try again")));
    }
  }

  refreshSoon() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.load(), 600);
  }
  showEvidence() {}
  close() {
    this.closed = true;
    clearTimeout(this.timer);
  }
}
