// Puts the gateway between the client and the suite's server.
//
// The gateway looks at a new server by itself, within seconds, and nothing in the registration can keep it from that.
// So the client waits until that is over: requests of the two would mix, and the gateway checks the headers of a call
// against the tools it has seen. Where the suite would take the look for the client's, there is a shut door before the
// server until the gateway has given up; it does not try again for half a minute.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { setTimeout } from 'node:timers/promises';
import { shutDoor } from './door.mjs';

const PATIENCE_MS = 30_000;

/** The gateway that the environment names, if any. */
export function gatewayOf({ GATEWAYOPS_URL: rest, GATEWAYOPS_MCP_URL: mcp, GATEWAYOPS_API_KEY: key }) {
  const given = [rest, mcp, key].filter(Boolean).length;
  if (given === 0) return undefined;
  assert.equal(given, 3, 'GATEWAYOPS_URL, GATEWAYOPS_MCP_URL and GATEWAYOPS_API_KEY go together');
  return { rest, mcp, headers: { authorization: `Bearer ${key}` } };
}

/** Runs `use` with an endpoint of the gateway for the server at `url`; `unseen` keeps the gateway's own look off it. */
export async function behindGateway(gateway, url, { unseen }, use) {
  const door = unseen ? await shutDoor(url) : undefined;
  const name = `conformance-${randomUUID()}`;
  await request(gateway, 'POST', `${gateway.rest}/v1/mcp-servers`, { name, url: door?.url ?? url });
  try {
    const health = await lookedAt(gateway, name);
    assert.equal(health.status, unseen ? 'unhealthy' : 'healthy', `the gateway's look at the server: ${health.error}`);
    door?.open();
    await use(`${gateway.mcp}/${name}`, gateway.headers);
  } finally {
    await request(gateway, 'DELETE', `${gateway.rest}/v1/mcp-servers/${name}`);
  }
}

/** Waits until the gateway has looked at the server, and its proxy knows what was found. */
async function lookedAt(gateway, name) {
  let server;
  await until('the gateway has looked at the server', async () => {
    server = await request(gateway, 'GET', `${gateway.rest}/v1/mcp-servers/${name}`);
    return server.health.status !== 'unknown';
  });
  await until('the proxy knows the server and its tools', async () => {
    const { servers } = await request(gateway, 'GET', new URL('/v1/mcp/servers', gateway.mcp));
    return servers.some(known => known.name === name && known.tool_count === server.tool_count);
  });
  return server.health;
}

async function until(what, holds) {
  const deadline = Date.now() + PATIENCE_MS;
  while (!(await holds())) {
    assert.ok(Date.now() < deadline, `waited in vain until ${what}`);
    await setTimeout(100);
  }
}

async function request({ headers }, method, url, body) {
  const response = await fetch(url, {
    method,
    headers: body ? { ...headers, 'content-type': 'application/json' } : headers,
    body: body && JSON.stringify(body),
  });
  const text = await response.text();
  assert.ok(response.ok, `${method} ${url}: ${response.status} ${text}`);
  return text ? JSON.parse(text) : undefined;
}
