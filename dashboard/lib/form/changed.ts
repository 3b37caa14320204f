/** Of what a form holds, the fields that differ from what was read: a change says no more than that. */
export function changedOf<Form extends object>(before: Form, after: Form): Partial<Form> {
  const changed: Partial<Form> = {};
  for (const name of Object.keys(after) as (keyof Form)[]) {
    if (JSON.stringify(before[name]) !== JSON.stringify(after[name])) changed[name] = after[name];
  }
  return changed;
}
