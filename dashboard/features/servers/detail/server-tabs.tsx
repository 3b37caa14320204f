"use client";

import { Tabs, TabsContent, TabsList, TabsTrigger } from "@/components/ui/tabs";
import { count } from "@/lib/number";
import { useMay } from "@/lib/session/session";
import { useUrl } from "@/lib/url/use-url";
import type { Server } from "@/features/servers/api";
import { CatalogueTab } from "./catalogue-tab";
import { OverviewTab } from "./overview-tab";
import { PricesRead } from "./prices-read";
import { PricesTab } from "./prices-tab";
import { SettingsTab } from "./settings-tab";

const TABS = ["overview", "tools", "resources", "prompts", "prices", "settings"];

/** The parts of a server's page; which one is in the URL. */
export function ServerTabs({ server }: { server: Server }) {
  const { parameters, change } = useUrl();
  const mayChange = useMay("servers:admin");
  const wanted = parameters.get("tab") ?? "";
  const tab = TABS.includes(wanted) && (wanted !== "settings" || mayChange) ? wanted : "overview";
  return (
    <Tabs value={tab} onValueChange={(next) => change({ tab: next === "overview" ? null : next, q: null })}>
      <TabsList
        aria-label={`About ${server.name}`}
        className="-mx-4 overflow-x-auto overflow-y-hidden whitespace-nowrap sm:-mx-5"
      >
        <TabsTrigger value="overview">Overview</TabsTrigger>
        <TabsTrigger value="tools">Tools {count(server.tool_count)}</TabsTrigger>
        <TabsTrigger value="resources">Resources</TabsTrigger>
        <TabsTrigger value="prompts">Prompts</TabsTrigger>
        <TabsTrigger value="prices">Prices</TabsTrigger>
        {mayChange && <TabsTrigger value="settings">Settings</TabsTrigger>}
      </TabsList>
      <div className="pt-5">
        <TabsContent value="overview">
          <OverviewTab server={server} />
        </TabsContent>
        {(["tools", "resources", "prompts"] as const).map((kind) => (
          <TabsContent key={kind} value={kind}>
            <CatalogueTab kind={kind} server={server} />
          </TabsContent>
        ))}
        <TabsContent value="prices">
          {mayChange ? <PricesTab server={server} /> : <PricesRead pricing={server.pricing} />}
        </TabsContent>
        {mayChange && (
          <TabsContent value="settings">
            <SettingsTab server={server} />
          </TabsContent>
        )}
      </div>
    </Tabs>
  );
}
