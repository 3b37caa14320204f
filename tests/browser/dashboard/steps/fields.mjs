// The fields of a form by their labels: what is in them, and something else put into each of them.

const CONTROLS = 'input, select, textarea';

/** `[{ at, name, kind, value, … }]` as they stand; of two that are called the same the second is “… (2)”. */
async function fieldsOf(form) {
  const fields = await form.locator(CONTROLS).evaluateAll(controls => {
    const words = element => element?.textContent.replace(/\s+/g, ' ').trim();
    return controls.map((control, at) => {
      const group = control.closest('[role=group][aria-labelledby]');
      const own = control.getAttribute('aria-label') ?? words(control.labels?.[0]) ?? '';
      const above = group && words(document.getElementById(group.getAttribute('aria-labelledby')));
      return {
        at,
        name: above ? `${above}: ${own}` : own,
        kind: control.tagName === 'INPUT' ? control.type : control.tagName.toLowerCase(),
        value: control.type === 'checkbox' ? control.checked : control.value,
        max: control.max === '' || control.max === undefined ? Infinity : Number(control.max),
        options: [...(control.options ?? [])].filter(option => !option.disabled).map(option => option.value),
      };
    });
  });
  const seen = new Map();
  for (const field of fields) {
    const times = (seen.get(field.name) ?? 0) + 1;
    seen.set(field.name, times);
    if (times > 1) field.name += ` (${times})`;
  }
  return fields;
}

/** What can be found again: secrets are written and never read. */
export async function valuesIn(form) {
  const fields = (await fieldsOf(form)).filter(({ kind }) => kind !== 'password');
  return Object.fromEntries(fields.map(({ name, value }) => [name, value]));
}

/** Puts another value into each field, also into those that come with another choice; `given` says which, by names. */
export async function changeAll(form, given = {}) {
  const done = new Set();
  for (;;) {
    const field = (await fieldsOf(form)).find(({ name }) => !done.has(name));
    if (!field) return done.size;
    if (!field.name) throw new Error(`a ${field.kind} has no label`);
    await change(form.locator(CONTROLS).nth(field.at), field, given[field.name]);
    done.add(field.name);
  }
}

async function change(control, { kind, value, max, options }, given) {
  if (kind === 'checkbox') return control.setChecked(!value);
  if (kind === 'select') return control.selectOption(given ?? after(options, value));
  if (kind === 'number') return control.fill(String(given ?? beside(Number(value), max)));
  return control.fill(given ?? (value ? `${value}2` : 'changed'));
}

const beside = (number, max) => (number + 1 <= max ? number + 1 : number - 1);

/** The next one, at the end the first. */
const after = (options, value) => options[(options.indexOf(value) + 1) % options.length];
