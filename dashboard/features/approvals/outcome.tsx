import type { ReactNode } from "react";
import { Facts } from "@/components/ui/facts";
import { ClockTime, RelativeTime } from "@/components/ui/time";
import { count } from "@/lib/number";
import type { Approval } from "./api";
import { Reason } from "./inbox-card";

/** What was decided, by whom and why, and what is left of it. */
export function Outcome({ approval }: { approval: Approval }) {
  const { reviewed_at: at, valid_until: until } = approval;
  return (
    <div className="flex flex-col gap-3">
      <p className="text-sm">{inASentence(approval)}</p>
      {approval.review_note && <Reason text={approval.review_note} />}
      <Facts
        facts={[
          { name: "Decided by", value: at && (approval.reviewer ?? approval.reviewed_by ?? "An API key") },
          { name: "Decided", value: at && <ClockTime at={at} /> },
          { name: "Used", value: until && `${count(approval.use_count)} of ${count(approval.max_uses)}` },
          { name: "Can be used until", value: until && <ClockTime at={until} /> },
        ]}
      />
    </div>
  );
}

function inASentence({ status, expiry_reason, valid_until, expires_at }: Approval): ReactNode {
  if (status === "approved" && valid_until)
    return (
      <>
        It was approved. Unused, it lapses <RelativeTime at={valid_until} />.
      </>
    );
  if (status === "consumed") return "It was approved, and used as often as was allowed.";
  if (status === "denied") return "It was denied.";
  if (status === "cancelled") return "Whoever asked took it back.";
  if (status !== "expired") return null;
  if (expiry_reason === "definition_changed")
    return "The tool's definition changed meanwhile, so that it fits no call any more.";
  if (valid_until)
    return (
      <>
        It was approved, and lapsed <RelativeTime at={valid_until} />.
      </>
    );
  return (
    <>
      Nobody decided until its time was up <RelativeTime at={expires_at} />.
    </>
  );
}
