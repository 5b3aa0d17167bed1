// The console end to end: two people, two browsers, the demo company.
//   node console.mjs --vedette PROGRAM --data FOLDER --artefacts FOLDER
import assert from "node:assert/strict";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { assertAccessible, launch, openPage, until } from "./page.mjs";
import { Server } from "./server.mjs";

const { values: options } = parseArgs({ options: { vedette: { type: "string" }, data: { type: "string" }, artefacts: { type: "string" } } });
mkdirSync(options.artefacts, { recursive: true });
const picture = (page, name) => page.screenshot({ path: join(options.artefacts, `console-${name}.png`) });
const began = Date.now();
const step = (text) => console.log(`- ${((Date.now() - began) / 1000).toFixed(1)} s: ${text}`);

const server = new Server(options.vedette, options.data);
let browser;

const channelArticles = ".main article";
const threadArticles = ".thread-panel article";

async function signIn(page, origin, token, person) {
  await page.goto(`${origin}/#token=${token}`);
  await page.locator(".person-row", { hasText: person }).first().click();
  await page.locator(".command-box").first().waitFor();
  assert.equal(await page.evaluate(() => location.hash.includes("token")), false, "the token does not stay in the address");
}

async function say(page, where, text) {
  const box = page.locator(`${where} .command-box`);
  await box.fill(text);
  await box.press("Escape"); // the list of suggestions, if it came
  await box.press("Enter");
  await until(`"${text}" is sent`, async () => (await box.inputValue()) === "");
}

// The newest answer that only this person sees.
const privateAnswer = (page, where) => page.locator(`${where} article.private`).last();

async function waitForAnswer(page, where, before, what) {
  await until(what, async () => (await page.locator(`${where} article.private`).count()) > before);
  return privateAnswer(page, where);
}

async function ask(page, text) {
  const before = await page.locator(`${channelArticles}.private`).count();
  await say(page, ".main", text);
  return waitForAnswer(page, ".main", before, `an answer to "${text}"`);
}

async function checkCommands(page) {
  step("commands");
  const help = await ask(page, "/soc help");
  assert.match(await help.innerText(), /Only visible to you/);
  assert.match(await help.innerText(), /\bclose\b/);
  const list = await ask(page, "list open");
  assert.match(await list.innerText(), /C-\d+/);
  const one = await list.locator("option").last().getAttribute("value");
  await list.getByLabel("Show a case…").selectOption(one);
  const answers = await page.locator(`${channelArticles}.private`).count();
  await list.getByRole("button", { name: "Choose" }).click();
  const chosen = await waitForAnswer(page, ".main", answers, "the case that was chosen");
  assert.ok((await chosen.innerText()).includes(one), "the answer is about the chosen case");
  await chosen.getByRole("button", { name: "More" }).click();
  await chosen.getByRole("button", { name: "Timeline" }).click();
  await waitForAnswer(page, ".main", answers + 1, "the timeline from the menu");
  const why = await ask(page, "/soc why C-1");
  assert.match(await why.innerText(), /C-1/);
  const said = page.locator(`${channelArticles}.said`, { hasText: "/soc why C-1" });
  assert.equal(await said.count(), 1, "what was typed appears once");
}

async function checkCompletion(page) {
  step("completion");
  const box = page.locator(".main .command-box");
  await box.fill("li");
  const options = page.locator(".main [role=option]");
  await until("suggestions", async () => (await options.count()) > 0);
  assert.equal(await box.getAttribute("aria-expanded"), "true");
  assert.match(await box.getAttribute("aria-activedescendant"), /completions/);
  await picture(page, "completion");
  await box.press("Tab");
  assert.match(await box.inputValue(), /^list/);
  await box.fill("why C-");
  await until("cases are suggested", async () => /C-\d/.test((await options.first().textContent()) ?? ""));
  await box.press("ArrowDown");
  await box.press("Enter");
  assert.match(await box.inputValue(), /^why C-\d+$/, "Enter takes what was chosen and does not send it");
  await box.press("Escape");
  await box.fill("");
}

async function checkTextStaysText(page) {
  step("text stays text");
  const attack = '<img src=x onerror="alert(1)"> **bold** [here](http://evil.example/) <!channel>';
  await ask(page, attack);
  const said = page.locator(`${channelArticles}.said`, { hasText: "onerror" });
  assert.equal((await said.locator(".said-text").innerText()).trim(), attack);
  assert.equal(await page.locator("article :is(img:not([src='/icons/vedette.svg']), script, iframe, b, strong)").count(), 0);
  assert.equal(await page.locator('article a:not([href^="#/"])').count(), 0, "nothing links out of the console");
}

