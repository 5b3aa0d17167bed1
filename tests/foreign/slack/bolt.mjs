// A bot of some twenty lines, written with @slack/bolt as its guide says, against the fake Slack.

import assert from "node:assert/strict";
import bolt from "@slack/bolt";
import { acknowledged, appToken, control, eventually, holds, messages, slackApiUrl, state, token } from "./fake.mjs";

const channel = "C0SOC";
const user = "U0ANN";
const app = new bolt.App({token, appToken, socketMode: true, clientOptions: {slackApiUrl}, logLevel: bolt.LogLevel.ERROR});

app.event("app_mention", async ({event, say}) => {
  await say({
    thread_ts: event.ts,
    text: `hello <@${event.user}>`,
    blocks: [
      {type: "section", text: {type: "mrkdwn", text: `hello <@${event.user}>`}},
      {type: "actions", elements: [{type: "button", action_id: "approve", value: "approve R-1", text: {type: "plain_text", text: "Approve"}}]},
    ],
  });
});
app.command("/soc", async ({command, ack, respond}) => {
  await ack();
  await respond({response_type: "in_channel", text: `done: ${command.text}`});
});
app.action("approve", async ({ack, action, body, client, respond}) => {
  await ack();
  await client.chat.update({channel: body.channel.id, ts: body.message.ts, text: `pressed ${action.value}`});
  await respond({text: "thank you", replace_original: false});
});
app.message("ping", async ({say}) => say("pong"));
const failures = [];
app.error(async (error) => failures.push(error));

await app.start();
await eventually("a link", async () => (await state()).sockets === 1);
const find = (what, test) => eventually(what, async () => (await messages()).find(test));

const mention = await control("mention", {user, channel, text: "are you there"});
assert.deepEqual((await acknowledged(mention.handle)).ack.payload, {});
const hello = await find("an answer", (m) => m.text === `hello <@${user}>`);
const asked = (await messages()).find((m) => m.user === user);
assert.equal(hello.thread_ts, asked.ts);
holds("a mention is answered in its thread");

const slash = await control("slash", {user, channel, text: "list"});
await acknowledged(slash.handle);
const done = await find("the answer", (m) => m.text === "done: list");
assert.equal(done.only_for, "");
holds("a slash command is answered through its response_url");

const click = await control("click", {user, channel, ts: hello.ts, value: "approve R-1"});
await acknowledged(click.handle);
await find("the edit", (m) => m.ts === hello.ts && m.text === "pressed approve R-1" && m.blocks === null);
assert.equal((await find("thanks", (m) => m.text === "thank you")).only_for, user);
holds("a button edits its message and answers its presser");

const direct = await control("direct", {user, channel: "D0ANN", text: "ping"});
await acknowledged(direct.handle);
assert.equal((await find("pong", (m) => m.text === "pong")).channel, "D0ANN");
holds("a direct message is answered");
assert.deepEqual(failures, []);
await app.stop();
process.exit(0);
