"use client";

import { ChartColumn, ChartNoAxesColumn, Table } from "lucide-react";
import { useState } from "react";
import { Failed } from "@/components/states/states";
import { Notice } from "@/components/states/notice";
import { Card } from "@/components/ui/card";
import { IconButton } from "@/components/ui/icon-button";
import { Skeleton } from "@/components/ui/skeleton";
import { ChartTable } from "./chart-table";
import { Legend } from "./legend";
import { TimeChart, type TimeChartProps, type TimeRow } from "./time-chart";

interface Props<Row extends TimeRow> extends Omit<TimeChartProps<Row>, "rows"> {
  title: string;
  description?: string;
  /** Undefined while they are on their way. */
  rows: readonly Row[] | undefined;
  error: unknown;
  onRetry: () => void;
  /** Whether there is anything to see in the rows. */
  isEmpty: boolean;
  className?: string;
}

/** A chart with its title, its legend, and the same as a table. */
export function ChartCard<Row extends TimeRow>(props: Props<Row>) {
  const { title, description, series, rows, isEmpty, className } = props;
  const [asTable, setAsTable] = useState(false);
  const shown = rows && !isEmpty;
  return (
    <Card
      title={title}
      description={description}
      className={className}
      actions={
        shown && (
          <IconButton
            label={
              asTable ? `Show ${title.toLowerCase()} as a chart` : `Show ${title.toLowerCase()} as a table`
            }
            className="-mt-1 -mr-2"
            onClick={() => setAsTable(!asTable)}
          >
            {asTable ? <ChartColumn aria-hidden /> : <Table aria-hidden />}
          </IconButton>
        )
      }
    >
      <Body {...props} asTable={asTable} />
      {shown && (
        <div className="mt-2">
          <Legend series={series} />
        </div>
      )}
    </Card>
  );
}

function Body<Row extends TimeRow>({
  asTable,
  rows,
  error,
  onRetry,
  isEmpty,
  title,
  ...chart
}: Props<Row> & { asTable: boolean }) {
  if (error && !rows) return <Failed small what={title} error={error} onRetry={onRetry} />;
  if (!rows) return <Skeleton className="h-55 w-full" />;
  if (isEmpty) {
    return (
      <Notice small icon={ChartNoAxesColumn} title="No requests in this range of time">
        <p>Choose a longer one above.</p>
      </Notice>
    );
  }
  if (asTable) return <ChartTable {...chart} rows={rows} caption={title} />;
  return <TimeChart {...chart} rows={rows} />;
}
