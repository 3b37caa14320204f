// What a form holds: names of fields as the API's refusals name them (`security.local_login`) and their values.

export type Values = Record<string, unknown>;

/** Fields of the named sections beside those of the object itself. */
export function flatten(object: object, sections: readonly string[]): Values {
  const values: Values = {};
  for (const [name, value] of Object.entries(object)) {
    if (!sections.includes(name)) values[name] = value;
    else for (const [field, inner] of Object.entries(value as object)) values[`${name}.${field}`] = inner;
  }
  return values;
}

/** The other way round. */
export function unflatten(values: Values): Values {
  const object: Record<string, Values | unknown> = {};
  for (const [name, value] of Object.entries(values)) {
    const [section = name, field] = name.split(".", 2);
    if (field === undefined) object[name] = value;
    else object[section] = { ...(object[section] as Values | undefined), [field]: value };
  }
  return object;
}

export function isSame(one: unknown, other: unknown): boolean {
  return JSON.stringify(one ?? null) === JSON.stringify(other ?? null);
}

/** What differs from what is saved; a field that is back where it was is no change. */
export function withChange(saved: Values, changes: Values, name: string, value: unknown): Values {
  const others = Object.entries(changes).filter(([field]) => field !== name);
  return Object.fromEntries(isSame(saved[name], value) ? others : [...others, [name, value]]);
}
