"use client";

import type { VisibilityState } from "@tanstack/react-table";
import { Columns3 } from "lucide-react";
import { useState } from "react";
import { Button } from "@/components/ui/button";
import {
  DropdownMenu,
  DropdownMenuCheckboxItem,
  DropdownMenuContent,
  DropdownMenuLabel,
  DropdownMenuTrigger,
} from "@/components/ui/dropdown-menu";
import { recall, remember } from "@/lib/remembered";
import type { Columns } from "./column-meta";

/** Which columns of a table are shown; this browser keeps it. */
export function useColumns(table: string, initial: VisibilityState = {}) {
  const key = `columns.${table}`;
  const [visibility, setVisibility] = useState<VisibilityState>(() => ({ ...initial, ...recall(key, {}) }));
  function change(column: string, shown: boolean) {
    const next = { ...visibility, [column]: shown };
    setVisibility(next);
    remember(key, next);
  }
  return [visibility, change] as const;
}

interface Props<Row> {
  columns: Columns<Row>;
  visibility: VisibilityState;
  onChange: (column: string, shown: boolean) => void;
}

export function ColumnMenu<Row>({ columns, visibility, onChange }: Props<Row>) {
  return (
    <DropdownMenu>
      <DropdownMenuTrigger asChild>
        <Button aria-label="Columns">
          <Columns3 aria-hidden className="text-ink-3" />
          <span className="max-lg:sr-only">Columns</span>
        </Button>
      </DropdownMenuTrigger>
      <DropdownMenuContent align="end">
        <DropdownMenuLabel>Shown where there is room</DropdownMenuLabel>
        {columns.map(({ id = "", meta }) => (
          <DropdownMenuCheckboxItem
            key={id}
            disabled={meta?.fixed}
            checked={visibility[id] !== false}
            onCheckedChange={(shown) => onChange(id, shown)}
          >
            {meta?.name ?? id}
          </DropdownMenuCheckboxItem>
        ))}
      </DropdownMenuContent>
    </DropdownMenu>
  );
}
