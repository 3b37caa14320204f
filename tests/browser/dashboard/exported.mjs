// Tables of calls, costs and the audit log are downloaded and held against what the API answers: node exported.mjs,
// with PLAN as JSON:
//   base, provider, account   who signs in, and where
import { downloadTable } from './steps/download.mjs';
import { report } from './steps/report.mjs';
import { read, readAll } from './steps/rest.mjs';
import { settled } from './steps/settled.mjs';
import { signIn } from './steps/sign-in.mjs';

const PERIOD = 'period=week';
const TRACE = ['id', 'trace_id', 'mcp_server', 'tool_name', 'status', 'duration_ms', 'cost_usd', 'started_at'];
const COST = ['id', 'mcp_server', 'tool_name', 'input_tokens', 'output_tokens', 'cost_usd', 'created_at'];
const ENTRY = ['id', 'seq', 'action', 'outcome', 'actor_type', 'actor_name', 'resource_id', 'hash', 'created_at'];

/** What is in neither of them as it is in the other: rows as the API has them, against rows of texts. */
function differences(fields, answered, written) {
  const line = row => JSON.stringify(fields.map(field => asWritten(row[field])));
  const [lines, others] = [answered.map(line), written.map(line)];
  const without = (these, those) => these.filter(one => !those.includes(one));
  return { missing: without(lines, others), unknown: without(others, lines) };
}

/** Null is an empty cell, and what a spreadsheet could take for a formula has a quote before it. */
function asWritten(value) {
  const text = String(value ?? '');
  return typeof value === 'string' && /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
}

/** Money, added up without rounding: six digits after the point. */
function sum(amounts) {
  const micros = amounts.filter(Boolean).reduce((total, amount) => total + BigInt(amount.replace('.', '')), 0n);
  return `${micros / 1_000_000n}.${String(micros % 1_000_000n).padStart(6, '0')}`;
}

async function open(page, { base }, path) {
  await page.goto(`${base}${path}?${PERIOD}`);
  await settled(page);
  return page.getByRole('main').innerText();
}

async function traces(page, plan) {
  const shown = await open(page, plan, '/traces');
  const answered = await readAll(page, `/v1/traces?${PERIOD}`);
  const { total_requests, total_cost } = await read(page, `/v1/traces/stats?${PERIOD}`);
  const { name, rows } = await downloadTable(page, page.getByRole('link', { name: 'Download as CSV' }));
  const cost = sum(rows.map(({ cost_usd }) => cost_usd));
  return { name, shown, rows: rows.length, total_requests, cost, total_cost, ...differences(TRACE, answered, rows) };
}

async function costs(page, plan) {
  const shown = await open(page, plan, '/costs');
  const answered = await readAll(page, `/v1/costs?${PERIOD}`);
  const { total_requests, total_cost } = await read(page, `/v1/costs/summary?${PERIOD}`);
  const button = page.getByRole('link', { name: 'Download what was charged as CSV' });
  const { name, rows } = await downloadTable(page, button);
  const cost = sum(rows.map(({ cost_usd }) => cost_usd));
  return { name, shown, rows: rows.length, total_requests, cost, total_cost, ...differences(COST, answered, rows) };
}

/** The log grows by the download itself, so it is read before; what came meanwhile is not held against it. */
async function audit(page, plan) {
  const shown = await open(page, plan, '/audit');
  const answered = await readAll(page, `/v1/audit-logs?${PERIOD}`);
  await page.getByRole('button', { name: 'Export', exact: true }).click();
  const { name, rows } = await downloadTable(page, page.getByRole('menuitem', { name: /^CSV/ }));
  const newest = Math.max(...answered.map(({ seq }) => seq));
  const { missing, unknown } = differences(ENTRY, answered, rows.filter(({ seq }) => Number(seq) <= newest));
  return { name, shown, rows: rows.length, answered: answered.length, missing, unknown };
}

await report(async (browser, plan) => {
  const page = await signIn(browser, plan, '/traces');
  return { traces: await traces(page, plan), costs: await costs(page, plan), audit: await audit(page, plan) };
});