// Each case is investigated while one watches: the thread counts the questions up, and then has the verdict.
async function watchAnInvestigation(page) {
  step("an investigation, watched");
  const progress = page.locator(`${threadArticles}[data-slot$="/progress"]`);
  const watched = new Set();
  const end = Date.now() + 60000;
  while (Date.now() < end) {
    const slots = await page.locator(`${channelArticles}[data-slot$="/root"]`, { hasText: "Investigating" }).evaluateAll((all) => all.map((one) => one.dataset.slot));
    const slot = slots.find((one) => !watched.has(one));
    if (!slot) {
      await new Promise((resolve) => setTimeout(resolve, 50));
      continue;
    }
    watched.add(slot);
    await page.locator(`.main article[data-slot="${slot}"] .open-thread`).click();
    const seen = [];
    await until(`${slot} is investigated`, async () => {
      const words = (await progress.count()) > 0 ? (await progress.innerText()) : "";
      const [, done, all] = /Investigating · C-\d+ · (\d+) of (\d+)/.exec(words) ?? [];
      if (done !== undefined && seen.at(-1)?.done !== Number(done)) {
        seen.push({ done: Number(done), all: Number(all) });
        if (seen.length === 3) await picture(page, "progress");
      }
      return words.includes("Investigated");
    }, 40, 30);
    if (seen.length < 3) continue; // it was nearly over when the thread came up: watch another
    assert.ok(seen.every((one, index) => index === 0 || one.done > seen[index - 1].done), `the count goes up: ${JSON.stringify(seen)}`);
    assert.ok(seen.every((one) => one.done <= one.all), `no more than all: ${JSON.stringify(seen)}`);
    await until("the verdict on the channel's card", async () => / \d+ %/.test(await page.locator(`.main article[data-slot="${slot}"]`).innerText()));
    step(`saw ${seen.map((one) => `${one.done} of ${one.all}`).join(", ")}`);
    await page.keyboard.press("Escape");
    return;
  }
  assert.fail(`of ${watched.size} investigations none was seen in progress`);
}

// The press of a button must never get lost. Here everything that could lose it happens: the card is edited between press and
// release, and the thread that opens was read before the approval was posted.
async function pressBlock(ann, ben, slot) {
  const card = (page) => page.locator(`.main article[data-slot="${slot}"]`);
  const id = `C-${slot.split("/")[1]}`;
  await ben.locator(".main .command-box").fill(`ack ${id}`);
  await ben.locator(".main .command-box").press("Escape");
  const before = await ann.locator("article.private").count();
  let release;
  const posted = new Promise((resolve) => { release = resolve; });
  await ann.route("**/console/api/thread?*", async (route) => {
    const response = await route.fetch();
    await posted;
    await route.fulfill({ response });
  }, { times: 1 });
  const button = card(ann).locator("button", { hasText: /^Block IP/ }).first();
  await button.scrollIntoViewIfNeeded();
  await button.hover();
  await ann.mouse.down();
  await ben.locator(".main .command-box").press("Enter");
  await until("the card is edited", async () => /Acknowledged by/.test(await card(ben).innerText()));
  await new Promise((resolve) => setTimeout(resolve, 200)); // the same edit is on its way to Ann
  await ann.mouse.up();
  try {
    await until("an answer to the press", async () =>
      /waiting for approval/.test(await card(ann).innerText()) || (await ann.locator("article.private, .toast").count()) > before);
  } finally {
    release();
  }
  return /waiting for approval/.test(await card(ann).innerText());
}

