import type { ReactNode } from "react";
import { Button } from "@/components/ui/button";
import type { ListState } from "./use-list-state";

interface Props {
  list: Pick<ListState<string>, "filtered" | "clear">;
  /** A text to look for. */
  search?: ReactNode;
  /** Filters beside it; on narrow screens below it, in one line that scrolls. */
  children?: ReactNode;
  /** At the end: the menu of columns, or what makes one more. */
  actions?: ReactNode;
}

/** What stands above a list: which of its rows are shown. */
export function FilterRow({ list, search, children, actions }: Props) {
  return (
    <div className="flex min-w-0 flex-wrap items-center gap-2">
      {search}
      {children && (
        <div className="-mx-4 flex max-w-[calc(100%+2rem)] items-center gap-2 overflow-x-auto px-4 py-1 sm:contents">
          {children}
          {list.filtered && (
            <Button look="quiet" onClick={list.clear}>
              Clear all
            </Button>
          )}
        </div>
      )}
      {actions && <div className="ml-auto flex items-center gap-2">{actions}</div>}
    </div>
  );
}
