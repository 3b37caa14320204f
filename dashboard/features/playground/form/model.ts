// Values of a form that is made from a schema: what it begins with, and what is wrong with it.
import {
  asSchema,
  isRecord,
  isRequired,
  propertiesOf,
  resolved,
  typesOf,
  valuesIn,
  variantsOf,
  type JsonSchema,
} from "@/lib/json-schema/json-schema";

const DEEPEST = 12;

/** What is there before anything is typed: defaults, and the frame of what is required. Undefined: not given. */
export function initial(given: JsonSchema, root: JsonSchema, required: boolean, depth = 0): unknown {
  const schema = drawn(given, root);
  if ("const" in schema) return required ? schema.const : undefined;
  if (schema.default !== undefined) return structuredClone(schema.default);
  if (!required || depth > DEEPEST) return undefined;
  if (valuesIn(schema)) return undefined;
  if (waysOf(schema).length > 1) return undefined;
  const [type] = typesOf(schema);
  if (type === "boolean") return false;
  if (type === "array") return [];
  if (type !== "object") return undefined;
  const value: Record<string, unknown> = {};
  for (const [name, property] of propertiesOf(schema)) {
    const inner = initial(property, root, isRequired(schema, name), depth + 1);
    if (inner !== undefined) value[name] = inner;
  }
  return value;
}

/** A schema as it is drawn: where there is but one way beside null, that one, with what was said around it. */
export function drawn(given: JsonSchema, root: JsonSchema): JsonSchema {
  const schema = resolved(given, root);
  const [only, ...others] = waysOf(schema);
  if (!only || others.length > 0 || only === schema) return schema;
  const { title, description, default: fallback } = schema;
  return {
    ...(title !== undefined && { title }),
    ...(description !== undefined && { description }),
    ...(fallback !== undefined && { default: fallback }),
    ...resolved(only, root),
  };
}

/** An object with one property changed; undefined takes it out. */
export function withProperty(value: unknown, name: string, next: unknown): Record<string, unknown> {
  const before = isRecord(value) ? value : {};
  if (next !== undefined) return { ...before, [name]: next };
  return Object.fromEntries(Object.entries(before).filter(([other]) => other !== name));
}

export type Kind =
  "fixed" | "choice" | "variants" | "text" | "number" | "boolean" | "object" | "array" | "json";

/** Which part of a form a schema is drawn as; what fits none is typed as JSON. */
export function kindOf(schema: JsonSchema, depth: number): Kind {
  if ("const" in schema) return "fixed";
  if (valuesIn(schema)) return "choice";
  if (depth > DEEPEST) return "json";
  if (waysOf(schema).length > 1) return "variants";
  const [type] = typesOf(schema).filter((type) => type !== "null");
  if (type === "string") return "text";
  if (type === "integer" || type === "number") return "number";
  if (type === "boolean") return "boolean";
  if (type === "object") return propertiesOf(schema).length > 0 ? "object" : "json";
  if (type === "array") return schema.prefixItems || !isRecord(schema.items) ? "json" : "array";
  return "json";
}

/** Schemas of which one is filled in: alternatives, or several types. “null” is: not given. */
export function waysOf(schema: JsonSchema): JsonSchema[] {
  const variants = variantsOf(schema).filter(({ type }) => type !== "null");
  if (variants.length > 0) {
    const beside = { ...schema, oneOf: undefined, anyOf: undefined };
    const shared = propertiesOf(beside).length > 0 ? beside : {};
    return variants.map((variant) => merged(shared, variant));
  }
  const types = typesOf(schema).filter((type) => type !== "null");
  return types.length > 1 ? types.map((type) => ({ ...schema, type, title: type })) : [schema];
}

function merged(shared: JsonSchema, variant: JsonSchema): JsonSchema {
  if (Object.keys(shared).length === 0) return variant;
  return {
    ...shared,
    ...variant,
    properties: { ...shared.properties, ...variant.properties },
    required: [...(shared.required ?? []), ...(variant.required ?? [])],
  };
}

/** The way that a value goes: the first that nothing is wrong with. */
export function wayOf(ways: readonly JsonSchema[], value: unknown, root: JsonSchema): number {
  if (value === undefined) return 0;
  return Math.max(
    0,
    ways.findIndex((way) => problemsOf(way, value, root).size === 0),
  );
}

