// node summarize.mjs SPEC_VERSION OUT SUITE_STATUS [SCENARIO]: counts the suite's checks.json files under OUT into one
// line of JSON, tells on stderr what failed, and exits 1 unless there were checks and all passed. SCENARIO is named in
// the line, when it was the only one.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const [specVersion, out, suiteStatus, only] = process.argv.slice(2);
const runs = readdirSync(out, { withFileTypes: true }).filter(entry => entry.isDirectory()).map(entry => entry.name).sort();
let passed = 0;
let failed = 0;
const complain = (scenario, problem) => {
  failed += 1;
  console.error(`failed: ${scenario}: ${problem}`);
};

for (const run of runs) {
  // <scenario>-<time of the run>, with server- in front where a server is tested
  const scenario = run.replace(/^server-/, '').replace(/-\d{4}-\d{2}-\d{2}T[\d-]+Z$/, '');
  const file = join(out, run, 'checks.json');
  // The suite makes the folder first and writes the file last, so a folder without it is a crash.
  if (!existsSync(file)) {
    complain(scenario, 'no checks: it crashed, or is not for this version');
    continue;
  }
  for (const { id, status, errorMessage } of JSON.parse(readFileSync(file, 'utf8'))) {
    if (status === 'SUCCESS') passed += 1;
    if (status === 'FAILURE') complain(scenario, `${id}: ${errorMessage ?? 'no message'}`);
    if (status === 'WARNING') console.error(`warning: ${scenario}: ${id}: ${errorMessage ?? 'no message'}`);
  }
  // In some scenarios the suite lets a client fail; ours may not. Its last word is on its output.
  const words = join(out, run, 'stdout.txt');
  const isCrash = existsSync(words) && !readFileSync(words, 'utf8').endsWith('completed\n');
  if (isCrash) complain(scenario, 'the client failed');
}
if (suiteStatus !== '0' && failed === 0) complain('the suite', `ended with status ${suiteStatus}`);
if (passed + failed === 0) complain('the suite', 'made no check');

const ran = only ? { scenario: only } : { scenarios: runs.length };
console.log(JSON.stringify({ spec_version: specVersion, ...ran, passed, failed }));
process.exit(failed > 0 ? 1 : 0);
