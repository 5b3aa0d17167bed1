// hyco-https, Microsoft's own listener for Azure Relay, on the fake relay: it listens with a signature and serves small, large
// and chunked requests with small and large answers. Usage: node relay.mjs http://127.0.0.1:PORT

import assert from "node:assert/strict";
import http from "node:http";
import {createRequire} from "node:module";

const relay = createRequire(import.meta.url)("hyco-https");
const fake = process.argv[2];
assert(fake, "usage: node relay.mjs http://127.0.0.1:PORT");
const listen = `${fake.replace("http", "ws")}/$hc/vedette?sb-hc-action=listen`;
const rule = "listener";
const key = "bGlzdGVuZXIta2V5LW9mLXRoZS10ZXN0cw==";

const holds = (fact) => console.log(`holds: ${fact}`);

// A sender that knows nothing of the relay.
function send(body, {method = "POST", path = "/vedette/api/messages", headers = {}, chunked = false} = {}) {
  return new Promise((resolve, reject) => {
    const length = chunked ? {} : {"Content-Length": Buffer.byteLength(body)};
    const request = http.request(`${fake}${path}`, {method, headers: {...length, ...headers}}, (response) => {
      const parts = [];
      response.on("data", (part) => parts.push(part));
      response.on("end", () => resolve({status: response.statusCode, headers: response.headers, body: Buffer.concat(parts).toString()}));
    });
    request.on("error", reject);
    request.setTimeout(10_000, () => request.destroy(new Error("no answer")));
    if (chunked) request.write(body.slice(0, body.length / 2));
    request.end(chunked ? body.slice(body.length / 2) : body);
  });
}

async function listening(options) {
  const seen = [];
  const server = relay.createRelayedServer({server: listen, ...options}, (request, response) => {
    const parts = [];
    request.on("data", (part) => parts.push(part));
    request.on("end", () => {
      const body = Buffer.concat(parts).toString();
      seen.push({method: request.method, url: request.url, headers: request.headers, body});
      response.setHeader("Content-Type", "application/json");
      response.statusCode = body === "teapot" ? 418 : 200;
      if (body.startsWith("large answer")) response.end("y".repeat(200_000));
      else response.end(JSON.stringify({length: body.length}));
    });
  });
  const outcome = await new Promise((resolve) => {
    server.on("error", (error) => resolve(String(error.message ?? error)));
    server.on("listening", () => resolve("listening"));
    server.listen();
  });
  return {server, seen, outcome};
}

const nobody = await send("{}");
assert.equal(nobody.status, 502);
holds("without a listener the answer is 502");

const stranger = await listening({token: relay.createRelayToken(`${fake}/vedette`, rule, "another key")});
assert.match(stranger.outcome, /401/);
stranger.server.close();
holds("a signature with another key is refused with 401");

const {server, seen, outcome} = await listening({token: () => relay.createRelayToken(`${fake}/vedette`, rule, key)});
assert.equal(outcome, "listening");
holds("a signature made by hyco-https is taken");

const small = await send("{\"type\":\"message\"}", {path: "/vedette/api/messages?a=b&sb-hc-token=x", headers: {Authorization: "Bearer abc", ServiceBusAuthorization: "stripped"}});
assert.deepEqual([small.status, small.body], [200, "{\"length\":18}"]);
assert.equal(small.headers["content-type"], "application/json");
assert.equal(seen.at(-1).body, "{\"type\":\"message\"}");
assert.equal(seen.at(-1).method, "POST");
assert.equal(seen.at(-1).url, "/vedette/api/messages?a=b");
assert.equal(seen.at(-1).headers.authorization, "Bearer abc");
assert.equal(seen.at(-1).headers.servicebusauthorization, undefined);
assert.equal(seen.at(-1).headers["content-length"], undefined);
holds("a small request comes with its body, headers and target, without what is the relay's own");

const empty = await send("", {method: "GET"});
assert.deepEqual([empty.status, seen.at(-1).method, seen.at(-1).body], [200, "GET", ""]);
holds("a request without a body");

assert.equal((await send("teapot")).status, 418);
holds("the status of the answer is the listener's");

const large = await send("x".repeat(300_000));
assert.deepEqual([large.status, large.body], [200, "{\"length\":300000}"]);
holds("a large request is fetched and answered over the rendezvous");

const chunked = await send("in two pieces", {chunked: true});
assert.deepEqual([chunked.status, chunked.body], [200, "{\"length\":13}"]);
assert.equal(seen.at(-1).body, "in two pieces");
holds("a chunked request is fetched over the rendezvous");

const answered = await send("large answer");
assert.equal(answered.status, 200);
assert.equal(answered.body.length, 200_000);
holds("a large answer to a small request comes over the rendezvous");

const many = await Promise.all(Array.from({length: 40}, (_, n) => send("z".repeat(n))));
assert.deepEqual(many.map((each) => each.body), Array.from({length: 40}, (_, n) => `{"length":${n}}`));
holds("forty requests side by side get each its own answer");

server.close();
setTimeout(() => process.exit(0), 50);
