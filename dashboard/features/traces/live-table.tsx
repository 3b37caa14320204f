"use client";

import type { VisibilityState } from "@tanstack/react-table";
import { Pause, Play, Radio } from "lucide-react";
import { DataTable } from "@/components/data-table/data-table";
import { Notice } from "@/components/states/notice";
import { Failed } from "@/components/states/states";
import { Button } from "@/components/ui/button";
import { cn } from "@/lib/cn";
import type { StreamState } from "@/lib/live-stream";
import { count, plural } from "@/lib/number";
import type { TraceFilters } from "./api";
import { MOST_ROWS } from "./live-rows";
import { TRACES_COLUMNS } from "./traces-columns";
import { useLiveTraces } from "./use-live-traces";

const SAYS: Record<StreamState, string> = {
  connecting: "Connecting …",
  live: "Live",
  lost: "The stream broke off. It comes back by itself.",
  refused: "The stream was refused",
};

export function LiveTable({ filters, visibility }: { filters: TraceFilters; visibility: VisibilityState }) {
  const { rows, waiting, dropped, state, problem, paused, pause } = useLiveTraces(filters);
  if (state === "refused")
    return <Failed what="The live stream" error={problem ?? new Error(SAYS.refused)} />;
  return (
    <>
      <div className="flex flex-wrap items-center gap-x-4 gap-y-2 text-sm">
        <p role="status" className="flex items-center gap-2">
          <span
            aria-hidden
            className={cn(
              "size-2 rounded-full",
              state === "live" && !paused ? "animate-breathe bg-ok" : "bg-warn",
            )}
          />
          {paused && state === "live" ? "Paused" : SAYS[state]}
        </p>
        <Button size="small" onClick={() => pause(!paused)}>
          {paused ? <Play aria-hidden /> : <Pause aria-hidden />}
          {paused ? `Go on${waiting.length > 0 ? ` (${count(waiting.length)} new)` : ""}` : "Pause"}
        </Button>
        {dropped > 0 && (
          <p className="text-warn">
            {plural(dropped, "call")} left out, since they came faster than they could be read
          </p>
        )}
      </div>
      {rows.length === 0 ? (
        <Notice icon={Radio} title="Waiting for the next call">
          <p>Calls appear here a moment after they end.</p>
        </Notice>
      ) : (
        <DataTable
          label="Live traces"
          className="grow"
          columns={TRACES_COLUMNS}
          visibility={visibility}
          rows={rows}
          footer={rows.length === MOST_ROWS ? `The newest ${MOST_ROWS}` : plural(rows.length, "call")}
        />
      )}
    </>
  );
}
