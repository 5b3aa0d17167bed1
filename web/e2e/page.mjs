// Small helpers for driving the console in a browser, and what every page of it must satisfy.
import { chromium } from "playwright-core";
import assert from "node:assert/strict";

export async function launch() {
  return chromium.launch({
    executablePath: process.env.VEDETTE_CHROMIUM ?? "/usr/bin/chromium",
    args: [
      "--no-sandbox",
      "--disable-gpu",
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
    ],
  });
}

// A page whose errors are kept: scripts that fail, things the content policy stopped, requests to anywhere else.
export async function openPage(browser, origin, options) {
  const context = await browser.newContext({ locale: "en-GB", timezoneId: "Europe/Stockholm", ...options });
  context.setDefaultTimeout(30000);
  const page = await context.newPage();
  page.problems = [];
  page.on("pageerror", (error) => page.problems.push(`error: ${error.message}`));
  page.on("console", (message) => {
    // A refused request is logged by the browser itself; whether it was right is asserted where it happens.
    if (message.type() === "error" && !/^Failed to load resource|WebSocket connection/.test(message.text())) page.problems.push(message.text());
  });
  page.on("dialog", (dialog) => {
    page.problems.push(`a browser dialog: ${dialog.message()}`);
    dialog.dismiss();
  });
  page.on("request", (request) => {
    const url = new URL(request.url());
    if (url.host !== new URL(origin).host) page.problems.push(`a request to ${url.host}`);
  });
  return page;
}

// Waits until `condition` (an async function) is true; says what was waited for when it never is.
export async function until(what, condition, seconds = 40, pause = 100) {
  const end = Date.now() + seconds * 1000;
  let last;
  while (Date.now() < end) {
    try {
      if (await condition()) return;
    } catch (error) {
      last = error;
    }
    await new Promise((resolve) => setTimeout(resolve, pause));
  }
  assert.fail(`waited ${seconds} s for: ${what}${last ? ` (${last.message})` : ""}`);
}

// What can be checked of accessibility by a program: names, ids, labels, contrast. Runs in the page.
function findBarriers() {
  const barriers = [];
  const visible = (element) => element.checkVisibility({ checkOpacity: true, checkVisibilityCSS: true }) && element.getClientRects().length > 0;
  const describe = (element) => `<${element.localName} class="${element.className?.baseVal ?? element.className}"> ${element.textContent.trim().slice(0, 40)}`;
  const nameOf = (element) => {
    const by = element.getAttribute("aria-labelledby");
    if (by) return by.split(" ").map((id) => document.getElementById(id)?.textContent ?? "").join(" ").trim();
    return (element.getAttribute("aria-label") ?? "").trim() || element.textContent.trim() || (element.labels?.[0]?.textContent ?? "").trim();
  };
  for (const element of document.querySelectorAll("button, a[href], input, select, textarea, [role=button], dialog, [role=log], [role=listbox]")) {
    if (visible(element) && !nameOf(element)) barriers.push(`no name: ${describe(element)}`);
  }
  for (const image of document.querySelectorAll("img:not([alt])")) barriers.push(`no alt: ${image.src}`);
  const ids = new Map();
  for (const element of document.querySelectorAll("[id]")) ids.set(element.id, (ids.get(element.id) ?? 0) + 1);
  for (const [id, count] of ids) if (count > 1) barriers.push(`id ${id} stands ${count} times`);
  for (const element of document.querySelectorAll("[aria-controls], [aria-activedescendant], [aria-describedby], [aria-labelledby]")) {
    for (const attribute of ["aria-controls", "aria-activedescendant", "aria-describedby", "aria-labelledby"]) {
      for (const id of (element.getAttribute(attribute) ?? "").split(" ").filter(Boolean)) {
        if (!document.getElementById(id)) barriers.push(`${attribute} names ${id}, which is not there: ${describe(element)}`);
      }
    }
  }
  if (!document.documentElement.lang) barriers.push("no language");
  if (document.querySelectorAll("main").length !== 1) barriers.push("not exactly one main part");
  if ([...document.querySelectorAll("h1")].filter(visible).length !== 1) barriers.push("not exactly one first heading");

  // Contrast of text, WCAG 2.2 criterion 1.4.3.
  const channels = (colour) => {
    const numbers = colour.match(/[\d.]+/g).map(Number);
    return { rgb: numbers.slice(0, 3), alpha: numbers[3] ?? 1 };
  };
  const luminance = ([r, g, b]) => {
    const linear = [r, g, b].map((value) => (value / 255 <= 0.04045 ? value / 255 / 12.92 : ((value / 255 + 0.055) / 1.055) ** 2.4));
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2];
  };
  const ground = (element) => {
    for (let at = element; at; at = at.parentElement) {
      const { rgb, alpha } = channels(getComputedStyle(at).backgroundColor);
      if (alpha === 1) return rgb;
    }
    return [255, 255, 255];
  };
  const seen = new Set();
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const element = walker.currentNode.parentElement;
    if (!walker.currentNode.data.trim() || seen.has(element) || !visible(element) || element.closest(".visually-hidden, noscript, .skip-link")) continue;
    seen.add(element);
    if (element.matches(":disabled") || element.closest("[aria-busy=true]")) continue;
    const style = getComputedStyle(element);
    const text = luminance(channels(style.color).rgb);
    const behind = luminance(ground(element));
    const ratio = (Math.max(text, behind) + 0.05) / (Math.min(text, behind) + 0.05);
    const size = Number.parseFloat(style.fontSize);
    const large = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700);
    if (ratio < (large ? 3 : 4.5)) barriers.push(`contrast ${ratio.toFixed(2)}: ${describe(element)}`);
  }
  return barriers;
}

export async function assertAccessible(page, where) {
  // Colours still on their way would be measured half way.
  await page.evaluate(() => Promise.all(document.getAnimations().filter((one) => one.effect?.getTiming().iterations !== Infinity).map((one) => one.finished.catch(() => {}))));
  assert.deepEqual(await page.evaluate(findBarriers), [], `barriers on ${where}`);
}
