"use client";

import { ViewTabs } from "@/components/layout/view-tabs";
import { count } from "@/lib/number";
import { useMay } from "@/lib/session/session";
import type { Server } from "@/features/servers/api";
import { CatalogueTab } from "./catalogue-tab";
import { OverviewTab } from "./overview-tab";
import { PricesRead } from "./prices-read";
import { PricesTab } from "./prices-tab";
import { SettingsTab } from "./settings-tab";

const KEPT = ["id"];

/** The parts of a server's page. */
export function ServerTabs({ server }: { server: Server }) {
  const mayChange = useMay("servers:admin");
  return (
    <ViewTabs
      label={`About ${server.name}`}
      keeps={KEPT}
      views={[
        { id: "overview", name: "Overview", content: <OverviewTab server={server} /> },
        {
          id: "tools",
          name: `Tools ${count(server.tool_count)}`,
          content: <CatalogueTab kind="tools" server={server} />,
        },
        { id: "resources", name: "Resources", content: <CatalogueTab kind="resources" server={server} /> },
        { id: "prompts", name: "Prompts", content: <CatalogueTab kind="prompts" server={server} /> },
        {
          id: "prices",
          name: "Prices",
          content: mayChange ? <PricesTab server={server} /> : <PricesRead pricing={server.pricing} />,
        },
        ...(mayChange
          ? [{ id: "settings", name: "Settings", content: <SettingsTab server={server} /> }]
          : []),
      ]}
    />
  );
}
