import { createColumnHelper } from "@tanstack/react-table";
import type { Columns } from "@/components/data-table/column-meta";
import { RowLink } from "@/components/data-table/table-row";
import { Money } from "@/components/ui/money";
import { count, percent, shortCount } from "@/lib/number";
import type { Share } from "./share";

const column = createColumnHelper<Share>();

/** `without` is what a row without a name is called: “Calls without a team”. */
export function sharesColumns(
  noun: string,
  without: string,
  hrefOf: (share: Share) => string | null,
): Columns<Share> {
  return [
    column.display({
      id: "name",
      header: noun,
      meta: { name: noun, className: "w-auto", fixed: true },
      cell: ({ row: { original: share } }) => {
        const href = hrefOf(share);
        if (!href) return <span className="text-ink-2">{share.name ?? without}</span>;
        return (
          <>
            <RowLink href={href}>{share.name}</RowLink>
            {share.of && <span className="ml-2 text-ink-3">{share.of}</span>}
          </>
        );
      },
    }),
    column.accessor("share", {
      id: "share",
      header: "Share",
      meta: { name: "Share of the total cost", className: "w-20 sm:w-44", align: "right" },
      cell: ({ getValue }) => (
        <span className="flex items-center justify-end gap-2">
          <span aria-hidden className="h-1 w-20 overflow-hidden rounded-full bg-sunken max-sm:hidden">
            <span
              className="block h-full rounded-full bg-series-1"
              style={{ width: `${getValue() * 100}%` }}
            />
          </span>
          <span className="w-14">{percent(getValue())}</span>
        </span>
      ),
    }),
    column.accessor("total_cost", {
      id: "total_cost",
      header: "Cost",
      enableSorting: true,
      meta: { name: "Cost", className: "w-28", align: "right", fixed: true },
      cell: ({ getValue }) => <Money amount={getValue()} />,
    }),
    column.accessor("total_requests", {
      id: "total_requests",
      header: "Requests",
      enableSorting: true,
      meta: { name: "Requests", className: "w-28 hidden md:table-cell", align: "right" },
      cell: ({ getValue }) => count(getValue()),
    }),
    column.accessor("avg_cost_per_request", {
      id: "average",
      header: "Per request",
      meta: { name: "Cost per request", className: "w-28 hidden lg:table-cell", align: "right" },
      cell: ({ getValue }) => <Money amount={getValue()} />,
    }),
    column.display({
      id: "tokens",
      header: "Tokens in / out",
      meta: { name: "Tokens in and out", className: "w-36 hidden xl:table-cell", align: "right" },
      cell: ({ row: { original: share } }) =>
        `${shortCount(share.input_tokens)} / ${shortCount(share.output_tokens)}`,
    }),
  ];
}
