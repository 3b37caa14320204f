// Every page there is, in each of its states that somebody should see, for what looks at all of them (`npm run look`).
// A page that shows one thing finds by the API which one there is.
//   path      below the dashboard's address; or, told a page of it where somebody is signed in, what that comes to
//   signedOut the page is for who is not signed in
//   mayFail   what it asks for is not there, which is the point

export const PAGES = {
  overview: { path: "/?period=week" },
  traces: { path: "/traces?period=week" },
  "traces-live": { path: "/traces?live=1" },
  "traces-none": { path: "/traces?q=there-is-no-such-tool" },
  trace: { path: async (page) => `/trace?id=${(await first(page, "traces")).trace_id}` },
  "trace-missing": { path: "/trace?id=none", mayFail: true },
  costs: { path: "/costs?period=month" },
  "costs-charges": { path: "/costs?period=month&tab=call" },
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
  "tools-review": { path: "/tools?tab=review" },
  "tools-permissions": { path: "/tools?tab=permissions" },
  "tool-permission": {
    path: async (page) => `/tool-permission?id=${await idOfFirst(page, "tool-permissions")}`,
    // There may be none yet.
    mayFail: true,
  },
  "tool-permission-new": { path: "/tool-permission" },
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
  "approvals-history": { path: "/approvals?tab=history&period=week" },
  approval: { path: async (page) => `/approvals?id=${await idOfFirst(page, "approvals")}` },
  "approval-missing": { path: "/approvals?id=none", mayFail: true },
  safety: { path: "/safety" },
  "safety-detections": { path: "/safety?tab=detections&period=week" },
  "safety-summary": { path: "/safety?tab=summary&period=week" },
  "safety-test": { path: "/safety?tab=test" },
  "safety-policy": { path: async (page) => `/safety-policy?id=${await idOfFirst(page, "safety-policies")}` },
  "safety-policy-new": { path: "/safety-policy" },
  detection: { path: async (page) => `/detection?id=${await idOfFirst(page, "safety/detections")}` },
  audit: { path: "/audit?period=week" },
  "audit-figures": { path: "/audit?tab=figures&period=week" },
  "audit-integrity": { path: "/audit?tab=integrity" },
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

export async function pathOf(name, page) {
  const { path } = PAGES[name];
  return typeof path === "function" ? path(page) : path;
}

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
