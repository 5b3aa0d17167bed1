// @slack/web-api against the fake Slack: messages with blocks, pages, errors, and the wait that 429 asks for.

import assert from "node:assert/strict";
import { ErrorCode, LogLevel, WebClient } from "@slack/web-api";
import { control, holds, messages, slackApiUrl, state, token } from "./fake.mjs";

const channel = "C0SOC";
const slack = new WebClient(token, {slackApiUrl, logLevel: LogLevel.ERROR});
const blocks = (text) => [
  {type: "header", text: {type: "plain_text", text: "A case"}},
  {type: "section", text: {type: "mrkdwn", text}},
  {type: "actions", elements: [{type: "button", action_id: "ack", value: "ack C-1", text: {type: "plain_text", text: "Ack"}}]},
];
const platformError = (name) => (error) => error.code === ErrorCode.PlatformError && error.data.error === name;

const self = await slack.auth.test();
assert(self.ok && self.user_id && self.bot_id && self.team_id);
holds("auth.test says who the bot is");

const metadata = {event_type: "vedette", event_payload: {key: "case/1/root"}};
const root = await slack.chat.postMessage({channel, text: "first", blocks: blocks("*first* & <more>"), metadata});
assert(root.ok && root.channel === channel && /^\d{10}\.\d{6}$/.test(root.ts) && root.message.ts === root.ts);
assert.equal(root.message.text, "first");
assert.equal(root.message.bot_id, self.bot_id);
const reply = await slack.chat.postMessage({channel, thread_ts: root.ts, text: "in the thread"});
assert.equal(reply.message.thread_ts, root.ts);
const edited = await slack.chat.update({channel, ts: root.ts, text: "second", blocks: blocks("second")});
assert(edited.ok && edited.ts === root.ts && edited.text === "second");
const secret = await slack.chat.postEphemeral({channel, user: "U0ANN", text: "for you", blocks: blocks("for you")});
assert(secret.ok && secret.message_ts);
const kept = await messages();
assert.deepEqual(kept.map((m) => [m.text, m.thread_ts, m.only_for, m.edits]),
                 [["second", "", "", 1], ["in the thread", root.ts, "", 0], ["for you", "", "U0ANN", 0]]);
assert.equal(kept[0].blocks[1].text.text, "second");
assert.deepEqual(kept[0].metadata, metadata);
holds("chat.postMessage, chat.update and chat.postEphemeral take blocks and metadata");

for (let n = 0; n < 7; ++n) await slack.chat.postMessage({channel, thread_ts: root.ts, text: `reply ${n}`});
const seen = [];
for await (const page of slack.paginate("conversations.replies", {channel, ts: root.ts, limit: 3, include_all_metadata: true})) {
  seen.push(...page.messages);
}
assert.equal(seen.length, 9);
assert.deepEqual(seen[0].metadata, metadata);
assert.equal(new Set(seen.map((m) => m.ts)).size, 9);
const history = await slack.conversations.history({channel, limit: 1});
assert.equal(history.messages[0].ts, root.ts);
holds("conversations.history and replies come in pages that the client can follow");

const person = await slack.users.info({user: "U0ANN"});
assert(person.ok && person.user.id === "U0ANN" && person.user.deleted === false);
await assert.rejects(slack.users.info({user: ""}), platformError("user_not_found"));
await assert.rejects(new WebClient("xoxb-wrong", {slackApiUrl, logLevel: LogLevel.ERROR}).auth.test(), platformError("invalid_auth"));
await assert.rejects(new WebClient(undefined, {slackApiUrl, logLevel: LogLevel.ERROR}).auth.test(), platformError("not_authed"));
await assert.rejects(slack.apiCall("chat.nothing"), platformError("unknown_method"));
await assert.rejects(slack.chat.update({channel, ts: "1.000001", text: "x"}), platformError("message_not_found"));
await assert.rejects(slack.chat.postMessage({channel: "X1", text: "x"}), platformError("channel_not_found"));
await assert.rejects(slack.chat.postMessage({channel}), platformError("no_text"));
await assert.rejects(
    slack.chat.postMessage({channel, text: "x", blocks: [{type: "header", text: {type: "plain_text", text: "x".repeat(151)}}]}),
    (error) => platformError("invalid_blocks")(error) && error.data.response_metadata.messages.length > 0);
holds("errors arrive as the client expects them: ok:false with a name, and what is wrong with blocks");

