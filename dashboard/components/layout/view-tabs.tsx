"use client";

import type { ReactNode } from "react";
import { Tabs, TabsContent, TabsList, TabsTrigger } from "@/components/ui/tabs";
import { intoView } from "@/lib/into-view";
import { RANGE_PARAMETERS } from "@/lib/time-range/time-range";
import { useUrl } from "@/lib/url/use-url";

export interface View {
  id: string;
  name: ReactNode;
  /** Drawn only while it is the one that is shown. */
  content: ReactNode;
}

interface Props {
  label: string;
  views: readonly View[];
  /** What stays in the URL beside the range of time: filters of one view mean nothing to most others. */
  keeps?: readonly string[];
}

/** Which of the views the URL names; the first where it names none. */
export function useView(ids: readonly string[]): string {
  const named = useUrl().parameters.get("tab") ?? "";
  return ids.includes(named) ? named : (ids[0] ?? "");
}

/** The views of one page, the chosen one in the URL. */
export function ViewTabs({ label, views, keeps = [] }: Props) {
  const { parameters, change } = useUrl();
  const ids = views.map(({ id }) => id);
  const chosen = useView(ids);
  function choose(id: string) {
    const stays = new Set<string>([...RANGE_PARAMETERS, ...keeps]);
    const gone = [...parameters.keys()].filter((name) => !stays.has(name));
    const cleared = Object.fromEntries(gone.map((name) => [name, null]));
    change({ ...cleared, tab: id === ids[0] ? null : id }, "push");
  }
  return (
    <Tabs
      value={chosen}
      onValueChange={choose}
      activationMode="manual"
      className="flex min-h-0 grow flex-col gap-4"
    >
      <TabsList aria-label={label} className="shrink-0 overflow-x-auto overflow-y-hidden !px-0">
        {views.map(({ id, name }) => (
          <TabsTrigger
            key={id}
            ref={id === chosen ? intoView : undefined}
            value={id}
            className="shrink-0 whitespace-nowrap"
          >
            {name}
          </TabsTrigger>
        ))}
      </TabsList>
      {views.map(({ id, content }) => (
        <TabsContent
          key={id}
          value={id}
          className="flex min-h-0 grow flex-col gap-4 data-[state=inactive]:hidden"
        >
          {content}
        </TabsContent>
      ))}
    </Tabs>
  );
}
