// As much of JSON Schema (2020-12) as the tools of MCP servers use. Schemas are other people's: nothing in them is
// trusted to be of the right type, and references may go in circles.

export interface JsonSchema {
  type?: string | string[];
  title?: string;
  description?: string;
  properties?: Record<string, JsonSchema>;
  required?: string[];
  additionalProperties?: boolean | JsonSchema;
  items?: JsonSchema;
  prefixItems?: JsonSchema[];
  enum?: unknown[];
  const?: unknown;
  default?: unknown;
  oneOf?: JsonSchema[];
  anyOf?: JsonSchema[];
  allOf?: JsonSchema[];
  $ref?: string;
  format?: string;
  [keyword: string]: unknown;
}

const MOST_REFERENCES = 16;

/** Anything as a schema: `true` and what is no schema allow everything. */
export function asSchema(value: unknown): JsonSchema {
  return isRecord(value) ? (value as JsonSchema) : {};
}

/** A schema with its references followed within `root`, and what it says by `allOf` said by itself. */
export function resolved(schema: JsonSchema, root: JsonSchema): JsonSchema {
  let seen = schema;
  for (let step = 0; typeof seen.$ref === "string" && step < MOST_REFERENCES; step += 1) {
    const { $ref, ...beside } = seen;
    seen = { ...asSchema(pointed(root, $ref as string)), ...beside };
  }
  if (!Array.isArray(seen.allOf)) return seen;
  const { allOf, ...rest } = seen;
  return allOf.slice(0, MOST_REFERENCES).reduce<JsonSchema>((all, part) => {
    // A part that refers back to the whole adds nothing.
    const own = asSchema(part);
    return both(all, own.$ref && own.$ref === schema.$ref ? {} : withoutAllOf(resolvedRef(own, root)));
  }, rest);
}

function resolvedRef(schema: JsonSchema, root: JsonSchema): JsonSchema {
  return typeof schema.$ref === "string" ? asSchema(pointed(root, schema.$ref)) : schema;
}

function withoutAllOf(schema: JsonSchema): JsonSchema {
  return { ...schema, allOf: undefined };
}

function both(a: JsonSchema, b: JsonSchema): JsonSchema {
  return {
    ...a,
    ...b,
    ...((a.properties ?? b.properties) && { properties: { ...a.properties, ...b.properties } }),
    ...((a.required ?? b.required) && { required: [...namesIn(a.required), ...namesIn(b.required)] }),
  };
}

function pointed(root: JsonSchema, reference: string): unknown {
  if (reference === "#") return root;
  if (!reference.startsWith("#/")) return {};
  return reference
    .slice(2)
    .split("/")
    .map((part) => decodeURIComponent(part).replaceAll("~1", "/").replaceAll("~0", "~"))
    .reduce<unknown>(
      (at, part) => (isRecord(at) || Array.isArray(at) ? (at as never)[part] : undefined),
      root,
    );
}

/** The types that a value may have; none means any. */
export function typesOf(schema: JsonSchema): string[] {
  if (typeof schema.type === "string") return [schema.type];
  if (Array.isArray(schema.type)) return schema.type.filter((type) => typeof type === "string");
  if (isRecord(schema.properties)) return ["object"];
  return schema.items !== undefined || schema.prefixItems !== undefined ? ["array"] : [];
}

export function propertiesOf(schema: JsonSchema): [string, JsonSchema][] {
  if (!isRecord(schema.properties)) return [];
  return Object.entries(schema.properties).map(([name, property]) => [name, asSchema(property)]);
}

export function isRequired(schema: JsonSchema, name: string): boolean {
  return namesIn(schema.required).includes(name);
}

/** Of which one must fit; empty where there is no choice. */
export function variantsOf(schema: JsonSchema): JsonSchema[] {
  const variants = schema.oneOf ?? schema.anyOf;
  return Array.isArray(variants) ? variants.map(asSchema) : [];
}

/** The values that are allowed; null where they are not counted up. */
export function valuesIn(schema: JsonSchema): unknown[] | null {
  if ("const" in schema) return [schema.const];
  return Array.isArray(schema.enum) ? schema.enum : null;
}

function namesIn(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((name) => typeof name === "string") : [];
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
