// What the scripts in this folder share: the address of the fake Slack, its control interface, and a way to wait.
// Every script takes the address as its only argument, prints one line for each fact it found to hold, and ends with 0.

import assert from "node:assert/strict";

export const fake = process.argv[2];
assert(fake, "usage: node SCRIPT.mjs http://127.0.0.1:PORT");
export const slackApiUrl = `${fake}/api/`;
export const appToken = "xapp-fake-app-token";
export const token = "xoxb-fake-bot-token";

// POST /_control/WHAT; the answer. See fake_slack.cpp.
export async function control(what, body = {}) {
  const response = await fetch(`${fake}/_control/${what}`, {method: "POST", body: JSON.stringify(body)});
  const answer = await response.json();
  assert(answer.ok, `${what}: ${JSON.stringify(answer)}`);
  return answer;
}

export const state = () => control("state");
export const messages = async () => (await control("log")).messages;

// The acknowledgement of an envelope that the fake sent, parsed.
export async function acknowledged(handle, wait_ms = 5000) {
  const answer = await control("ack", {handle, wait_ms});
  assert(answer.acked, `envelope ${handle} was not acknowledged: ${JSON.stringify(answer)}`);
  return {...answer, ack: JSON.parse(answer.ack)};
}

export async function eventually(what, condition, at_most_ms = 15_000) {
  const until = Date.now() + at_most_ms;
  for (;;) {
    const found = await condition();
    if (found) return found;
    if (Date.now() > until) assert.fail(`did not come about: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

export function holds(fact) {
  console.log(`holds: ${fact}`);
}

// A client that waits for ever must not hang the test.
setTimeout(() => {
  console.error("out of time");
  process.exit(3);
}, 100_000).unref();
