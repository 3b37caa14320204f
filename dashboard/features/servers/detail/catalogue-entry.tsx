import { TriangleAlert } from "lucide-react";
import type { ReactNode } from "react";
import { Link } from "@/components/link";
import { ToolLevel, ToolStatus } from "@/components/tool-badges";
import { Badge } from "@/components/ui/badge";
import type { Schemas } from "@/lib/api/client";
import { plural } from "@/lib/number";

/** What is common to all kinds, and what each kind has beside it. */
export type Entry = Schemas["CatalogueEntry"] &
  Partial<Pick<Schemas["Tool"], "classification">> &
  Partial<Pick<Schemas["Resource"], "uri" | "is_template" | "mime_type">> & {
    arguments?: readonly { name?: string; required?: boolean }[];
  };

export function CatalogueEntry({ entry }: { entry: Entry }) {
  return (
    <li className="flex flex-col gap-1 border-b px-4 py-3 text-sm last:border-0 sm:px-5">
      <div className="flex flex-wrap items-center gap-x-2 gap-y-1">
        <Name entry={entry} />
        {entry.title && entry.title !== entry.name && <span className="text-ink-2">{entry.title}</span>}
        <span className="ml-auto flex flex-wrap gap-1.5">
          {entry.flags.length > 0 && (
            <Badge tone="bad">
              <TriangleAlert aria-hidden />
              {plural(entry.flags.length, "finding")}
            </Badge>
          )}
          {entry.classification && <ToolLevel level={entry.classification} />}
          <ToolStatus status={entry.status} />
        </span>
      </div>
      {entry.uri && (
        <p className="font-mono text-xs break-all text-ink-2">
          {entry.uri} {entry.is_template && "(template) "}
          {entry.mime_type}
        </p>
      )}
      {entry.description && <p className="line-clamp-2 text-ink-2">{entry.description}</p>}
      {entry.arguments && entry.arguments.length > 0 && (
        <p className="text-xs text-ink-3">
          Takes{" "}
          {entry.arguments.map(({ name, required }) => `${name}${required ? "" : " (optional)"}`).join(", ")}
        </p>
      )}
    </li>
  );
}

// Only tools have a page of their own.
function Name({ entry }: { entry: Entry }): ReactNode {
  const name = entry.name ?? entry.uri ?? "Without a name";
  if (!entry.classification) return <span className="font-medium break-all">{name}</span>;
  return (
    <Link href={`/tool?id=${entry.id}`} className="font-medium break-all hover:underline">
      {name}
    </Link>
  );
}
