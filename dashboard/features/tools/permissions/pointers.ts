import { asSchema, propertiesOf, resolved, type JsonSchema } from "@/lib/json-schema/json-schema";

const DEEPEST = 4;
const MOST = 100;

/** JSON Pointers to the single values that a schema names, to choose from: `/repo`, `/filter/since`. */
export function pointersOf(value: unknown): string[] {
  const root = asSchema(value);
  const pointers: string[] = [];

  function add(schema: JsonSchema, path: string, depth: number) {
    const properties = propertiesOf(resolved(schema, root));
    if (properties.length === 0 && path !== "" && pointers.length < MOST) pointers.push(path);
    // A schema may be a part of itself.
    if (depth >= DEEPEST) return;
    for (const [name, property] of properties) add(property, `${path}/${escaped(name)}`, depth + 1);
  }

  add(root, "", 0);
  return pointers;
}

function escaped(name: string): string {
  return name.replaceAll("~", "~0").replaceAll("/", "~1");
}
