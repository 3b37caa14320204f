import { Badge } from "@/components/ui/badge";
import { JsonBlock } from "@/components/ui/json-block";
import { cn } from "@/lib/cn";
import { Revealed } from "@/components/revealed";
import { schemaRows, type SchemaRow } from "./schema-rows";

interface Props {
  /** “Input”. */
  label: string;
  schema: unknown;
  /** What there is to say where it speaks of no values. */
  nothing: string;
}

/** A schema to read; as JSON below, where nothing is left out. */
export function SchemaView({ label, schema, nothing }: Props) {
  const rows = schemaRows(schema);
  return (
    <div className="flex flex-col gap-3">
      {rows.length === 0 ? (
        <p className="text-sm text-ink-2">{nothing}</p>
      ) : (
        <ul aria-label={label} className="rounded-lg border">
          {rows.map((row) => (
            <Row key={row.path} row={row} />
          ))}
        </ul>
      )}
      {schema !== null && schema !== undefined && (
        <details>
          <summary className="text-sm text-ink-2">As JSON</summary>
          <div className="mt-2">
            <JsonBlock label={`${label} schema`} value={schema} />
          </div>
        </details>
      )}
    </div>
  );
}

const INDENTS = ["", "pl-4", "pl-8", "pl-12", "pl-16", "pl-20"];

function Row({ row }: { row: SchemaRow }) {
  return (
    <li className="border-b px-3 py-2 text-sm last:border-0">
      <div className={cn(INDENTS[Math.min(row.depth, INDENTS.length - 1)])}>
        <p className="flex flex-wrap items-center gap-x-2 gap-y-0.5">
          <code className="font-mono text-xs font-medium break-all">{row.name}</code>
          <span className="text-xs text-ink-3">{row.type}</span>
          {row.required && <Badge tone="accent">Required</Badge>}
        </p>
        {row.description && (
          <p className="mt-0.5 break-words whitespace-pre-line text-ink-2">
            <Revealed text={row.description} />
          </p>
        )}
        {row.rules.length > 0 && (
          <p className="mt-0.5 text-xs break-words text-ink-3">{row.rules.join(" · ")}</p>
        )}
      </div>
    </li>
  );
}
