// How soon the overview answers whoever opens it: from the navigation, with nothing in the browser's cache, until its
// figures, charts and tables are drawn and it answers a key. Prints a line for ./dev bench year.
//   BASE_URL, LOGIN_EMAIL, LOGIN_PASSWORD, CHROMIUM   as for look.mjs
import { chromium } from "playwright-core";

const BASE = process.env.BASE_URL ?? "http://localhost:8081";
const TIMES = 20;
const RANGES = ["day", "week", "month"];

async function signIn(browser) {
  const context = await browser.newContext();
  const page = await context.newPage();
  await page.goto(`${BASE}/login`);
  await page.getByLabel("E-mail address").fill(process.env.LOGIN_EMAIL ?? "");
  await page.getByLabel("Password").fill(process.env.LOGIN_PASSWORD ?? "");
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.getByRole("heading", { name: "Overview" }).waitFor();
  const state = await context.storageState();
  await context.close();
  return state;
}

async function open(browser, storageState, range) {
  const context = await browser.newContext({ storageState, viewport: { width: 1440, height: 900 } });
  const page = await context.newPage();
  const began = performance.now();
  await page.goto(`${BASE}/?period=${range}`, { waitUntil: "commit" });
  await page.waitForFunction(isDrawn);
  await page.keyboard.press("Tab");
  await page.getByRole("link", { name: "Skip to the content" }).and(page.locator(":focus")).waitFor();
  const took = performance.now() - began;
  await context.close();
  return took;
}

/** Both charts, both tables, and nothing that is still on its way. */
function isDrawn() {
  const charts = document.querySelectorAll("main svg[role=img], main svg.touch-pan-y").length;
  const rows = document.querySelectorAll("main [role=row], main tbody tr, main li a").length;
  return charts >= 2 && rows >= 8 && !document.querySelector("main .animate-breathe");
}

const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  chromiumSandbox: false,
  args: ["--disable-dev-shm-usage"],
});
const state = await signIn(browser);
const took = [];
for (let time = 0; time < TIMES; time += 1)
  took.push(await open(browser, state, RANGES[time % RANGES.length]));
await browser.close();

took.sort((one, other) => one - other);
const micros = (share) => Math.round(took[Math.ceil(share * TIMES) - 1] * 1000);
console.log(
  JSON.stringify({
    phase: "opened",
    target: "overview",
    calls: TIMES,
    p50_us: micros(0.5),
    p99_us: micros(0.99),
    max_us: micros(1),
  }),
);
