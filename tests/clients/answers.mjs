// What a client answers when the server asks it for something, and the record of what it was asked.
import { setTimeout as sleep } from 'node:timers/promises';

/**
 * `elicitation` is the result of every form. `afterMs` keeps questions open for a while, so that they overlap. `url`: the
 * client can send its user to a page.
 */
export function answers(name, { elicitation = { action: 'decline' }, afterMs = 0, url = false } = {}) {
  const heard = { elicited: [], sampled: [], rootsAsked: 0 };
  const handlers = {
    'elicitation/create': ({ params }) => {
      heard.elicited.push(params.message);
      return sleep(afterMs, elicitation);
    },
    'sampling/createMessage': ({ params }) => {
      heard.sampled.push(params.messages[0].content.text);
      return sleep(afterMs, { role: 'assistant', model: name, content: { type: 'text', text: `sampled by ${name}` } });
    },
    'roots/list': () => {
      heard.rootsAsked += 1;
      return sleep(afterMs, { roots: [{ uri: 'file:///work', name }] });
    },
  };
  const forms = url ? { form: {}, url: {} } : {};
  return { heard, handlers, capabilities: { elicitation: forms, sampling: {}, roots: {} } };
}
