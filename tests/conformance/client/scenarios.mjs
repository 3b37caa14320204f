// What the client does in each scenario of the suite, and what it must get. The suite judges what reaches its server;
// what comes back is only judged here.
//   capabilities  what the client declares
//   form          what it fills into every form it is asked for
//   run           its calls; `context` is what the suite wants to be sent
import assert from 'node:assert/strict';

/** Where the suite judges the first request of a kind only, or counts them: nobody else's may come before ours. */
export const FIRST_REQUEST_COUNTS = new Set(['initialize', 'request-metadata', 'http-standard-headers']);

export const scenarios = {
  initialize: {
    async run(client) {
      assert.equal(client.getServerVersion().name, 'test-server');
      await namesOfTools(client, []);
    },
  },

  tools_call: {
    async run(client) {
      await namesOfTools(client, ['add_numbers']);
      assert.equal(await textOf(client, 'add_numbers', { a: 5, b: 3 }), 'The sum of 5 and 3 is 8');
    },
  },

  // The call's stream ends early; the answer is on the stream that takes up after its last event.
  'sse-retry': {
    async run(client) {
      await namesOfTools(client, ['test_reconnection']);
      assert.equal(await textOf(client, 'test_reconnection'), 'Reconnection test completed successfully');
    },
  },

  // The form is sent empty: its defaults are what the suite looks for.
  'elicitation-sep1034-client-defaults': {
    capabilities: { elicitation: { form: { applyDefaults: true } } },
    form: {},
    async run(client) {
      await namesOfTools(client, ['test_client_elicitation_defaults']);
      assert.match(await textOf(client, 'test_client_elicitation_defaults'), /^Elicitation completed: .*John Doe/);
    },
  },

  'json-schema-2020-12-preservation': {
    async run(client) {
      const { tools } = await client.listTools();
      const { inputSchema: schema } = tools.find(tool => tool.name === 'json_schema_2020_12_tool');
      assert.equal(await textOf(client, 'json_schema_echo', { schema }), 'echoed');
    },
  },

  // The suite refuses the first request with -32022, and wants to see another.
  'request-metadata': {
    capabilities: { roots: { listChanged: true }, sampling: {}, elicitation: {} },
    async run(client) {
      assert.deepEqual((await client.callTool({ name: 'any', arguments: {} })).content, []);
    },
  },

  'sep-2322-client-request-state': {
    capabilities: { elicitation: {} },
    form: { confirmed: true },
    async run(client) {
      for (const name of ['echo_state', 'no_state', 'unrelated']) {
        assert.equal(await textOf(client, `test_mrtr_${name}`), `${name.replace('_', '-')}-ok`);
      }
      // A modern server must send a resultType, so this client refuses the answer; the suite wants no second call.
      await assert.rejects(textOf(client, 'test_mrtr_no_result_type'), /missing required resultType/);
    },
  },

  'http-standard-headers': {
    async run(client) {
      for (const name of await namesOfTools(client, ['test_headers', 'my-hyphenated-tool'])) {
        assert.equal(await textOf(client, name), 'Headers test completed');
      }
      const { resources } = await client.listResources();
      assert.equal(resources.length, 2);
      for (const { uri } of resources) assert.deepEqual((await client.readResource({ uri })).contents, []);
      const { prompts } = await client.listPrompts();
      assert.equal(prompts.length, 1);
      for (const { name } of prompts) assert.deepEqual((await client.getPrompt({ name })).messages, []);
    },
  },

  // The list comes first: it says which arguments go into headers as well.
  'http-custom-headers': {
    async run(client, { toolCalls }) {
      await namesOfTools(client, toolCalls.map(call => call.name));
      for (const { name, arguments: values } of toolCalls) {
        assert.equal(await textOf(client, name, values), 'Custom headers test completed');
      }
    },
  },

  // Calls whatever the list leaves; what must not be in it, the suite counts.
  'http-invalid-tool-headers': {
    async run(client) {
      const { tools } = await client.listTools();
      for (const { name } of tools) assert.equal(await textOf(client, name, { region: 'eu' }), 'Tool call received');
    },
  },

  'json-schema-ref-no-deref': {
    async run(client) {
      const { tools } = await client.listTools();
      assert.match(tools[0].inputSchema.properties.profile.$ref, /^http:.*\/canary\//);
    },
  },
};

async function namesOfTools(client, expected) {
  const { tools } = await client.listTools();
  const names = tools.map(tool => tool.name);
  assert.deepEqual(names, expected);
  return names;
}

async function textOf(client, name, values = {}) {
  const result = await client.callTool({ name, arguments: values });
  assert.ok(!result.isError, JSON.stringify(result));
  assert.equal(result.content.length, 1);
  return result.content[0].text;
}
