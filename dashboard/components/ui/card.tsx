import type { ReactNode } from "react";
import { cn } from "@/lib/cn";

interface Props {
  title?: ReactNode;
  description?: ReactNode;
  actions?: ReactNode;
  className?: string;
  /** Without padding, for tables and lists that reach the edges. */
  flush?: boolean;
  children: ReactNode;
}

export function Card({ title, description, actions, className, flush, children }: Props) {
  return (
    <section className={cn("flex min-w-0 flex-col rounded-xl border bg-surface shadow-card", className)}>
      {title !== undefined && (
        <header className="flex flex-wrap items-start justify-between gap-x-4 gap-y-2 px-4 pt-3.5 pb-3 sm:px-5">
          <div className="min-w-0">
            <h2 className="text-base font-medium">{title}</h2>
            {description && <p className="text-sm text-ink-3">{description}</p>}
          </div>
          {actions}
        </header>
      )}
      <div
        className={cn("min-w-0 grow", !flush && "px-4 pb-4 sm:px-5", !flush && title === undefined && "pt-4")}
      >
        {children}
      </div>
    </section>
  );
}
