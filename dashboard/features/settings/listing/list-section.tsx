import type { ReactNode } from "react";

interface Props {
  title: string;
  description: string;
  actions?: ReactNode;
  children: ReactNode;
}

/** A list among other things on a page: its table has a border of its own, so it is in no card. */
export function ListSection({ title, description, actions, children }: Props) {
  return (
    <section className="flex min-w-0 flex-col gap-3">
      <header className="flex flex-wrap items-start justify-between gap-x-4 gap-y-2">
        <div className="min-w-0">
          <h2 className="text-base font-medium">{title}</h2>
          <p className="text-sm text-ink-3">{description}</p>
        </div>
        {actions}
      </header>
      {children}
    </section>
  );
}