// Ann asks for a block, may not approve it herself; Ben approves; both see the receipt.
async function blockAnAddress(ann, ben) {
  step("block an address");
  // Alerts go on coming: a case that is looked into again may no longer propose what it did. She is told so, and takes another.
  let slot;
  for (let attempt = 0; attempt < 4; attempt += 1) {
    const roots = ann.locator(`${channelArticles}[data-slot$="/root"]`, { has: ann.locator("button", { hasText: /^Block IP/ }) });
    slot = await roots.last().getAttribute("data-slot");
    if (await pressBlock(ann, ben, slot)) break;
    step(`not ${slot}: ${(await ann.locator("article.private, .toast").last().innerText()).replaceAll("\n", " ")}`);
    await ann.goto(`${server.origin}/#/`);
  }
  await ann.locator(".thread-panel").waitFor();
  const approval = (page) => page.locator(`${threadArticles}[data-slot*="/action/"]`, { hasText: "Block IP" }).last();
  await until("the approval card", async () => /Approval needed/.test(await approval(ann).innerText()));
  await approval(ann).scrollIntoViewIfNeeded();
  await picture(ann, "approval-light");

  step("nobody approves what they asked for");
  const before = await ann.locator(`${threadArticles}.private`).count();
  await approval(ann).locator("button", { hasText: "Approve" }).click();
  await ann.locator("dialog[open]").waitFor();
  await assertAccessible(ann, "the question before an approval");
  assert.equal(await ann.evaluate(() => document.activeElement.textContent), "Cancel", "the harmless answer has the focus");
  await picture(ann, "confirm");
  await ann.locator("dialog[open] button", { hasText: "Approve" }).click();
  const refusal = await waitForAnswer(ann, ".thread-panel", before, "a refusal");
  assert.match(await refusal.innerText(), /approve/i);
  assert.match(await approval(ann).innerText(), /Approval needed/);

  step("somebody else does");
  await ben.locator(`.main article[data-slot="${slot}"]`).locator(".open-thread").click();
  await until("the approval card for Ben", async () => /Approval needed/.test(await approval(ben).innerText()));
  assert.equal(await ben.locator(`${threadArticles}.private`).count(), 0, "Ann's refusal is not Ben's to see");
  await approval(ben).locator("button", { hasText: "Approve" }).click();
  await ben.locator("dialog[open] button", { hasText: "Approve" }).click();
  for (const page of [ben, ann]) {
    await until("the receipt", async () => /Done: Block IP/.test(await approval(page).innerText()));
    assert.match(await approval(page).innerText(), /@?ben/i);
    assert.equal(await approval(page).locator("button", { hasText: "Approve" }).count(), 0, "the buttons are gone");
  }
  await approval(ben).scrollIntoViewIfNeeded();
  await picture(ben, "receipt-dark");
  const channelCard = ann.locator(`.main article[data-slot="${slot}"]`);
  await until("the channel's card tells it", async () => /Block IP[^\n]*done/.test(await channelCard.innerText()));
  return slot;
}

async function checkThread(page, slot) {
  step("the thread");
  const thread = page.locator(".thread-panel");
  await until("evidence", async () => (await thread.locator('article[data-slot$="/evidence"]').count()) === 1);
  await until("timeline", async () => (await thread.locator('article[data-slot$="/timeline"]').count()) === 1);
  const evidence = thread.locator('article[data-slot$="/evidence"]');
  const fold = evidence.locator("button.fold").first();
  assert.equal(await fold.getAttribute("aria-expanded"), "false");
  await fold.click();
  assert.equal(await fold.getAttribute("aria-expanded"), "true");
  const records = page.locator(`[id="${await fold.getAttribute("aria-controls")}"]`);
  assert.ok((await records.innerText()).length > 20, "the records are there");
  await fold.scrollIntoViewIfNeeded();
  await picture(page, "thread-light");
  await assertAccessible(page, "a thread");
  assert.ok(page.url().includes(encodeURIComponent(slot)), "a thread has an address");
  await page.keyboard.press("Escape");
  await until("Escape closes the thread", async () => (await thread.isHidden()));
}

async function checkKeyboard(page) {
  step("keyboard");
  await page.evaluate(() => {
    document.body.tabIndex = -1; // back to the beginning of the page
    document.body.focus();
    document.body.removeAttribute("tabindex");
  });
  await page.keyboard.press("Tab");
  assert.equal(await page.evaluate(() => document.activeElement.dataset.skip), "main", "the first stop skips to the messages");
  // From a whole card on, through everything in it; the second link of the page leads straight to the box.
  let reached = false;
  await page.locator(`${channelArticles}[data-slot$="/root"]`).last().focus();
  for (let stops = 0; stops < 100 && !reached; stops += 1) {
    await page.keyboard.press("Tab");
    reached = await page.evaluate(() => document.activeElement.matches(".command-box"));
  }
  assert.ok(reached, "the Tab key reaches the command box");
  await page.evaluate(() => document.activeElement.blur());
  await page.keyboard.press("/");
  assert.ok(await page.evaluate(() => document.activeElement.matches(".command-box")), "/ goes to the command box");
  assert.equal(await page.locator(".main .command-box").inputValue(), "");
  await page.keyboard.press("Escape");
  await page.keyboard.press("k");
  assert.equal(await page.evaluate(() => document.activeElement.localName), "article");
  const newest = await page.evaluate(() => document.activeElement.dataset.slot);
  await page.keyboard.press("k");
  assert.notEqual(await page.evaluate(() => document.activeElement.dataset.slot), newest);
  await page.keyboard.press("j");
  assert.equal(await page.evaluate(() => document.activeElement.dataset.slot), newest);
  await page.locator(`.main article[data-slot="case/1/root"]`).focus();
  await page.keyboard.press("Enter");
  await page.locator(".thread-panel h2").waitFor();
  await page.keyboard.press("Escape");
  await until("the focus comes back", async () => page.evaluate(() => document.activeElement.dataset?.slot === "case/1/root"));
  await page.keyboard.press("?");
  await page.locator("dialog[open]").waitFor();
  await assertAccessible(page, "help");
  await picture(page, "help");
  await page.keyboard.press("Escape");
  await until("help is closed", async () => (await page.locator("dialog").count()) === 0);
}

