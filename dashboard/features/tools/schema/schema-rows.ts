// A schema as rows to read, one for each value it speaks of.
import {
  asSchema,
  isRequired,
  propertiesOf,
  resolved,
  typesOf,
  valuesIn,
  variantsOf,
  type JsonSchema,
} from "@/lib/json-schema/json-schema";

export interface SchemaRow {
  /** Unique within the schema: `filter.tags[]`. */
  path: string;
  name: string;
  depth: number;
  type: string;
  required: boolean;
  description: string | null;
  /** “at least 1”, “one of a, b”, … */
  rules: string[];
}

const DEEPEST = 8;
const MOST = 500;

export function schemaRows(value: unknown): SchemaRow[] {
  const root = asSchema(value);
  const rows: SchemaRow[] = [];

  function add(
    given: JsonSchema,
    at: Pick<SchemaRow, "path" | "name" | "depth" | "required">,
    refs: string[],
  ) {
    if (rows.length >= MOST) return;
    const schema = resolved(given, root);
    const circles = given.$ref !== undefined && refs.includes(given.$ref);
    const { description } = schema;
    rows.push({
      ...at,
      type: circles ? `${typeName(schema, root)}, as above` : typeName(schema, root),
      description: typeof description === "string" ? description : null,
      rules: rulesOf(schema),
    });
    if (!circles && at.depth < DEEPEST) inside(schema, at, given.$ref ? [...refs, given.$ref] : refs);
  }

  function inside(schema: JsonSchema, { path, depth }: Pick<SchemaRow, "path" | "depth">, refs: string[]) {
    for (const [name, property] of propertiesOf(schema)) {
      const required = isRequired(schema, name);
      add(property, { path: path ? `${path}.${name}` : name, name, depth: depth + 1, required }, refs);
    }
    const items = schema.items === undefined ? null : asSchema(schema.items);
    if (items && hasInside(resolved(items, root)))
      add(items, { path: `${path}[]`, name: "each", depth: depth + 1, required: false }, refs);
    const variants = variantsOf(schema).filter((variant) => hasInside(resolved(variant, root)));
    variants.forEach((variant, at) => {
      const name = typeof variant.title === "string" ? variant.title : `Way ${at + 1}`;
      add(variant, { path: `${path}|${at + 1}`, name, depth: depth + 1, required: false }, refs);
    });
  }

  inside(resolved(root, root), { path: "", depth: -1 }, ["#"]);
  return rows;
}

function hasInside(schema: JsonSchema): boolean {
  return (
    propertiesOf(schema).length > 0 ||
    variantsOf(schema).length > 0 ||
    schema.items !== undefined ||
    typeof schema.description === "string"
  );
}

/** “string”, “list of integer”, “string or null”. */
export function typeName(schema: JsonSchema, root: JsonSchema, depth = 0): string {
  const types = typesOf(schema);
  if (types.length === 0) {
    const variants = variantsOf(schema);
    if (variants.length === 0) return valuesIn(schema) ? "value" : "anything";
    if (depth > 2) return "one of several";
    const names = variants.map((variant) => typeName(resolved(variant, root), root, depth + 1));
    return [...new Set(names)].join(" or ");
  }
  return types
    .map((type) => {
      if (type !== "array" || schema.items === undefined || depth > 2)
        return type === "array" ? "list" : type;
      return `list of ${typeName(resolved(asSchema(schema.items), root), root, depth + 1)}`;
    })
    .join(" or ");
}

const WORDS: [keyword: string, words: (value: string) => string][] = [
  ["format", (value) => `as ${value}`],
  ["pattern", (value) => `fits ${value}`],
  ["minimum", (value) => `at least ${value}`],
  ["exclusiveMinimum", (value) => `more than ${value}`],
  ["maximum", (value) => `at most ${value}`],
  ["exclusiveMaximum", (value) => `less than ${value}`],
  ["multipleOf", (value) => `a multiple of ${value}`],
  ["minLength", (value) => `${value} characters or more`],
  ["maxLength", (value) => `${value} characters at most`],
  ["minItems", (value) => `${value} items or more`],
  ["maxItems", (value) => `${value} items at most`],
  ["default", (value) => `else ${value}`],
];

function rulesOf(schema: JsonSchema): string[] {
  const rules = WORDS.flatMap(([keyword, words]) => {
    const value = schema[keyword];
    return value === undefined ? [] : [words(typeof value === "string" ? value : JSON.stringify(value))];
  });
  const values = valuesIn(schema);
  if (values) rules.unshift(`one of ${values.map((value) => JSON.stringify(value)).join(", ")}`);
  if (schema.uniqueItems === true) rules.push("each once");
  if (schema.additionalProperties === false) rules.push("nothing else");
  return rules;
}
