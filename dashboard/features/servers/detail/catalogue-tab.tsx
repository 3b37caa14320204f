"use client";

import { useInfiniteQuery } from "@tanstack/react-query";
import { FileText, MessageSquareText, Wrench, type LucideIcon } from "lucide-react";
import { More } from "@/components/data-table/more";
import { SearchFilter } from "@/components/data-table/search-filter";
import { Notice } from "@/components/states/notice";
import { Failed } from "@/components/states/states";
import { Card } from "@/components/ui/card";
import { Skeleton } from "@/components/ui/skeleton";
import { useUrl } from "@/lib/url/use-url";
import { catalogueQuery, type Server } from "@/features/servers/api";
import { CatalogueEntry, type Entry } from "./catalogue-entry";

export type Kind = "tools" | "resources" | "prompts";

const ICONS: Record<Kind, LucideIcon> = { tools: Wrench, resources: FileText, prompts: MessageSquareText };

/** Tools, resources or prompts as the server last showed them. */
export function CatalogueTab({ kind, server }: { kind: Kind; server: Server }) {
  const { parameters, change } = useUrl();
  const q = parameters.get("q") ?? undefined;
  const entries = useInfiniteQuery(catalogueQuery(kind, server.id, q));
  const rows = entries.data?.pages.flatMap((page) => entriesOf(page)) ?? [];
  return (
    <div className="flex flex-col gap-4">
      <SearchFilter label={`Find in ${kind}`} value={q} onChange={(q) => change({ q })} />
      {entries.data ? (
        <Card flush>
          {rows.length === 0 ? (
            <Nothing kind={kind} server={server} searched={q !== undefined} />
          ) : (
            <ul>
              {rows.map((entry) => (
                <CatalogueEntry key={entry.id} entry={entry} />
              ))}
            </ul>
          )}
          <More query={entries} />
        </Card>
      ) : entries.error ? (
        <Failed small what={`The ${kind}`} error={entries.error} onRetry={() => void entries.refetch()} />
      ) : (
        <Skeleton className="h-72" />
      )}
    </div>
  );
}

function entriesOf(page: object): Entry[] {
  if ("tools" in page) return page.tools as Entry[];
  if ("resources" in page) return page.resources as Entry[];
  return "prompts" in page ? (page.prompts as Entry[]) : [];
}

function Nothing({ kind, server, searched }: { kind: Kind; server: Server; searched: boolean }) {
  if (searched) return <Notice small icon={ICONS[kind]} title={`None of its ${kind} is like that`} />;
  return (
    <Notice small icon={ICONS[kind]} title={`No ${kind}`}>
      <p>
        {server.health.checked_at
          ? `When it was last looked at, the server offered no ${kind}.`
          : "The server has not been looked at yet. “Read catalogue” does it now."}
      </p>
    </Notice>
  );
}
