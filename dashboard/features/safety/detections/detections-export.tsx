"use client";

import { Download } from "lucide-react";
import { useListState } from "@/components/data-table/use-list-state";
import { Button } from "@/components/ui/button";
import {
  DropdownMenu,
  DropdownMenuContent,
  DropdownMenuItem,
  DropdownMenuTrigger,
} from "@/components/ui/dropdown-menu";
import { DETECTION_FILTERS, DETECTION_SORT, exportHref } from "@/features/safety/api";
import { useTimeRange } from "@/lib/time-range/use-time-range";

const FORMATS = [
  { format: "csv", name: "CSV" },
  { format: "jsonl", name: "JSON lines" },
] as const;

/** The rows that are shown, as a file. */
export function DetectionsExport() {
  const [range] = useTimeRange();
  const { filters } = useListState(DETECTION_FILTERS, DETECTION_SORT);
  return (
    <DropdownMenu>
      <DropdownMenuTrigger asChild>
        <Button>
          <Download aria-hidden className="text-ink-3" />
          Export
        </Button>
      </DropdownMenuTrigger>
      <DropdownMenuContent align="end">
        {FORMATS.map(({ format, name }) => (
          <DropdownMenuItem key={format} asChild>
            <a href={exportHref(format, range, filters)} download>
              {name}
            </a>
          </DropdownMenuItem>
        ))}
      </DropdownMenuContent>
    </DropdownMenu>
  );
}
