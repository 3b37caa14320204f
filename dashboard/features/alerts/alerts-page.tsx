"use client";

import { Page } from "@/components/layout/page";
import { Tabs, TabsContent, TabsList, TabsTrigger } from "@/components/ui/tabs";
import { RANGE_PARAMETERS } from "@/lib/time-range/time-range";
import { useUrl } from "@/lib/url/use-url";
import { AlertPage } from "./alert/alert-page";
import { AlertsTab } from "./alerts-tab";
import { AlertsSummary } from "./alerts-summary";
import { ChannelsTab } from "./channels/channels-tab";
import { NotificationsTab } from "./notifications/notifications-tab";
import { RulesTab } from "./rules/rules-tab";
import { SilencesTab } from "./silences/silences-tab";

const TABS = {
  alerts: { name: "Alerts", Body: AlertsTab },
  rules: { name: "Rules", Body: RulesTab },
  channels: { name: "Channels", Body: ChannelsTab },
  silences: { name: "Silences", Body: SilencesTab },
  notifications: { name: "Notifications", Body: NotificationsTab },
} as const;

type Tab = keyof typeof TABS;

/** All about alerts; with `id`, where notifications lead, one of them. */
export function AlertsPage() {
  const { parameters } = useUrl();
  const id = parameters.get("id");
  return id ? <AlertPage id={id} /> : <AlertLists />;
}

function AlertLists() {
  const { parameters, change } = useUrl();
  const given = parameters.get("tab") ?? "";
  const tab = Object.hasOwn(TABS, given) ? (given as Tab) : "alerts";

  function show(next: string) {
    // Filters of one list mean nothing to another; the range of time stays.
    const stays = new Set<string>(RANGE_PARAMETERS);
    const gone = [...parameters.keys()].filter((name) => !stays.has(name));
    change(
      {
        ...Object.fromEntries(gone.map((name) => [name, null])),
        tab: next === "alerts" ? null : next,
      },
      "push",
    );
  }

  return (
    <Page fill title="Alerts" permission="alerts:read" description={<AlertsSummary />}>
      <Tabs value={tab} onValueChange={show} className="flex min-h-0 grow flex-col gap-4">
        <TabsList aria-label="About alerts" className="shrink-0 overflow-x-auto !px-0">
          {Object.entries(TABS).map(([value, { name }]) => (
            <TabsTrigger key={value} value={value} className="whitespace-nowrap">
              {name}
            </TabsTrigger>
          ))}
        </TabsList>
        {Object.entries(TABS).map(([value, { Body }]) => (
          <TabsContent
            key={value}
            value={value}
            className="flex min-h-0 grow flex-col gap-4 data-[state=inactive]:hidden"
          >
            <Body />
          </TabsContent>
        ))}
      </Tabs>
    </Page>
  );
}
