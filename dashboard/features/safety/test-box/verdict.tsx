"use client";

import { Link, linkClass } from "@/components/link";
import { JsonBlock } from "@/components/ui/json-block";
import type { Verdict as VerdictData } from "@/features/safety/api";
import { Action, Severity } from "@/features/safety/looks";
import { policyHref } from "@/features/safety/policies/policy-href";
import { DETECTORS, nameIn } from "@/features/safety/vocabulary";
import { useDirectory } from "@/lib/directory/directory";
import { percent, plural } from "@/lib/number";
import { MarkedText } from "./marked-text";

interface Props {
  verdict: VerdictData;
  /** What was looked at; null where the places of the findings cannot be told in it. */
  text: string | null;
}

const SAYS: Record<string, string> = {
  allow: "Nothing was found: it would go on as it is.",
  log: "It would go on, and be recorded.",
  warn: "It would go on, with a warning to the caller.",
  redact: "It would go on with what was found masked.",
  block: "It would be refused.",
};

/** What would become of the text, and why. */
export function Verdict({ verdict, text }: Props) {
  const { action, detections, redacted, truncated, duration_ms: took } = verdict;
  return (
    <div className="flex flex-col gap-4">
      <p className="flex flex-wrap items-center gap-x-2.5 gap-y-1 text-sm">
        <Action action={action} />
        <span>{SAYS[action] ?? action}</span>
        <span className="text-ink-3 tabular-nums">
          {plural(detections.length, "finding")} in {took} ms
        </span>
      </p>
      {detections.length > 0 && text !== null && <MarkedText text={text} detections={detections} />}
      {detections.length > 0 && <Findings detections={detections} />}
      {truncated && <p className="text-sm text-ink-2">More was found than is listed.</p>}
      {redacted !== null && redacted !== undefined && (
        <section>
          <h3 className="mb-1.5 text-xs font-medium text-ink-3">What would go on</h3>
          <JsonBlock value={redacted} label="What would go on" />
        </section>
      )}
    </div>
  );
}

function Findings({ detections }: { detections: VerdictData["detections"] }) {
  const policies = useDirectory("policy");
  return (
    <ol className="divide-y rounded-lg border text-sm">
      {detections.map((detection, at) => {
        const policy = policies.all?.find(({ id }) => id === detection.policy_id);
        return (
          <li key={at} className="px-3 py-2">
            <p className="flex flex-wrap items-center gap-x-2.5 gap-y-1">
              <span className="text-xs text-ink-3 tabular-nums">{at + 1}</span>
              <span className="font-medium">{nameIn(DETECTORS, detection.type)}</span>
              <Severity severity={detection.severity} />
              <span className="text-ink-2">{percent(detection.confidence)} sure</span>
              {policy && (
                <Link href={policyHref(policy)} className={linkClass}>
                  {policy.name}
                </Link>
              )}
            </p>
            <p className="mt-1 font-mono text-xs break-all text-ink-2">
              {detection.rule}: {detection.snippet}
            </p>
          </li>
        );
      })}
    </ol>
  );
}
