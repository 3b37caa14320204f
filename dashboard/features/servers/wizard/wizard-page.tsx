"use client";

import { BackLink } from "@/components/layout/back-link";
import { Page } from "@/components/layout/page";
import { Wizard } from "./wizard";

/** `/new-server`: from an address to a server that can be called. */
export function WizardPage() {
  return (
    <Page
      title="Register a server"
      permission="servers:admin"
      description="An MCP server that clients then call through the gateway"
      actions={<BackLink href="/servers">All servers</BackLink>}
    >
      <Wizard />
    </Page>
  );
}
