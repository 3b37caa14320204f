"use client";

import { Download } from "lucide-react";
import { Can } from "@/components/can";
import { Button } from "@/components/ui/button";
import {
  DropdownMenu,
  DropdownMenuContent,
  DropdownMenuItem,
  DropdownMenuLabel,
  DropdownMenuTrigger,
} from "@/components/ui/dropdown-menu";
import type { TimeRange } from "@/lib/time-range/time-range";
import { exportHref, type AuditFilters } from "./api";

const FORMATS = [
  { format: "csv", name: "CSV, for spreadsheets" },
  { format: "jsonl", name: "JSON lines, as evidence" },
] as const;

/** The rows that are shown, as a file. */
export function ExportMenu({ range, filters }: { range: TimeRange; filters: AuditFilters }) {
  return (
    <Can permission="audit:export">
      <DropdownMenu>
        <DropdownMenuTrigger asChild>
          <Button>
            <Download aria-hidden className="text-ink-3" />
            Export
          </Button>
        </DropdownMenuTrigger>
        <DropdownMenuContent align="end" className="max-w-72">
          {FORMATS.map(({ format, name }) => (
            <DropdownMenuItem key={format} asChild>
              <a href={exportHref(format, range, filters)} download>
                {name}
              </a>
            </DropdownMenuItem>
          ))}
          <DropdownMenuLabel>
            Without filters, JSON lines carry the signed heads and keys that prove them.
          </DropdownMenuLabel>
        </DropdownMenuContent>
      </DropdownMenu>
    </Can>
  );
}
