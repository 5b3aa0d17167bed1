// @microsoft/signalr, Microsoft's own client, against the fake Socket Mode service: the ticket, the negotiation with its
// redirects, SocketReady, activities answered by client results, closes, silence, refused tokens. Where it disagrees with
// the fake, the fake is wrong. Takes the address of a running fake_teams_socket (--token bot-token --ping 300) and prints one
// line for each fact it found to hold.

import assert from "node:assert/strict";
import * as signalR from "@microsoft/signalr";

const fake = process.argv[2];
assert(fake, "usage: node socket.mjs http://127.0.0.1:PORT");
const appId = "aabdbd62-bc97-4afb-83ee-575594577de5";

async function control(what, body = {}) {
  const response = await fetch(`${fake}/_control/${what}`, {method: "POST", body: JSON.stringify(body)});
  const answer = await response.json();
  assert(answer.ok, `${what}: ${JSON.stringify(answer)}`);
  return answer;
}
const state = () => control("state");
const holds = (fact) => console.log(`holds: ${fact}`);

async function eventually(what, condition, at_most_ms = 10_000) {
  const until = Date.now() + at_most_ms;
  for (;;) {
    const found = await condition();
    if (found) return found;
    assert(Date.now() < until, `did not come about: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

setTimeout(() => {
  console.error("out of time");
  process.exit(3);
}, 100_000).unref();

async function ticket(geo, token = "bot-token") {
  const response = await fetch(`${fake}/${geo}/v3/websockets/connect`,
      {method: "POST", headers: {Authorization: `Bearer ${token}`}});
  return {status: response.status, body: response.status === 200 ? await response.json() : null};
}

// A bot in a few lines. Each activity is answered with what `answer` makes of it.
async function bot(geo, {answer = () => ({}), reconnect = false, serverTimeout = 5000} = {}) {
  const {body} = await ticket(geo);
  const builder = new signalR.HubConnectionBuilder()
      .withUrl(body.url, {accessTokenFactory: () => body.accessToken, transport: signalR.HttpTransportType.WebSockets})
      .configureLogging(signalR.LogLevel.None);
  if (reconnect) builder.withAutomaticReconnect([0, 100, 200]);
  const connection = builder.build();
  connection.serverTimeoutInMilliseconds = serverTimeout;
  connection.keepAliveIntervalInMilliseconds = 300;
  const seen = {ready: [], envelopes: [], closed: null};
  connection.on("SocketReady", (frame) => { seen.ready.push(frame); });
  connection.on("Activity", (envelope) => {
    const recvAt = Date.now();
    seen.envelopes.push(envelope);
    const id = envelope.envelopeId ?? envelope.EnvelopeId;
    return {protocolVersion: 1, envelopeId: id, botKey: appId, status: 200, recvAt, ts: Date.now(), ...answer(envelope)};
  });
  connection.onclose((error) => { seen.closed = error ?? "without an error"; });
  await connection.start();
  await eventually("SocketReady", () => seen.ready.length === 1);
  return {connection, seen};
}

async function answered(geo, activity, changes = {}) {
  const {handle} = await control("send", {geo, activity, changes});
  const answer = await control("answer", {handle});
  assert(answer.answered, `nobody answered ${JSON.stringify(activity)}`);
  return answer;
}

const unauthorised = await ticket("amer", "another-token");
assert.equal(unauthorised.status, 401);
assert.equal((await ticket("mars")).status, 404);
const given = (await ticket("amer")).body;
assert.equal(given.expiresIn, 3600);
holds("the service gives tickets to the bot alone");

for (const [url, token] of [[given.url, "wrong"], [given.url.replace("amer", "emea"), given.accessToken]]) {
  const stranger = new signalR.HubConnectionBuilder()
      .withUrl(url, {accessTokenFactory: () => token}).configureLogging(signalR.LogLevel.None).build();
  await assert.rejects(stranger.start());
}
holds("a wrong token, and one for another hub, negotiate nothing");

// The misuse just now is in the list; from here on there must be no more.
const before = (await state()).complaints.length;

let {connection, seen} = await bot("amer", {answer: (envelope) =>
  (envelope.type ?? envelope.Type) === "invoke" ? {body: {statusCode: 200, value: "Approved"}} : {}});
assert.equal(seen.ready[0].botKey, appId);
assert.equal((await state()).sockets.amer, 1);
holds("SocketReady comes after the handshake");

const message = {type: "message", id: "1", text: "hello \u001e there"};
const taken = await answered("amer", message);
assert.equal(taken.result.status, 200);
assert(!("body" in taken.result));
assert.deepEqual(seen.envelopes.at(-1).payload, message);
assert.equal(seen.envelopes.at(-1).ackRequired, true);
assert.equal(seen.envelopes.at(-1).deadlineMs, 15000);
holds("a message is answered by a client result");

const invoke = await answered("amer", {type: "invoke", id: "2", name: "adaptiveCard/action"});
assert.equal(invoke.result.body.value, "Approved");
holds("an invoke is answered with a body");

// Not split: this client wants every WebSocket message to end with a whole frame.
await control("shape", {coalesced: true});
await answered("amer", {type: "message", id: "3", text: "x".repeat(5000)});
assert.equal(seen.envelopes.at(-1).payload.text.length, 5000);
await control("shape", {pascal: true});
await answered("amer", {type: "invoke", id: "4"});
assert.equal(seen.envelopes.at(-1).Payload.id, "4");
assert.equal(seen.envelopes.at(-1).DeadlineMs, 15000);
await control("shape", {activity: true});
await answered("amer", {type: "message", id: "5"});
assert.equal(seen.envelopes.at(-1).activity.id, "5");
await control("shape", {});
holds("frames may be coalesced, in PascalCase, and hold the activity elsewhere");

await Promise.all([...Array(50).keys()].map((n) => answered("amer", {type: "message", id: `many-${n}`})));
holds("fifty calls at once are told apart");

await control("socket", {geo: "amer", action: "call", target: "NoSuchMethod"});
await eventually("an answer to an unknown method", async () => (await state()).calls_answered === 1);
holds("a client that lacks a method says so with an error");

const {pings} = await state();
await new Promise((resolve) => setTimeout(resolve, 1500));
assert.equal(seen.closed, null, "the fake's pings keep the connection up");
assert((await state()).pings > pings, "the client pings too");
holds("both sides ping");

await control("socket", {geo: "amer", action: "close", error: "The server is shutting down."});
await eventually("the end after a close frame", () => seen.closed !== null);
assert.match(String(seen.closed), /shutting down/);
holds("a close frame ends the connection, with its words");

({connection, seen} = await bot("apac", {reconnect: true}));
// An access token is good for many connections until it expires, a connection token for one.
await control("socket", {geo: "apac", action: "close", error: "move on", reconnect: true});
await eventually("ready again", () => seen.ready.length === 2);
await control("socket", {geo: "apac", action: "kill"});
await eventually("ready once more", () => seen.ready.length === 3);
await answered("apac", {type: "message", id: "6"});
await connection.stop();
await eventually("gone", async () => (await state()).sockets.apac === 0);
holds("a client that reconnects by itself is taken again, and may leave");

({connection, seen} = await bot("emea", {serverTimeout: 800}));
await control("socket", {geo: "emea", action: "hush"});
await eventually("the end of a silent connection", () => seen.closed !== null);
assert.match(String(seen.closed), /timeout/i);
holds("a silent peer is noticed");

await control("fault", {step: "negotiate", kind: "redirect", times: 4, geo: "emea"});
({connection, seen} = await bot("emea"));
await answered("emea", {type: "message", id: "7"});
await connection.stop();
holds("redirects are followed, each with its own token");

for (const [step, kind] of [["negotiate", "error"], ["negotiate", "no_websocket"], ["negotiate", "503"],
                            ["upgrade", "503"], ["handshake", "refuse"]]) {
  await control("fault", {step, kind, geo: "emea"});
  await assert.rejects(bot("emea"), `${step} ${kind}`);
}
holds("refusals are refusals to Microsoft's client too");

const {complaints} = await state();
assert.deepEqual(complaints.slice(before), []);
holds("the fake has nothing against Microsoft's client");
process.exit(0);
