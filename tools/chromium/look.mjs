// Opens a page in headless Chromium as each view asks, and says what came of it. The orders are JSON on stdin:
//   {"page": "file:///…/dashboard.html", "views": [{"width": 360, "height": 740, "dark": false, "print": false,
//    "javascript": true, "accessible": true, "evaluate": ["document.title"], "screenshot": "/…/phone.png", "whole": false, "pdf": "/…"}]}
// The answer, one for each view: {"values": […], "said": [console and page errors], "asked": [addresses that the policy let through], "loaded": ms,
//  "faults": [what axe-core found], "roles": {role: count}}.
// `node look.mjs FOLDER` with the folder that has node_modules; `--unpack` only unpacks the browser into it.

import { mkdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";

const ARGUMENTS = ["--no-sandbox", "--no-zygote", "--disable-gpu", "--disable-dev-shm-usage", "--font-render-hinting=none"];

const folder = resolve(process.argv[2]);
process.env.TMPDIR = join(folder, "unpacked");
mkdirSync(process.env.TMPDIR, { recursive: true });
const here = createRequire(join(folder, "package.json"));
const load = async (name) => (await import(pathToFileURL(here.resolve(name)))).default;
const chromium = await load("@sparticuz/chromium");

// The package brings libnss3 for machines without it, and takes it out only where it sees Amazon's Linux.
process.env.AWS_EXECUTION_ENV ??= "AWS_Lambda_nodejs22.x";
process.env.LD_LIBRARY_PATH = [join(process.env.TMPDIR, "al2023/lib"), process.env.LD_LIBRARY_PATH].filter(Boolean).join(":");
const program = await chromium.executablePath();

if (process.argv[3] !== "--unpack") {
  const { page: address, views } = JSON.parse(readFileSync(0, "utf8"));
  const puppeteer = await load("puppeteer-core");
  const browser = await puppeteer.launch({ executablePath: program, headless: "shell", args: ARGUMENTS, protocolTimeout: 120_000 });
  try {
    const answers = [];
    for (const view of views) answers.push(await look(browser, address, view));
    process.stdout.write(JSON.stringify(answers));
  } finally {
    await browser.close();
  }
}

async function look(browser, address, view) {
  const page = await browser.newPage();
  const said = [];
  const asked = new Set();
  page.on("console", (message) => said.push(message.text()));
  page.on("pageerror", (error) => said.push(String(error)));
  page.on("request", (request) => asked.add(request.url()));
  page.on("requestfailed", (request) => request.failure()?.errorText === "csp" && asked.delete(request.url()));
  await page.setJavaScriptEnabled(view.javascript ?? true);
  await page.setViewport({ width: view.width ?? 1280, height: view.height ?? 900, deviceScaleFactor: view.scale ?? 1, isMobile: view.mobile ?? false });
  await page.emulateMediaFeatures([{ name: "prefers-color-scheme", value: view.dark ? "dark" : "light" }]);
  if (view.print) await page.emulateMediaType("print");
  const started = performance.now();
  await page.goto(address, { waitUntil: "load", timeout: 60_000 });
  const script = view.javascript ?? true;
  // Two frames on, what was laid out is on the screen.
  const drawn = () => script && page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
  await drawn();
  const loaded = performance.now() - started;
  const values = [];
  for (const expression of view.evaluate ?? []) values.push((await page.evaluate(expression)) ?? null);
  for (const key of view.press ?? []) await page.keyboard.press(key);
  if (view.after) values.push((await page.evaluate(view.after)) ?? null);
  await drawn();
  const faults = view.accessible ? await axe(page) : [];
  const roles = view.accessible ? await rolesOf(page) : {};
  if (view.screenshot) await page.screenshot({ path: view.screenshot, fullPage: view.whole ?? false });
  if (view.pdf) await page.pdf({ path: view.pdf, format: "A4" });
  await page.close();
  return { values, said, asked: [...asked], loaded, faults, roles };
}

// What axe-core has against the page: each rule with the first places where it is broken.
async function axe(page) {
  await page.evaluate(readFileSync(here.resolve("axe-core/axe.min.js"), "utf8"));
  const found = await page.evaluate("axe.run(document, { resultTypes: ['violations'] })");
  return found.violations.map((one) => ({ rule: one.id, places: one.nodes.slice(0, 5).map((node) => `${node.html} ${node.failureSummary}`) }));
}

// How many of each role a screen reader is told of.
async function rolesOf(page) {
  const client = await page.createCDPSession();
  const { nodes } = await client.send("Accessibility.getFullAXTree");
  const counts = {};
  for (const node of nodes) if (!node.ignored) counts[node.role.value] = (counts[node.role.value] ?? 0) + 1;
  return counts;
}
