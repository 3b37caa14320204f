"use client";

import type { ReactNode } from "react";
import { Tabs, TabsContent, TabsList, TabsTrigger } from "@/components/ui/tabs";
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
  /** What leaves the URL with a view: its filters mean nothing to the next one. */
  drops?: readonly string[];
}

/** Which of the views the URL names; the first where it names none. */
export function useView(ids: readonly string[]): string {
  const named = useUrl().parameters.get("view") ?? "";
  return ids.includes(named) ? named : (ids[0] ?? "");
}

/** The views of one page, the chosen one in the URL. */
export function ViewTabs({ label, views, drops = [] }: Props) {
  const { change } = useUrl();
  const ids = views.map(({ id }) => id);
  const chosen = useView(ids);
  function choose(id: string) {
    const dropped = Object.fromEntries(drops.map((name) => [name, null]));
    change({ ...dropped, view: id === ids[0] ? null : id }, "push");
  }
  return (
    <Tabs
      value={chosen}
      onValueChange={choose}
      activationMode="manual"
      className="flex min-h-0 grow flex-col gap-4"
    >
      <TabsList aria-label={label} className="shrink-0 overflow-x-auto !px-0">
        {views.map(({ id, name }) => (
          <TabsTrigger key={id} value={id} className="shrink-0 whitespace-nowrap">
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
