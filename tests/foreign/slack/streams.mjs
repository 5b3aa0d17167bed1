// @slack/web-api's streams, and the methods around agent sessions, against the fake Slack.

import assert from "node:assert/strict";
import { ErrorCode, LogLevel, WebClient } from "@slack/web-api";
import { holds, messages, slackApiUrl, token } from "./fake.mjs";

const channel = "C0SOC";
const slack = new WebClient(token, {slackApiUrl, logLevel: LogLevel.ERROR});
const refused = (name) => (error) => error.code === ErrorCode.PlatformError && error.data.error === name;
const block = (text) => ({type: "section", text: {type: "plain_text", text}});
const stored = async (ts) => (await messages()).find((message) => message.ts === ts);

const question = await slack.chat.postMessage({channel, text: "why C-1"});
const asker = {channel, thread_ts: question.ts, recipient_user_id: "U0ANN", recipient_team_id: "T0FAKE"};
const begun = await slack.chat.startStream({...asker, chunks: [{type: "blocks", blocks: [block("one")]}]});
assert(begun.ok && begun.channel === channel && begun.ts);
await assert.rejects(slack.chat.update({channel, ts: begun.ts, text: "too early"}), refused("streaming_state_conflict"));
assert((await slack.chat.appendStream({channel, ts: begun.ts, chunks: [{type: "blocks", blocks: [block("two")]}]})).ok);
const metadata = {event_type: "vedette", event_payload: {key: "answer/1"}};
const ended = await slack.chat.stopStream({channel, ts: begun.ts, metadata});
assert(ended.ok && ended.ts === begun.ts);
const whole = await stored(begun.ts);
assert.deepEqual(whole.blocks.map((item) => item.text.text), ["one", "two"]);
assert.equal(whole.thread_ts, question.ts);
assert.deepEqual(whole.metadata, metadata);
await assert.rejects(slack.chat.appendStream({channel, ts: begun.ts, markdown_text: "x"}), refused("message_not_in_streaming_state"));
await assert.rejects(slack.chat.stopStream({channel, ts: begun.ts}), refused("message_not_in_streaming_state"));
assert((await slack.chat.update({channel, ts: begun.ts, text: "edited"})).ok);
holds("a stream is begun, continued and ended once; edits wait for its end");

await assert.rejects(slack.chat.startStream({...asker, recipient_user_id: ""}), refused("missing_recipient_user_id"));
await assert.rejects(slack.chat.startStream({...asker, recipient_team_id: ""}), refused("missing_recipient_team_id"));
await assert.rejects(slack.chat.startStream({...asker, chunks: [{type: "poem"}]}), refused("invalid_chunks"));
holds("a stream in a channel names who asked, and only chunks that Slack knows");

const streamer = slack.chatStream({...asker, buffer_size: 10});
await streamer.append({markdown_text: "from the client's "});
await streamer.append({markdown_text: "own helper"});
const helped = await streamer.stop();
assert.equal((await stored(helped.ts)).blocks.map((item) => item.text).join(""), "from the client's own helper");
holds("the client's own streamer works");

const thread = {channel_id: channel, thread_ts: question.ts};
for (const status of ["processing", "suspended", "active", "closed"]) {
  assert((await slack.apiCall("agents.sessions.setStatus", {...thread, status})).ok);
}
await assert.rejects(slack.apiCall("agents.sessions.setStatus", {...thread, status: "busy"}), refused("invalid_status"));
const prompts = [{title: "What is open?", message: "list open"}];
assert((await slack.apiCall("assistant.threads.setSuggestedPrompts", {channel_id: "D0ANN", prompts})).ok);
await assert.rejects(slack.apiCall("assistant.threads.setSuggestedPrompts", {channel_id: "D0ANN", prompts: Array(5).fill(prompts[0])}),
                     refused("invalid_prompts"));
holds("the status of a session and suggested prompts are taken");
