"use client";

import { useSearchParams } from "next/navigation";
import { Page } from "@/components/layout/page";
import { useView, ViewTabs } from "@/components/layout/view-tabs";
import { ApprovalPage } from "./approval-page";
import { History } from "./history";
import { Inbox } from "./inbox";
import { RequestButton } from "./request-button";

const VIEWS = ["waiting", "history"];

/** `/approvals`, and `/approvals?id=`, which letters and messages lead to: exactly that one, decided or not. */
export function ApprovalsPage() {
  const id = useSearchParams().get("id");
  return id === null ? <All /> : <ApprovalPage key={id} id={id} />;
}

function All() {
  const view = useView(VIEWS);
  return (
    <Page
      fill={view === "history"}
      title="Approvals"
      permission="approvals:read"
      description="Calls that wait for a person, and what was decided"
      actions={<RequestButton />}
    >
      <ViewTabs
        label="Approvals"
        views={[
          { id: "waiting", name: "Waiting", content: <Inbox /> },
          { id: "history", name: "History", content: <History /> },
        ]}
      />
    </Page>
  );
}
