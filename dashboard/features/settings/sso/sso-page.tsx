"use client";

import { Plus } from "lucide-react";
import { Can } from "@/components/can";
import { Link } from "@/components/link";
import { buttonClass } from "@/components/ui/button";
import { SettingsPage } from "@/features/settings/settings-page";
import { WithSettings } from "@/features/settings/with-settings";
import { useUrl } from "@/lib/url/use-url";
import { EnforceForm } from "./enforce-form";
import { EVERYTHING } from "./permission";
import { ProviderPage } from "./provider-page";
import { ProvidersList } from "./providers-list";

export function SsoPage() {
  const { parameters } = useUrl();
  const id = parameters.get("id");
  return (
    <SettingsPage
      title={id === "new" ? "New provider" : "Single sign-on"}
      description={id ? undefined : "Identity providers that people sign in at, by OpenID Connect"}
      actions={
        !id && (
          <Can permission={EVERYTHING}>
            <Link href="/settings/sso?id=new" className={buttonClass({ look: "primary" })}>
              <Plus aria-hidden />
              New provider
            </Link>
          </Can>
        )
      }
    >
      {id ? <ProviderPage key={id} id={id} /> : <Everything />}
    </SettingsPage>
  );
}

function Everything() {
  return (
    <>
      <ProvidersList />
      <Can permission="settings:read">
        <WithSettings>{(settings) => <EnforceForm settings={settings} />}</WithSettings>
      </Can>
    </>
  );
}
