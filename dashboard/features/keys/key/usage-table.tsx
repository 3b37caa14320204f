"use client";

import { useSearchParams } from "next/navigation";
import { PlainTable } from "@/components/data-table/plain-table";
import { Link } from "@/components/link";
import { Card } from "@/components/ui/card";
import { Money } from "@/components/ui/money";
import { shortCount } from "@/lib/number";
import { useMay } from "@/lib/session/session";
import { carryRange } from "@/lib/time-range/time-range";
import type { UsageFigures } from "./usage-rows";

type Row = UsageFigures & { mcp_server: string; tool_name?: string | null };

const NUMBER = "w-18 text-right tabular-nums";
const WIDE = "w-20 text-right tabular-nums max-sm:hidden";

/** Where the key's calls went; each leads to its traces. */
export function UsageTable({ title, keyId, rows }: { title: string; keyId: string; rows: readonly Row[] }) {
  return (
    <Card flush title={title}>
      <PlainTable
        label={title}
        columns={[
          { name: title === "By tool" ? "Tool" : "Server" },
          { name: "Requests", className: NUMBER },
          { name: "Errors", className: NUMBER },
          { name: "Blocked", className: WIDE },
          { name: "Cost", className: "w-20 text-right" },
        ]}
      >
        {rows.map((row) => (
          <tr key={`${row.mcp_server} ${row.tool_name ?? ""}`}>
            <td className="truncate">
              <Place keyId={keyId} row={row} />
            </td>
            <td className={NUMBER}>{shortCount(row.total_requests)}</td>
            <td className={NUMBER}>{shortCount(row.error_count)}</td>
            <td className={WIDE}>{shortCount(row.blocked_count)}</td>
            <td className="text-right tabular-nums">
              <Money amount={row.total_cost} />
            </td>
          </tr>
        ))}
      </PlainTable>
    </Card>
  );
}

function Place({ keyId, row: { mcp_server, tool_name } }: { keyId: string; row: Row }) {
  const name = tool_name ? `${mcp_server} · ${tool_name}` : mcp_server;
  const base = carryRange("/traces", useSearchParams());
  if (!useMay("traces:read")) return name;
  const query = new URLSearchParams({ api_key_id: keyId, mcp_server, ...(tool_name && { tool_name }) });
  return (
    <Link
      href={`${base}${base.includes("?") ? "&" : "?"}${query.toString()}`}
      className="font-medium hover:underline"
      title={name}
    >
      {name}
    </Link>
  );
}
