"use client";

import { useQuery } from "@tanstack/react-query";
import { useMay } from "@/lib/session/session";
import { count } from "@/lib/number";
import { summaryQuery } from "./api";

/** How things stand, in one line. */
export function AlertsSummary() {
  const { data } = useQuery({ ...summaryQuery, enabled: useMay("alerts:read") });
  if (!data) return <>&nbsp;</>;
  const { critical, warning, info } = data.by_severity;
  const open = [
    critical > 0 && `${count(critical)} critical`,
    warning > 0 && `${count(warning)} warning`,
    info > 0 && `${count(info)} info`,
  ].filter(Boolean);
  const parts = [
    `${count(data.firing)} firing`,
    `${count(data.acknowledged)} acknowledged`,
    ...(open.length > 0 ? [`open: ${open.join(", ")}`] : []),
    `${count(data.resolved_24h)} resolved in 24 hours`,
  ];
  return <span className="tabular-nums">{parts.join(" · ")}</span>;
}
