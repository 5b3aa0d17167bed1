// The live connection: messages as they come, and an honest word about being connected.
//
// The server says something at least every 20 seconds. Silence for longer than that means the line is dead even when the
// browser has not noticed. After every connect, and when the server says it had to skip something, "resync" asks the page to read again what it shows.

const silence = 45000;
const slowest = 15000;

export class Live extends EventTarget {
  constructor(person) {
    super();
    this.person = person;
    this.state = "connecting";
    this.attempts = 0;
    this.wanted = false;
    this.onVisible = () => {
      if (document.visibilityState === "visible") this.check();
    };
    this.onOnline = () => this.reconnectNow();
  }

  start() {
    this.wanted = true;
    document.addEventListener("visibilitychange", this.onVisible);
    window.addEventListener("online", this.onOnline);
    this.connect();
  }

  stop() {
    this.wanted = false;
    document.removeEventListener("visibilitychange", this.onVisible);
    window.removeEventListener("online", this.onOnline);
    clearTimeout(this.retryTimer);
    clearTimeout(this.silenceTimer);
    this.socket?.close();
  }

  reconnectNow() {
    if (!this.wanted || this.state === "connected") return;
    clearTimeout(this.retryTimer);
    this.connect();
  }

  // A phone that slept: timers stood still, so look at the clock.
  check() {
    if (this.state === "connected" && Date.now() - this.heard > silence) this.drop();
    else this.reconnectNow();
  }

  connect() {
    this.socket?.close();
    const scheme = location.protocol === "https:" ? "wss:" : "ws:";
    const socket = new WebSocket(`${scheme}//${location.host}/console/live?person=${encodeURIComponent(this.person)}`);
    this.socket = socket;
    this.watch();
    socket.addEventListener("message", (event) => {
      if (socket !== this.socket) return;
      this.watch();
      let message;
      try {
        message = JSON.parse(event.data);
      } catch {
        return;
      }
      if (message.type === "hello") this.connected();
      else if (message.type !== "heartbeat") this.dispatchEvent(new CustomEvent(message.type, { detail: message }));
    });
    socket.addEventListener("close", (event) => {
      if (socket !== this.socket || !this.wanted) return;
      if (event.code === 4401) this.dispatchEvent(new CustomEvent("signed-out"));
      else this.lost();
    });
  }

  connected() {
    this.attempts = 0;
    this.become("connected");
    // The first time too: what was said between the page's first look and this moment came to nobody.
    this.dispatchEvent(new CustomEvent("resync"));
  }

  watch() {
    this.heard = Date.now();
    clearTimeout(this.silenceTimer);
    this.silenceTimer = setTimeout(() => this.drop(), silence);
  }

  drop() {
    const socket = this.socket;
    this.socket = undefined;
    socket?.close();
    if (this.wanted) this.lost();
  }

  lost() {
    clearTimeout(this.silenceTimer);
    this.become("reconnecting");
    this.attempts += 1;
    const wait = Math.min(slowest, 500 * 2 ** Math.min(this.attempts, 6)) * (0.6 + 0.4 * Math.random());
    clearTimeout(this.retryTimer);
    this.retryTimer = setTimeout(() => this.connect(), wait);
  }

  become(state) {
    if (this.state === state) return;
    this.state = state;
    this.dispatchEvent(new CustomEvent("state", { detail: state }));
  }
}
