// Microsoft's own client against the fake Teams: botframework-connector's ConnectorClient creates conversations, sends,
// replies, edits, deletes and asks for members. Where they disagree, the fake is wrong.
//   node connector.mjs URL TOKEN

import assert from "node:assert/strict";
import { ConnectorClient } from "botframework-connector";

const [url, token] = process.argv.slice(2);
const holds = (fact) => console.log(`holds: ${fact}`);
const world = async () => (await fetch(`${url}/test/world`)).json();
const { service_url: baseUri, bot, tenant, rooms, people } = await world();
const channel = rooms.find((room) => room.name === "alerts").id;
const group = rooms.find((room) => room.kind === "groupChat").id;
const ann = people.find((person) => person.name === "ann");
const message = async (id) => (await world()).messages.find((one) => one.id === id);

const bearer = (text) => ({
  async signRequest(request) {
    request.headers.set("authorization", `Bearer ${text}`);
    return request;
  },
});
const noRetries = {noRetryPolicy: true};
const client = new ConnectorClient(bearer(token), {baseUri, ...noRetries});
const { conversations } = client;
const text = (words) => ({type: "message", text: words});
const card = (words) => ({
  type: "message",
  attachments: [{contentType: "application/vnd.microsoft.card.adaptive", content: {
    type: "AdaptiveCard", version: "1.5", body: [{type: "TextBlock", text: words}]}}],
});
const refused = async (what, status, code) => assert.rejects(what, (error) => {
  assert.equal(error.statusCode, status);
  if (code) assert.equal(error.body?.error?.code ?? error.code, code);
  return true;
});

const thread = await conversations.createConversation({
  isGroup: true, channelData: {channel: {id: channel}}, activity: card("C-1"),
});
assert.match(thread.id, /^19:.*@thread\.tacv2;messageid=\d+$/);
assert.equal(thread._response.status, 201);
const root = thread.id.split("=")[1];
holds("a channel's thread is created with its first message");

const reply = await conversations.sendToConversation(thread.id, text("below"));
assert.match(reply.id, /^\d+$/);
assert.equal((await message(reply.id)).root, root);
const another = await conversations.replyToActivity(channel, root, text("below too"));
assert.equal((await message(another.id)).root, root);
holds("messages are sent into the thread and as replies to its first one");

for (const id of [thread.activityId, root]) {
  const edited = await conversations.updateActivity(thread.id, id, card(`C-1 ${id}`));
  assert.equal(edited.id, root);
  assert.equal((await message(root)).activity.attachments[0].content.body[0].text, `C-1 ${id}`);
}
holds("the first message is edited by the id that was told and by its number");

await conversations.deleteActivity(thread.id, reply.id);
assert.equal((await message(reply.id)).deleted, true);
await refused(conversations.updateActivity(thread.id, reply.id, text("x")), 404, "ActivityNotFoundInConversation");
holds("a deleted message cannot be edited");

const direct = await conversations.createConversation({
  isGroup: false, bot: {id: bot}, members: [{id: ann.address}], tenantId: tenant, channelData: {tenant: {id: tenant}},
});
assert.match(direct.id, /^a:/);
const again = await conversations.createConversation({bot: {id: bot}, members: [{id: ann.address}], tenantId: tenant});
assert.equal(again.id, direct.id);
await conversations.sendToConversation(direct.id, text("hello"));
holds("the conversation of two is the same each time");

const member = await conversations.getConversationMember(group, ann.object);
assert.equal(member.id, ann.address);
assert.equal(member.aadObjectId, ann.object);
const all = await conversations.getConversationMembers(channel);
assert.equal(all.length, 3);
const seen = new Set();
let continuationToken;
let pages = 0;
do {
  const page = await conversations.getConversationPagedMembers(group, {pageSize: 100, continuationToken});
  for (const one of page.members) seen.add(one.id);
  continuationToken = page.continuationToken;
  ++pages;
} while (continuationToken);
assert.equal(seen.size, 250);
assert.equal(pages, 3);
holds("members are told one by one, all at once and page by page");

const split = await conversations.sendToConversation(channel, {...card("x"), text: "beside it"});
assert.equal(split.id, undefined);
holds("a text beside a card gets no id");
await refused(conversations.sendToConversation(channel, text("x".repeat(60000))), 413, "MessageSizeTooBig");
await refused(conversations.sendToConversation("19:nowhere@thread.tacv2", text("x")), 404, "ConversationNotFound");
await refused(conversations.sendToConversation(channel, {type: "message"}), 400);
const stranger = new ConnectorClient(bearer("another-token"), {baseUri, ...noRetries});
await refused(stranger.conversations.sendToConversation(channel, text("x")), 401);
holds("refusals come as the client expects them");
process.exit(0);
