"use client";

import { useInfiniteQuery } from "@tanstack/react-query";
import { CircleCheck } from "lucide-react";
import { More } from "@/components/data-table/more";
import { Notice } from "@/components/states/notice";
import { Failed } from "@/components/states/states";
import { Skeleton } from "@/components/ui/skeleton";
import { count } from "@/lib/number";
import { toolsQuery } from "@/features/tools/api";
import { ReviewCard } from "./review-card";

const PAGE = 20;

const SECTIONS = [
  {
    status: "changed",
    title: "Changed",
    says: "Their definitions are others than those that were approved.",
  },
  { status: "new", title: "New", says: "Nobody has looked at them yet." },
  {
    status: "removed",
    title: "Removed",
    says: "Their servers no longer offer them. There is nothing to decide.",
  },
];

/** What has drifted, the most urgent first. */
export function ReviewQueue({ server }: { server: string | undefined }) {
  const changed = useInfiniteQuery(sectionQuery("changed", server));
  const fresh = useInfiniteQuery(sectionQuery("new", server));
  const nothing = changed.data?.pages[0]?.tools.length === 0 && fresh.data?.pages[0]?.tools.length === 0;
  return (
    <div className="flex flex-col gap-6">
      {nothing && (
        <Notice small icon={CircleCheck} title="Nothing waits for a review">
          <p>Tools come here when a server offers a new one, or when the definition of one changes.</p>
        </Notice>
      )}
      {SECTIONS.map((section) => (
        <Section key={section.status} {...section} server={server} />
      ))}
    </div>
  );
}

const sectionQuery = (status: string, server: string | undefined) =>
  toolsQuery({ status, ...(server && { mcp_server: server }) }, "-last_seen_at", PAGE);

interface Props {
  status: string;
  title: string;
  says: string;
  server: string | undefined;
}

function Section({ status, title, says, server }: Props) {
  const tools = useInfiniteQuery(sectionQuery(status, server));
  if (!tools.data) {
    if (!tools.error) return <Skeleton className="h-40" />;
    return <Failed small what={`${title} tools`} error={tools.error} onRetry={() => void tools.refetch()} />;
  }
  const rows = tools.data.pages.flatMap((page) => page.tools);
  if (rows.length === 0) return null;
  return (
    <section aria-labelledby={`section-${status}`} className="flex flex-col gap-3">
      <header>
        <h2 id={`section-${status}`} className="text-lg font-semibold">
          {title}{" "}
          <span className="font-normal text-ink-3">{count(tools.data.pages[0]?.total ?? rows.length)}</span>
        </h2>
        <p className="text-sm text-ink-2">{says}</p>
      </header>
      {rows.map((tool) => (
        <ReviewCard key={tool.id} tool={tool} />
      ))}
      <More query={tools} />
    </section>
  );
}
