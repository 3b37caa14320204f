// A client with a PLAN lists all that the server offers, page by page, and then does what the plan says:
//   {"calls": [["tool", {…}], …], "prompts": [["prompt", {…}], …], "reads": ["uri", …],
//    "together": true, "answers": {"elicitation": {…}, "afterMs": 100}}
// Every part may be left out. `together` makes all calls at once; `answers` are those of answers.mjs.

export const readPlan = () => (process.env.PLAN ? JSON.parse(process.env.PLAN) : undefined);

/** `client` is one of the SDKs', or has the same methods. */
export async function perform(client, { calls = [], prompts = [], reads = [], together = false }) {
  const listed = await listAll(client);
  const results = await each(calls, ([name, args]) =>
    named(`tools/call ${name}`, client.callTool({ name, arguments: args })), together);
  const messages = await each(prompts, ([name, args]) =>
    named(`prompts/get ${name}`, client.getPrompt({ name, arguments: args })));
  const contents = await each(reads, uri => named(`resources/read ${uri}`, client.readResource({ uri })));

  const byName = (names, values, view) => Object.fromEntries(names.map((name, at) => [name, view(values[at])]));
  const called = calls.map(([name]) => name);
  return {
    ...listed,
    called: byName(called, results, ({ content }) => content.find(block => block.type === 'text')?.text ?? null),
    isError: byName(called, results, result => result.isError ?? false),
    links: byName(called, results, ({ content }) => content.flatMap(linked)),
    got: byName(prompts.map(([name]) => name), messages, prompt => prompt.messages[0].content.text ?? null),
    read: byName(reads, contents, ({ contents: [{ uri, text }] }) => ({ uri, text: text ?? null })),
  };
}

/** What the server does not have is an empty list. */
async function listAll(client) {
  const able = client.getServerCapabilities() ?? {};
  const list = (has, method, key, id) => (has ? everyPage(client, method, key, id) : []);
  return {
    tools: await list(able.tools, 'listTools', 'tools', 'name'),
    prompts: await list(able.prompts, 'listPrompts', 'prompts', 'name'),
    resources: await list(able.resources, 'listResources', 'resources', 'uri'),
    templates: await list(able.resources, 'listResourceTemplates', 'resourceTemplates', 'uriTemplate'),
  };
}

/** A client that follows the pages by itself hands out all of them as one. */
async function everyPage(client, method, key, id) {
  const ids = [];
  let cursor;
  do {
    const page = await named(method, client[method](cursor === undefined ? undefined : { cursor }));
    ids.push(...page[key].map(item => item[id]));
    cursor = page.nextCursor;
  } while (cursor !== undefined);
  return ids;
}

/** The URIs that a content block leads to. */
const linked = ({ type, uri, resource }) => ({ resource_link: [uri], resource: [resource?.uri] })[type] ?? [];

/** The results of `act` on every item, in the order of the items. */
async function each(items, act, together = false) {
  if (together) return Promise.all(items.map(act));
  const results = [];
  for (const item of items) results.push(await act(item));
  return results;
}

/** What went wrong says during what. */
const named = (what, done) =>
  done.catch(error => {
    throw new Error(what, { cause: error });
  });