/** What is wrong, by the place it is at: `` (the whole), `/filter/tags/0`. */
export function problemsOf(given: JsonSchema, value: unknown, root: JsonSchema): Map<string, string> {
  const problems = new Map<string, string>();
  look(given, value, "", 0);
  return problems;

  function look(given: JsonSchema, value: unknown, path: string, depth: number): void {
    if (depth > DEEPEST) return;
    const schema = drawn(given, root);
    if (value === null && takesNull(resolved(given, root))) return;
    const ways = waysOf(schema);
    if (ways.length > 1) {
      const fits = ways.some((way) => problemsOf(way, value, root).size === 0);
      const chosen = ways[wayOf(ways, value, root)];
      if (!fits && chosen)
        for (const [at, text] of problemsOf(chosen, value, root)) problems.set(path + at, text);
      return;
    }
    const wrong = wrongWith(schema, value);
    if (wrong) problems.set(path, wrong);
    if (isRecord(value)) {
      for (const [name, property] of propertiesOf(schema)) {
        const inner = value[name];
        if (inner !== undefined) look(property, inner, `${path}/${name}`, depth + 1);
        else if (isRequired(schema, name)) problems.set(`${path}/${name}`, "It is required.");
      }
    }
    if (Array.isArray(value) && isRecord(schema.items))
      value.forEach((item, at) => look(asSchema(schema.items), item, `${path}/${at}`, depth + 1));
  }
}

function takesNull(schema: JsonSchema): boolean {
  return typesOf(schema).includes("null") || variantsOf(schema).some(({ type }) => type === "null");
}

function wrongWith(schema: JsonSchema, value: unknown): string | null {
  if (value === undefined) return "It is required.";
  const types = typesOf(schema);
  const values = valuesIn(schema);
  if (values) {
    const text = JSON.stringify(value);
    return values.some((one) => JSON.stringify(one) === text) ? null : "It must be one of the choices.";
  }
  if (types.length > 0 && !types.some((type) => isOfType(value, type)))
    return `It must be ${types.map(withArticle).join(" or ")}.`;
  if (typeof value === "number") return wrongNumber(schema, value);
  if (typeof value === "string") return wrongText(schema, value);
  if (Array.isArray(value)) return wrongSize("items", value.length, schema.minItems, schema.maxItems);
  return null;
}

function wrongNumber({ minimum, maximum, exclusiveMinimum, exclusiveMaximum }: JsonSchema, value: number) {
  if (!Number.isSafeInteger(value) && Number.isInteger(value))
    return "It is too large to be exact here: type it as JSON.";
  if (typeof minimum === "number" && value < minimum) return `It must be at least ${minimum}.`;
  if (typeof maximum === "number" && value > maximum) return `It must be at most ${maximum}.`;
  if (typeof exclusiveMinimum === "number" && value <= exclusiveMinimum)
    return `It must be more than ${exclusiveMinimum}.`;
  if (typeof exclusiveMaximum === "number" && value >= exclusiveMaximum)
    return `It must be less than ${exclusiveMaximum}.`;
  return null;
}

// Patterns are left to the server: one of somebody else's could keep a browser busy for ever.
function wrongText({ minLength, maxLength }: JsonSchema, value: string): string | null {
  return wrongSize("characters", [...value].length, minLength, maxLength);
}

function wrongSize(what: string, size: number, least: unknown, most: unknown): string | null {
  if (typeof least === "number" && size < least) return `It needs ${least} ${what} or more.`;
  if (typeof most === "number" && size > most) return `It may have ${most} ${what} at most.`;
  return null;
}

function isOfType(value: unknown, type: string): boolean {
  if (type === "null") return value === null;
  if (type === "array") return Array.isArray(value);
  if (type === "object") return isRecord(value);
  if (type === "integer") return typeof value === "number" && Number.isInteger(value);
  return typeof value === type;
}

function withArticle(type: string): string {
  if (type === "null") return "null";
  return /^[aio]/.test(type) ? `an ${type}` : `a ${type}`;
}