await control("fault", {method: "chat.postMessage", kind: "429", times: 2, retry_after: 1});
const waits = [];
slack.on("rate_limited", (seconds, {url}) => waits.push([seconds, url]));
const before = (await state()).calls["chat.postMessage"];
const began = Date.now();
const late = await slack.chat.postMessage({channel, text: "after the storm"});
assert(late.ok);
assert(Date.now() - began >= 2000, "the client did not wait");
assert.equal((await state()).calls["chat.postMessage"] - before, 3);
assert.deepEqual(waits.map(([seconds]) => seconds), [1, 1]);
assert.equal((await messages()).filter((m) => m.text === "after the storm").length, 1);
await control("limit", {method: "chat.postMessage", calls: 3, window_ms: 1000});
const burst = (await state()).calls["chat.postMessage"];
for (let n = 0; n < 7; ++n) await slack.chat.postMessage({channel, text: `one of many ${n}`});
await control("limit", {method: "chat.postMessage", calls: 1000, window_ms: 1000});
const many = (await messages()).filter((m) => m.text.startsWith("one of many"));
assert.deepEqual(many.map((m) => m.text.at(-1)).join(""), "0123456");
assert((await state()).calls["chat.postMessage"] - burst > 7, "nothing was refused");
assert.equal((await state()).impatient, 0, "the client waits as long as it is told, and the fake counts that right");
holds("a method's limit refuses what is beyond it, stores none of that, and lets the rest in later");
const strict = new WebClient(token, {slackApiUrl, logLevel: LogLevel.ERROR, rejectRateLimitedCalls: true});
await control("fault", {method: "chat.postMessage", kind: "429", times: 1, retry_after: 7});
await assert.rejects(strict.chat.postMessage({channel, text: "x"}),
                     (error) => error.code === ErrorCode.RateLimitedError && error.retryAfter === 7);
holds("429 with Retry-After is honoured");

const quick = new WebClient(token, {slackApiUrl, logLevel: LogLevel.ERROR, retryConfig: {retries: 1, minTimeout: 1, maxTimeout: 1}});
await control("fault", {method: "auth.test", kind: "500", times: 1});
assert((await quick.auth.test()).ok);
await control("fault", {method: "chat.postMessage", kind: "store_then_500", times: 1});
await quick.chat.postMessage({channel, text: "twice"});
assert.equal((await messages()).filter((m) => m.text === "twice").length, 2);
holds('after "stored but the reply was lost" this client posts twice, as it does with Slack');

// The upload flow as this client does it, with multipart bytes and again with a thread.
const text = "E1 · 412 records\n".repeat(20);
const uploaded = await slack.filesUploadV2({channel_id: channel, thread_ts: root.ts, filename: "C-1-evidence.txt", title: "Evidence", content: text});
assert(uploaded.ok);
const {files} = await control("files", {});
assert.deepEqual(files.map((f) => [f.name, f.title, f.shared]), [["C-1-evidence.txt", "Evidence", true]]);
assert.equal(files[0].content, text);
const thread = await slack.conversations.replies({channel, ts: root.ts, limit: 100});
assert.equal(thread.messages.filter((m) => m.files?.[0]?.name === "C-1-evidence.txt").length, 1);
await assert.rejects(slack.files.completeUploadExternal({channel_id: channel, files: [{id: "F404"}]}), platformError("file_not_found"));
await assert.rejects(slack.files.getUploadURLExternal({filename: "x.txt", length: 0}), platformError("missing_argument"));
const short = await slack.files.getUploadURLExternal({filename: "x.txt", length: 5});
assert.equal((await fetch(short.upload_url, {method: "POST", body: "1234"})).status, 400);
assert.equal((await fetch(short.upload_url, {method: "POST", body: "12345"})).status, 200);
holds("files.getUploadURLExternal, the upload and files.completeUploadExternal work as the client's filesUploadV2 uses them");

const newer = [
  {type: "plan", title: "Investigating", tasks: [{type: "task_card", task_id: "1", title: "Read the alert", status: "complete"}]},
  {type: "data_table", caption: "Cases", rows: [[{type: "raw_text", text: "Records"}], [{type: "raw_number", value: 7, text: "7"}]]},
  {type: "container", title: {type: "plain_text", text: "E1"}, is_collapsible: true, default_collapsed: true,
   child_blocks: [{type: "section", text: {type: "plain_text", text: "a record"}}]},
];
assert((await slack.chat.postMessage({channel, text: "newer", blocks: newer})).ok);
for (const broken of [{...newer[0], title: ""}, {...newer[1], caption: undefined}, {...newer[2], child_blocks: []}]) {
  await assert.rejects(slack.chat.postMessage({channel, text: "x", blocks: [broken]}), platformError("invalid_blocks"));
}
holds("plan, data_table and container are taken when they are well-formed");
