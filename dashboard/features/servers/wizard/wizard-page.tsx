"use client";

import { ArrowLeft } from "lucide-react";
import { Page } from "@/components/layout/page";
import { Link } from "@/components/link";
import { Wizard } from "./wizard";

/** `/new-server`: from an address to a server that can be called. */
export function WizardPage() {
  return (
    <Page
      title="Register a server"
      permission="servers:admin"
      description="An MCP server that clients then call through the gateway"
      actions={
        <Link
          href="/servers"
          className="inline-flex items-center gap-1.5 rounded-md px-2 py-1 text-sm text-ink-2 hover:bg-sunken hover:text-ink"
        >
          <ArrowLeft aria-hidden className="size-4" />
          All servers
        </Link>
      }
    >
      <Wizard />
    </Page>
  );
}
