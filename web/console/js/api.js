// Requests to Vedette. Every request says which person the page believes it is: another tab may have signed in as somebody
// else since, and nobody may approve something in a colleague's name by accident.

export class ApiError extends Error {
  constructor(status, title, detail, retryAfter) {
    super(detail || title);
    this.status = status;
    this.retryAfter = retryAfter;
  }
}

let person = "";
let onSessionLost = () => {};

export function setPerson(id) {
  person = id;
}
export function whenSessionIsLost(callback) {
  onSessionLost = callback;
}

async function request(method, path, body, { expectSession = true, wait = 20000 } = {}) {
  const headers = { "X-Vedette": "1", Accept: "application/json" };
  if (person) headers["X-Vedette-Person"] = person;
  if (body !== undefined) headers["Content-Type"] = "application/json";
  let response;
  try {
    response = await fetch(path, {
      method,
      headers,
      body: body === undefined ? undefined : JSON.stringify(body),
      credentials: "same-origin",
      cache: "no-store",
      signal: AbortSignal.timeout(wait),
    });
  } catch {
    throw new ApiError(0, "Vedette cannot be reached", "Vedette cannot be reached. What you typed is kept.");
  }
  const text = await response.text().catch(() => "");
  let answer = {};
  try {
    answer = text ? JSON.parse(text) : {};
  } catch {
    // A proxy's own error page, perhaps. The status says enough.
  }
  if (response.ok) return answer;
  if (expectSession && (response.status === 401 || (response.status === 409 && answer.type === "urn:vedette:other-person"))) {
    onSessionLost();
  }
  const after = Number.parseInt(response.headers.get("Retry-After") ?? "", 10);
  throw new ApiError(
    response.status,
    answer.title ?? `Answer ${response.status}`,
    answer.detail ?? answer.title ?? `The server answered ${response.status}.`,
    Number.isFinite(after) ? after : undefined,
  );
}

const query = (values) =>
  new URLSearchParams(Object.entries(values).filter(([, value]) => value !== undefined && value !== "")).toString();

export const api = {
  me: () => request("GET", "/console/api/me", undefined, { expectSession: false }),
  signIn: (token, who) => request("POST", "/console/api/session", { token, person: who }, { expectSession: false }),
  switchTo: (who) => request("POST", "/console/api/session", { person: who }),
  signOut: () => request("POST", "/console/api/sign-out", {}),
  channels: () => request("GET", "/console/api/channels"),
  messages: (channel, before) => request("GET", `/console/api/messages?${query({ channel, before })}`),
  thread: (channel, root) => request("GET", `/console/api/thread?${query({ channel, root })}`),
  complete: (text, channel, thread) => request("GET", `/console/api/complete?${query({ text, channel, thread })}`, undefined, { wait: 4000 }),
  interact: (interaction) => request("POST", "/console/api/interact", interaction),
  case: (id) => request("GET", `/v1/cases/${encodeURIComponent(id)}`),
  cases: (filter) => request("GET", `/v1/cases?${query(filter)}`),
};

// A name for one thing a person did: repeated with the same key, it still happens once.
export function newKey() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}
