"use client";

import { Page } from "@/components/layout/page";
import { Playground } from "./playground";

/** `/playground`: a call by hand, as any client makes it. */
export function PlaygroundPage() {
  return (
    <Page
      title="Playground"
      permission="mcp:call"
      description="Calls go through the gateway as yours: they are checked, traced and charged like any other"
    >
      <Playground />
    </Page>
  );
}
