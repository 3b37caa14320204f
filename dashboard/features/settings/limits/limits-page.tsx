"use client";

import { Plus } from "lucide-react";
import { Can } from "@/components/can";
import { Link } from "@/components/link";
import { buttonClass } from "@/components/ui/button";
import { ListSection } from "@/features/settings/listing/list-section";
import { SettingsPage } from "@/features/settings/settings-page";
import { WithSettings } from "@/features/settings/with-settings";
import { useUrl } from "@/lib/url/use-url";
import { LimitPage } from "./limit-page";
import { LimitsList } from "./limits-list";
import { RatesForm } from "./rates-form";
import { SizesCard } from "./sizes-card";

export function LimitsPage() {
  const { parameters } = useUrl();
  const id = parameters.get("id");
  return (
    <SettingsPage
      title={id === "new" ? "New limit" : "Limits"}
      description={id ? undefined : "How many calls there may be, and how large"}
    >
      {id ? <LimitPage key={id} id={id} /> : <Everything />}
    </SettingsPage>
  );
}

function Everything() {
  return (
    <>
      <Can permission="settings:read">
        <WithSettings>{(settings) => <RatesForm settings={settings} />}</WithSettings>
      </Can>
      <Can permission="policies:read">
        <ListSection
          title="Further limits"
          description="A call must pass every one that covers it, beside those above"
          actions={
            <Can permission="policies:admin">
              <Link href="/settings/limits?id=new" className={buttonClass({ look: "primary" })}>
                <Plus aria-hidden />
                New limit
              </Link>
            </Can>
          }
        >
          <LimitsList />
        </ListSection>
      </Can>
      <SizesCard />
    </>
  );
}
