// The command line of the MCP Inspector, one process for each operation: client.mjs URL [--era modern|legacy|auto];
// key in GATEWAYOPS_API_KEY, what to do perhaps in PLAN. It has no answers for a server that asks, and leaves the
// sessions of its processes open.
import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { readPlan } from '../plan.mjs';
import { report, tell } from '../story.mjs';

const PACKAGE = 'node_modules/@modelcontextprotocol/inspector';
const MAIN = fileURLToPath(new URL(`${PACKAGE}/clients/launcher/build/index.js`, import.meta.url));
const MAX_OUTPUT = 64 * 1024 * 1024;

/** The Inspector with the methods of an SDK's client. */
class Inspector {
  #connection;
  #env;
  #hello;

  /** `home` is where it remembers servers and logins. */
  constructor(url, era, home) {
    const key = process.env.GATEWAYOPS_API_KEY;
    const header = key ? ['--header', `Authorization: Bearer ${key}`] : [];
    this.#connection = ['--cli', url, '--transport', 'http', '--protocol-era', era, '--stored-auth-only', ...header];
    this.#env = { ...process.env, HOME: home };
  }

  async connect() {
    this.#hello = await this.#operate('initialize');
    return this.#hello;
  }

  getServerCapabilities = () => this.#hello.capabilities;
  // It follows the pages by itself.
  listTools = () => this.#operate('tools/list');
  listPrompts = () => this.#operate('prompts/list');
  listResources = () => this.#operate('resources/list');
  listResourceTemplates = () => this.#operate('resources/templates/list');
  readResource = ({ uri }) => this.#operate('resources/read', '--uri', uri);
  callTool = ({ name, arguments: args = {} }) =>
    this.#operate('tools/call', '--tool-name', name, '--tool-args-json', JSON.stringify(args));

  getPrompt({ name, arguments: args = {} }) {
    const pairs = Object.entries(args).map(([key, value]) => `${key}=${value}`);
    const given = pairs.length > 0 ? ['--prompt-args', ...pairs] : [];
    return this.#operate('prompts/get', '--prompt-name', name, ...given);
  }

  /** A tool's error is a result too, although the Inspector exits with a status. */
  #operate(method, ...options) {
    const command = [MAIN, ...this.#connection, '--method', method, ...options, '--format', 'json', '--quiet'];
    return new Promise((resolve, reject) =>
      execFile(process.execPath, command, { env: this.#env, maxBuffer: MAX_OUTPUT }, (error, stdout, stderr) =>
        stdout ? resolve(JSON.parse(stdout).result) : reject(new Error(stderr.trim() || error?.message))));
  }
}

const options = { era: { type: 'string', default: 'auto' } };
const { values: { era }, positionals: [url] } = parseArgs({ allowPositionals: true, options });
const name = `inspector-${era}`;

await report(name, url, async () => {
  const home = await mkdtemp(join(tmpdir(), 'inspector-'));
  try {
    const client = new Inspector(url, era, home);
    const { protocolVersion: version, serverInfo } = await client.connect();
    const heard = { elicited: [], sampled: [], rootsAsked: 0 };
    return await tell(client, { name, asked: era, plan: readPlan(), version, server: serverInfo?.name, heard });
  } finally {
    await rm(home, { recursive: true, force: true });
  }
});
