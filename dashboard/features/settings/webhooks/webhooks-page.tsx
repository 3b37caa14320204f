"use client";

import { Plus } from "lucide-react";
import { useState } from "react";
import { Can } from "@/components/can";
import { Link } from "@/components/link";
import { buttonClass } from "@/components/ui/button";
import { BackLink } from "@/components/layout/back-link";
import { SettingsPage } from "@/features/settings/settings-page";
import { useUrl } from "@/lib/url/use-url";
import { WebhookForm } from "./webhook-form";
import { WebhookPage } from "./webhook-page";
import { WebhookSecret, type IssuedSecret } from "./webhook-secret";
import { WebhooksList } from "./webhooks-list";

const LIST = "/settings/webhooks";

export function WebhooksPage() {
  const { parameters } = useUrl();
  const id = parameters.get("id");
  // Here, since the form of a new webhook is gone once there is one.
  const [issued, setIssued] = useState<IssuedSecret | null>(null);
  return (
    <SettingsPage
      title={id === "new" ? "New webhook" : "Webhooks"}
      description={id ? undefined : "Receivers that are told of events, signed as the Standard Webhooks say"}
      actions={
        !id && (
          <Can permission="settings:admin">
            <Link href={`${LIST}?id=new`} className={buttonClass({ look: "primary" })}>
              <Plus aria-hidden />
              New webhook
            </Link>
          </Can>
        )
      }
    >
      {!id && <WebhooksList />}
      {id === "new" && (
        <>
          <BackLink href={LIST}>All webhooks</BackLink>
          <WebhookForm onIssued={setIssued} />
        </>
      )}
      {id && id !== "new" && (
        <>
          <BackLink href={LIST}>All webhooks</BackLink>
          {issued?.webhook === id && <WebhookSecret issued={issued} onDone={() => setIssued(null)} />}
          <WebhookPage key={id} id={id} onIssued={setIssued} />
        </>
      )}
    </SettingsPage>
  );
}
