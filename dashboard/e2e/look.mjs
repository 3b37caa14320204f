// Pictures of every page for somebody to look at, and what axe says of each: `npm run look [PAGE …]`.
//   BASE_URL      a control plane with an export of ours (http://localhost:8081)
//   LOGIN_EMAIL, LOGIN_PASSWORD
//   CHROMIUM      /usr/bin/chromium
//   LOOKS         which of light, dark, narrow and wide; all of them
// Fails on anything serious that axe finds, on what is wider than its window, and on errors in the console.
import { mkdir } from "node:fs/promises";
import { chromium } from "playwright-core";
import { barriersOn } from "./barriers.mjs";
import { PAGES, pathOf } from "./pages.mjs";

const BASE = process.env.BASE_URL ?? "http://localhost:8081";
const OUT = "test-results/look";
const SETTLED_MS = 2500;

const LOOKS = {
  light: { colorScheme: "light", viewport: { width: 1440, height: 900 } },
  dark: { colorScheme: "dark", viewport: { width: 1440, height: 900 } },
  narrow: { colorScheme: "light", viewport: { width: 360, height: 740 } },
  wide: { colorScheme: "dark", viewport: { width: 3840, height: 2160 } },
};

async function signIn(browser) {
  const context = await browser.newContext();
  const page = await context.newPage();
  await page.goto(`${BASE}/login`);
  await page.getByLabel("E-mail address").fill(process.env.LOGIN_EMAIL ?? "");
  await page.getByLabel("Password").fill(process.env.LOGIN_PASSWORD ?? "");
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.getByRole("heading", { name: "Overview" }).waitFor();
  return context.storageState();
}

async function look(browser, state, name, look) {
  const { path, signedOut, mayFail } = PAGES[name];
  const context = await browser.newContext({ ...LOOKS[look], storageState: signedOut ? undefined : state });
  const page = await context.newPage();
  const faults = [];
  page.on("pageerror", (error) => faults.push(error.message));
  page.on("console", (message) => {
    if (message.type() === "error" && !(mayFail && message.text().startsWith("Failed to load")))
      faults.push(message.text());
  });
  if (typeof path === "function") await page.goto(BASE);
  await page.goto(BASE + (await pathOf(name, page)));
  await page.waitForTimeout(SETTLED_MS);
  await page.screenshot({ path: `${OUT}/${name}-${look}.png` });
  const isTooWide = await page.evaluate(() =>
    [document.documentElement, ...document.querySelectorAll("main")].some(
      (one) => one.scrollWidth > one.clientWidth + 1,
    ),
  );
  if (isTooWide) faults.push("is wider than its window");
  for (const barrier of await barriersOn(page)) faults.push(`axe: ${barrier}`);
  await context.close();
  return faults;
}

await mkdir(OUT, { recursive: true });
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  chromiumSandbox: false,
  args: ["--disable-dev-shm-usage"],
});
try {
  const state = await signIn(browser);
  const wanted = process.argv.length > 2 ? process.argv.slice(2) : Object.keys(PAGES);
  for (const name of wanted) {
    for (const kind of process.env.LOOKS?.split(",") ?? Object.keys(LOOKS)) {
      const faults = await look(browser, state, name, kind);
      console.log(`${name} ${kind}: ${faults.length === 0 ? "fine" : faults.join("\n  ")}`);
      if (faults.length > 0) process.exitCode = 1;
    }
  }
} finally {
  await browser.close();
}