async function checkCasePage(page, id) {
  step("the case page");
  await page.goto(`${server.origin}/#/case/${id}`);
  await page.locator(".case-header h2").waitFor();
  await until("evidence", async () => (await page.locator(".evidence").count()) > 0);
  assert.ok((await page.locator(".timeline li").count()) > 1);
  assert.ok((await page.locator(".claims li").count()) > 0);
  await picture(page, "case-light");
  await page.locator(".claims .evidence-mark").first().click();
  await until("the cited evidence opens", async () => (await page.locator(".evidence[open]").count()) === 1);
  assert.ok((await page.locator(".evidence[open] pre").first().innerText()).length > 10, "its records are there");
  await picture(page, "case-evidence");
  await assertAccessible(page, "the case page");
  await page.goto(`${server.origin}/#/cases`);
  await until("the list of cases", async () => (await page.locator(".case-list li").count()) > 0);
  await assertAccessible(page, "the list of cases");
  await page.goto(`${server.origin}/#/`);
  await page.locator(".main .command-box").waitFor();
}

async function checkPhone(page) {
  step("on a phone");
  await page.setViewportSize({ width: 390, height: 844 });
  await page.goto(`${server.origin}/#/`);
  await page.reload();
  await page.locator(channelArticles).first().waitFor();
  const wide = await page.evaluate(() => [...document.querySelectorAll(".main *")].filter((one) => one.getBoundingClientRect().right > innerWidth + 1 && !one.closest("[role=table]")).length);
  assert.equal(wide, 0, "nothing is wider than the phone");
  const root = page.locator(`${channelArticles}[data-slot$="/root"]`).last();
  await root.scrollIntoViewIfNeeded();
  await picture(page, "phone");
  await assertAccessible(page, "a phone");
  await root.locator(".open-thread").click();
  await page.locator(threadArticles).first().waitFor();
  const panel = await page.locator(".thread-panel").boundingBox();
  assert.deepEqual([panel.x, panel.width, panel.height], [0, 390, 844], "a thread fills the phone");
  await picture(page, "phone-thread");
  await page.locator('.thread-panel [aria-label="Close the thread"]').click();
  await page.locator(".menu-button").click();
  await until("the menu is there", async () => (await page.locator(".sidebar.open").boundingBox()).x === 0);
  await assertAccessible(page, "the menu of a phone");
  await picture(page, "phone-menu");
  await page.keyboard.press("Escape");
  await page.setViewportSize({ width: 1360, height: 900 });
}

// What is said between a page's first look and its live connection is not lost.
async function checkNothingIsMissed(talker, page) {
  step("nothing is missed at the start");
  let connect;
  const may = new Promise((resolve) => { connect = resolve; });
  await page.routeWebSocket(/\/console\/live/, async (socket) => {
    await may;
    socket.connectToServer();
  });
  await page.reload();
  await page.locator(channelArticles).first().waitFor();
  const words = "said while the other page was connecting";
  await say(talker, ".main", `note C-1 ${words}`);
  await talker.locator(`${channelArticles}.said`, { hasText: words }).waitFor();
  await new Promise((resolve) => setTimeout(resolve, 200)); // it is out to everybody who is connected
  assert.equal(await page.locator(`${channelArticles}.said`, { hasText: words }).count(), 0, "it is not there yet");
  connect();
  await page.locator(`${channelArticles}.said`, { hasText: words }).waitFor();
}

