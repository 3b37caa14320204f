import type { ColumnDef, RowData } from "@tanstack/react-table";

declare module "@tanstack/react-table" {
  // eslint-disable-next-line @typescript-eslint/no-unused-vars
  interface ColumnMeta<TData extends RowData, TValue> {
    /** What the column is called in the menu of columns. */
    name: string;
    /** Width, and from which width of the window on it is shown. */
    className?: string;
    align?: "right";
    /** Cannot be hidden. */
    fixed?: boolean;
  }
}

// eslint-disable-next-line @typescript-eslint/no-explicit-any -- each column has cells of its own type
export type Columns<Row> = ColumnDef<Row, any>[];
