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
  trace: { path: async (page) => `/trace?id=${(await first(page, "traces")).trace_id}` },
  "trace-missing": { path: "/trace?id=none", mayFail: true },
  costs: { path: "/costs?period=month" },
  "costs-charges": { path: "/costs?period=month&by=call" },
  budgets: { path: "/budgets" },
  "budgets-new": { path: "/budgets?new=1" },
  budget: { path: async (page) => `/budget?id=${await idOfFirst(page, "budgets")}` },
  alerts: { path: "/alerts" },
  alert: { path: async (page) => `/alerts?id=${await idOfFirst(page, "alerts")}`, mayFail: true },
  "alert-rules": { path: "/alerts?tab=rules" },
  "alert-rule": { path: async (page) => `/alert-rule?id=${await idOfFirst(page, "alerts/rules")}` },
  "alert-rule-new": { path: "/alert-rule?new=1" },
  "alert-channels": { path: "/alerts?tab=channels" },
  "alert-channel-new": { path: "/alerts?tab=channels&channel=new" },
  "alert-silences": { path: "/alerts?tab=silences" },
  "alert-silence-new": { path: "/alerts?tab=silences&silence=new" },
  "alert-notifications": { path: "/alerts?tab=notifications&period=week" },
  servers: { path: "/servers" },
  "servers-none": { path: "/servers?q=there-is-no-such-server" },
  "new-server": { path: "/new-server" },
  server: { path: async (page) => `/server?id=${(await first(page, "mcp-servers")).name}` },
  "server-tools": { path: async (page) => `/server?id=${(await first(page, "mcp-servers")).name}&tab=tools` },
  "server-prices": {
    path: async (page) => `/server?id=${(await first(page, "mcp-servers")).name}&tab=prices`,
  },
  "server-settings": {
    path: async (page) => `/server?id=${(await first(page, "mcp-servers")).name}&tab=settings`,
  },
  tools: { path: "/tools" },
  "tools-review": { path: "/tools?view=review" },
  tool: { path: async (page) => `/tool?id=${await idOfFirst(page, "tools?status=active")}` },
  playground: { path: "/playground" },
  "playground-tool": { path: playgroundOfFirstTool },
  keys: { path: "/keys" },
  "keys-none": { path: "/keys?q=there-is-no-such-key" },
  "new-key": { path: "/new-key" },
  key: { path: async (page) => `/key?id=${await idOfFirst(page, "api-keys")}&period=month` },
  "key-connect": { path: async (page) => `/key?id=${await idOfFirst(page, "api-keys")}&tab=connect` },
  "key-details": { path: async (page) => `/key?id=${await idOfFirst(page, "api-keys")}&tab=details` },
  team: { path: "/team" },
  "team-invites": { path: "/team?tab=invites" },
  "team-invite": { path: "/team?tab=invites&new=invite" },
  "team-teams": { path: "/team?tab=teams" },
  "team-members": { path: async (page) => `/team-members?id=${await idOfFirst(page, "teams")}` },
  "team-roles": { path: "/team?tab=roles" },
  role: { path: async (page) => `/role?id=${await idOfFirst(page, "roles")}` },
  "role-new": { path: "/role?id=new" },
  "team-access": { path: "/team?tab=access" },
  user: { path: async (page) => `/user?id=${await idOfFirst(page, "users")}` },
  account: { path: "/account" },
  approvals: { path: "/approvals" },
  "approvals-history": { path: "/approvals?view=history&period=week" },
  approval: { path: async (page) => `/approvals?id=${await idOfFirst(page, "approvals")}` },
  "approval-missing": { path: "/approvals?id=none", mayFail: true },
  safety: { path: "/safety" },
  "safety-detections": { path: "/safety?view=detections&period=week" },
  "safety-summary": { path: "/safety?view=summary&period=week" },
  "safety-test": { path: "/safety?view=test" },
  "safety-policy": { path: async (page) => `/safety-policy?id=${await idOfFirst(page, "safety-policies")}` },
  "safety-policy-new": { path: "/safety-policy" },
  detection: { path: async (page) => `/detection?id=${await idOfFirst(page, "safety/detections")}` },
  audit: { path: "/audit?period=week" },
  "audit-figures": { path: "/audit?view=figures&period=week" },
  "audit-integrity": { path: "/audit?view=integrity" },
  "audit-entry": { path: async (page) => `/audit-entry?id=${await idOfFirst(page, "audit-logs")}` },
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

/** The first row of a list: the newest where it is sorted by age. */
const first = (page, list) =>
  page.evaluate(async (list) => {
    const found = await (await fetch(`/v1/${list}${list.includes("?") ? "&" : "?"}limit=1`)).json();
    return Object.values(found).find(Array.isArray)?.[0] ?? {};
  }, list);

const idOfFirst = async (page, list) => (await first(page, list)).id ?? "none";

async function playgroundOfFirstTool(page) {
  const { mcp_server, name } = await first(page, "tools?status=active");
  return `/playground?server=${mcp_server}&tool=${name}`;
}

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
