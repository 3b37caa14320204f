import type { ReactNode } from "react";

/** A text to look for and filters beside it; on narrow screens below it, in one line that scrolls. */
export function FilterRow({ search, children }: { search: ReactNode; children: ReactNode }) {
  return (
    <div className="flex min-w-0 grow flex-wrap items-center gap-2">
      {search}
      <div className="-mx-4 flex max-w-[calc(100%+2rem)] items-center gap-2 overflow-x-auto px-4 py-1 sm:contents">
        {children}
      </div>
    </div>
  );
}
