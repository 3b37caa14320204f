"use client";

import { Plus } from "lucide-react";
import { Can } from "@/components/can";
import { Link } from "@/components/link";
import { Page } from "@/components/layout/page";
import { useView, ViewTabs } from "@/components/layout/view-tabs";
import { buttonClass } from "@/components/ui/button";
import { Detections } from "./detections/detections";
import { DetectionsExport } from "./detections/detections-export";
import { Policies } from "./policies/policies";
import { NEW_POLICY } from "./policies/policy-href";
import { SummaryView } from "./summary/summary-view";
import { TestBox } from "./test-box/test-box";

const VIEWS = ["policies", "detections", "summary", "test"];
const LISTS = new Set(["policies", "detections"]);

export function SafetyPage() {
  const view = useView(VIEWS);
  return (
    <Page
      fill={LISTS.has(view)}
      title="Safety"
      permission="policies:read"
      description="What is looked for in calls, what is done about it, and what was found"
      actions={
        <>
          {view === "detections" && <DetectionsExport />}
          <Can permission="policies:admin">
            <Link href={NEW_POLICY} className={buttonClass({ look: "primary" })}>
              <Plus aria-hidden />
              New policy
            </Link>
          </Can>
        </>
      }
    >
      <ViewTabs
        label="Safety"
        views={[
          { id: "policies", name: "Policies", content: <Policies /> },
          { id: "detections", name: "Detections", content: <Detections /> },
          { id: "summary", name: "Summary", content: <SummaryView /> },
          { id: "test", name: "Test", content: <TestBox /> },
        ]}
      />
    </Page>
  );
}
