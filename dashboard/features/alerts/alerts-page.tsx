"use client";

import { Page } from "@/components/layout/page";
import { ViewTabs } from "@/components/layout/view-tabs";
import { useUrl } from "@/lib/url/use-url";
import { AlertPage } from "./alert/alert-page";
import { AlertsTab } from "./alerts-tab";
import { AlertsSummary } from "./alerts-summary";
import { ChannelsTab } from "./channels/channels-tab";
import { NotificationsTab } from "./notifications/notifications-tab";
import { RulesTab } from "./rules/rules-tab";
import { SilencesTab } from "./silences/silences-tab";

const VIEWS = [
  { id: "alerts", name: "Alerts", content: <AlertsTab /> },
  { id: "rules", name: "Rules", content: <RulesTab /> },
  { id: "channels", name: "Channels", content: <ChannelsTab /> },
  { id: "silences", name: "Silences", content: <SilencesTab /> },
  { id: "notifications", name: "Notifications", content: <NotificationsTab /> },
];

/** All about alerts; with `id`, where notifications lead, one of them. */
export function AlertsPage() {
  const { parameters } = useUrl();
  const id = parameters.get("id");
  return id ? <AlertPage id={id} /> : <AlertLists />;
}

function AlertLists() {
  return (
    <Page fill title="Alerts" permission="alerts:read" description={<AlertsSummary />}>
      <ViewTabs label="About alerts" views={VIEWS} />
    </Page>
  );
}
