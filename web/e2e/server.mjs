// Starts the demo company as a user would, and ends it.
import { spawn } from "node:child_process";
import assert from "node:assert/strict";

// Fast, yet slow enough to see an investigation at work.
const speed = "6";

export class Server {
  constructor(program, folder) {
    this.program = program;
    this.folder = folder;
    this.listen = "127.0.0.1:0";
  }

  // Resolves with {origin, token} once the program has printed them.
  start() {
    this.child = spawn(this.program, ["demo", "--listen", this.listen, "--speed", speed, "--data", this.folder], { stdio: ["ignore", "pipe", "pipe"] });
    this.ended = new Promise((resolve) => this.child.on("exit", (code, signal) => resolve(signal ?? code)));
    let output = "";
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`no address within 60 s; the program said:\n${output}`)), 60000);
      const look = (bytes) => {
        output = (output + bytes).slice(-20000);
        const address = /https?:\/\/127\.0\.0\.1:\d+/.exec(output);
        const token = /token=([A-Za-z0-9_-]+)/.exec(output);
        if (!address || !token) return;
        clearTimeout(timer);
        this.origin = address[0];
        this.listen = new URL(this.origin).host; // the same address when started again
        resolve({ origin: this.origin, token: token[1] });
      };
      this.child.stdout.on("data", look);
      this.child.stderr.on("data", (bytes) => {
        output = (output + bytes).slice(-20000);
      });
      this.child.on("error", reject);
      this.ended.then((how) => reject(new Error(`the program ended (${how}); it said:\n${output}`)));
    });
  }

  async kill() {
    this.child?.kill("SIGKILL");
    await this.ended;
  }

  // The orderly way, which must not take long.
  async stop() {
    if (!this.child || this.child.exitCode !== null || this.child.signalCode !== null) return;
    this.child.kill("SIGTERM");
    const how = await Promise.race([this.ended, new Promise((resolve) => setTimeout(resolve, 10000, "still running after 10 s"))]);
    if (how !== 0) this.child.kill("SIGKILL");
    assert.equal(how, 0, "the program ends in order");
  }
}
