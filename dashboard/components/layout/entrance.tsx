import type { ReactNode } from "react";
import { Logo } from "./logo";

/** The pages in front of the console: one card in the middle. */
export function Entrance({
  title,
  description,
  children,
}: {
  title: string;
  description?: ReactNode;
  children: ReactNode;
}) {
  return (
    <main className="flex min-h-dvh flex-col items-center justify-center px-4 py-10">
      <title>{`${title} · GatewayOps`}</title>
      <div className="w-full max-w-sm">
        <Logo className="mx-auto size-10" />
        <h1 className="mt-5 text-center text-xl font-semibold tracking-tight text-balance">{title}</h1>
        {description && <p className="mt-1.5 text-center text-sm text-pretty text-ink-2">{description}</p>}
        <div className="mt-7 rounded-xl border bg-surface p-5 shadow-card sm:p-6">{children}</div>
      </div>
    </main>
  );
}

/** Why it did not work, for all to notice. */
export function Refusal({ requestId, children }: { requestId?: string | null; children: ReactNode }) {
  return (
    <div role="alert" className="rounded-lg bg-bad-soft px-3 py-2.5 text-sm text-bad">
      <p>{children}</p>
      {requestId && <p className="mt-1 font-mono text-xs break-all">Request {requestId}</p>}
    </div>
  );
}