// The server goes away under the page and comes back.
async function checkReconnect(page) {
  step("a lost connection");
  const box = page.locator(".main .command-box");
  await box.fill("note C-1 typed while nobody listened");
  await server.kill();
  await until("the page says so", async () => page.locator(".banner").isVisible());
  await picture(page, "reconnecting");
  await box.press("Escape");
  await box.press("Enter");
  await page.locator(".toast.tone-danger").waitFor();
  assert.equal(await box.inputValue(), "note C-1 typed while nobody listened", "what was typed is kept");
  await server.start();
  await until("it comes back by itself", async () => page.locator(".banner").isHidden(), 40);
  const before = await page.locator(`${channelArticles}.said`).count();
  await box.press("Enter");
  await until("and is sent then", async () => (await box.inputValue()) === "");
  await until("once", async () => (await page.locator(`${channelArticles}.said`).count()) === before + 1);
  await box.fill("half a thou");
  await page.reload();
  await page.locator(channelArticles).first().waitFor();
  assert.equal(await box.inputValue(), "half a thou", "a draft survives a reload");
  await box.fill("");
}

async function checkSessions(ann, origin) {
  step("sessions");
  await ann.locator('[aria-label="Sign in as somebody else"]').click();
  await ann.locator("dialog[open] button", { hasText: "Vic" }).click();
  await until("Ann's browser is Vic's now", async () => /Vic/.test(await ann.locator(".account-name").innerText()));
  await ann.locator('[aria-label="Sign out"]').click();
  await ann.locator("#token").waitFor();
  await assertAccessible(ann, "signing in");
  await picture(ann, "sign-in");
  const answer = await ann.request.get(`${origin}/console/api/messages?channel=alerts`, { headers: { "X-Vedette": "1" } });
  assert.equal(answer.status(), 401);
  await ann.locator("#token").fill("not the token");
  await ann.locator(".sign-in-form button").click();
  await until("a wrong token is refused", async () => /not known/.test(await ann.locator(".form-problem").innerText()));
}

async function main() {
  const { origin, token } = await server.start();
  browser = await launch();
  const ann = await openPage(browser, origin, { viewport: { width: 1360, height: 900 }, colorScheme: "light" });
  const ben = await openPage(browser, origin, { viewport: { width: 1360, height: 900 }, colorScheme: "dark", reducedMotion: "reduce" });
  step("sign in");
  await signIn(ann, origin, token, "Ann");
  await signIn(ben, origin, token, "Ben");
  step("cases appear while one watches");
  await watchAnInvestigation(ann);
  await until("a verdict", async () => (await ann.locator(channelArticles, { hasText: /Likely malicious/ }).count()) > 0, 120);
  await until("an address to block", async () => (await ann.locator(`${channelArticles} button`, { hasText: /^Block IP/ }).count()) > 0, 120);
  await until("both see the same", async () => (await ben.locator(`${channelArticles} button`, { hasText: /^Block IP/ }).count()) > 0, 120);
  await until("the page is live", async () => (await ann.locator(".connection").getAttribute("data-state")) === "connected");
  await picture(ann, "light");
  await picture(ben, "dark");
  await assertAccessible(ann, "a channel, light");
  await assertAccessible(ben, "a channel, dark");
  assert.equal(await ann.locator("[role=log]").getAttribute("aria-live"), "polite");

  const slot = await blockAnAddress(ann, ben);
  await checkThread(ann, slot);
  await checkCommands(ann);
  await checkCompletion(ann);
  await checkTextStaysText(ann);
  await checkKeyboard(ann);
  await checkCasePage(ann, `C-${slot.split("/")[1]}`);
  await checkNothingIsMissed(ann, ben);
  await checkPhone(ben);
  await checkReconnect(ann);
  await checkSessions(ann, origin);
  assert.deepEqual(ann.problems, [], "Ann's page had no problems");
  assert.deepEqual(ben.problems, [], "Ben's page had no problems");
  await browser.close();
  browser = undefined;
  await server.stop();
}

let failed = false;
try {
  await main();
  console.log("all well");
} catch (error) {
  failed = true;
  console.error(error.stack);
  for (const [index, context] of (browser?.contexts() ?? []).entries()) {
    for (const page of context.pages()) {
      await page.screenshot({ path: join(options.artefacts, `console-failed-${index}.png`) }).catch(() => {});
      if (page.problems?.length) console.error(`page ${index}: ${page.problems.join("\n")}`);
    }
  }
} finally {
  await browser?.close().catch(() => {});
  await server.kill().catch(() => {});
}
process.exit(failed ? 1 : 0);
