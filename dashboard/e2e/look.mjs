// Pictures of every page for somebody to look at, and what axe says of each: `npm run look [PAGE …]`.
//   BASE_URL      a control plane with an export of ours (http://localhost:8081)
//   LOGIN_EMAIL, LOGIN_PASSWORD
//   CHROMIUM      /usr/bin/chromium
// Fails on anything serious that axe finds, on what is wider than its window, and on errors in the console.
import { mkdir, readFile } from "node:fs/promises";
import { chromium } from "playwright-core";

const BASE = process.env.BASE_URL ?? "http://localhost:8081";
const OUT = "test-results/look";
const SETTLED_MS = 2500;

const PAGES = {
  overview: { path: "/?period=week" },
  traces: { path: "/traces?period=week" },
  "traces-live": { path: "/traces?live=1" },
  "traces-none": { path: "/traces?q=there-is-no-such-tool" },
  trace: { path: async (page) => `/trace?id=${await newestTrace(page)}` },
  "trace-missing": { path: "/trace?id=none", mayFail: true },
  "settings-organization": { path: "/settings/organization" },
  "settings-limits": { path: "/settings/limits" },
  "settings-tools": { path: "/settings/tools" },
  "settings-security": { path: "/settings/security" },
  "settings-sso": { path: "/settings/sso" },
  "settings-retention": { path: "/settings/retention" },
  "settings-exporters": { path: "/settings/exporters" },
  "settings-webhooks": { path: "/settings/webhooks" },
  "settings-jobs": { path: "/settings/jobs" },
  "settings-backup": { path: "/settings/backup" },
  "settings-limits-new": { path: "/settings/limits?id=new" },
  "settings-sso-new": { path: "/settings/sso?id=new" },
  "settings-exporters-new": { path: "/settings/exporters?id=new" },
  "settings-webhooks-new": { path: "/settings/webhooks?id=new" },
  "settings-jobs-start": { path: "/settings/jobs?start=1" },
  "not-found": { path: "/there-is-no-such-page", mayFail: true },
  login: { path: "/login?error=sso_email_unverified&request_id=example", signedOut: true },
  invite: { path: "/invite#token=gwi_none", signedOut: true, mayFail: true },
};

const LOOKS = {
  light: { colorScheme: "light", viewport: { width: 1440, height: 900 } },
  dark: { colorScheme: "dark", viewport: { width: 1440, height: 900 } },
  narrow: { colorScheme: "light", viewport: { width: 360, height: 740 } },
  wide: { colorScheme: "dark", viewport: { width: 3840, height: 2160 } },
};

const newestTrace = (page) =>
  page.evaluate(async () => (await (await fetch("/v1/traces?limit=1")).json()).traces[0]?.trace_id);

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

async function look(browser, state, axe, name, look) {
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
  await page.goto(BASE + (typeof path === "function" ? await path(page) : path));
  await page.waitForTimeout(SETTLED_MS);
  await page.screenshot({ path: `${OUT}/${name}-${look}.png` });
  const isTooWide = await page.evaluate(() =>
    [document.documentElement, ...document.querySelectorAll("main")].some(
      (one) => one.scrollWidth > one.clientWidth + 1,
    ),
  );
  if (isTooWide) faults.push("is wider than its window");
  await page.evaluate(axe);
  const { violations } = await page.evaluate(() => window.axe.run());
  for (const { id, impact, nodes } of violations)
    if (impact === "serious" || impact === "critical")
      faults.push(`axe: ${id} (${impact}) ${nodes[0].html.slice(0, 200)}`);
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
  const axe = await readFile(new URL("../node_modules/axe-core/axe.min.js", import.meta.url), "utf8");
  const state = await signIn(browser);
  const wanted = process.argv.length > 2 ? process.argv.slice(2) : Object.keys(PAGES);
  for (const name of wanted) {
    for (const kind of Object.keys(LOOKS)) {
      const faults = await look(browser, state, axe, name, kind);
      console.log(`${name} ${kind}: ${faults.length === 0 ? "fine" : faults.join("\n  ")}`);
      if (faults.length > 0) process.exitCode = 1;
    }
  }
} finally {
  await browser.close();
}
