// What both TypeScript SDKs do around a story: connect with the key, have the questions of the server answered, and end
// the session.
import { answers } from './answers.mjs';
import { readPlan } from './plan.mjs';
import { report, tell } from './story.mjs';

/** `answer` has the client answer a method; `version` tells the one it speaks, once connected. */
export function run(client, Transport, url, { name, asked, answer, version }) {
  return report(name, url, async () => {
    const plan = readPlan();
    const { heard, capabilities, handlers } = answers(name, plan?.answers);
    if (plan) {
      client.registerCapabilities(capabilities);
      for (const [method, handler] of Object.entries(handlers)) answer(method, handler);
    }
    const transport = new Transport(new URL(url), { requestInit: { headers: credentials() } });
    await client.connect(transport);

    const server = client.getServerVersion()?.name;
    const told = await tell(client, { name, asked, plan, version: version(), server, heard });
    await transport.terminateSession();
    await client.close();
    return told;
  });
}

function credentials() {
  const key = process.env.GATEWAYOPS_API_KEY;
  return key ? { Authorization: `Bearer ${key}` } : {};
}
