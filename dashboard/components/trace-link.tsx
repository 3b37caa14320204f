"use client";

import { Link, linkClass } from "@/components/link";
import { Mono } from "@/components/ui/facts";
import { useMay } from "@/lib/session/session";

/** A trace's id, which leads to it for whoever may look at traces. */
export function TraceLink({ id, span }: { id: string; span?: string | null }) {
  if (!useMay("traces:read")) return <Mono>{id}</Mono>;
  return (
    <Link href={`/trace?id=${id}${span ? `&span=${span}` : ""}`} className={linkClass}>
      <Mono>{id}</Mono>
    </Link>
  );
}
