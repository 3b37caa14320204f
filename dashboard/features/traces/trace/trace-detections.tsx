"use client";

import { Link } from "@/components/link";
import { Badge, type Tone } from "@/components/ui/badge";
import { Card } from "@/components/ui/card";
import { RelativeTime } from "@/components/ui/time";
import { percent } from "@/lib/number";
import { useMay } from "@/lib/session/session";
import type { Trace } from "@/features/traces/api";
import { inWords } from "@/lib/in-words";

const SEVERITIES: Record<string, Tone> = { low: "idle", medium: "warn", high: "bad", critical: "bad" };

/** What was found in the call or in its answer; nothing where nothing was. */
export function TraceDetections({ detections }: Pick<Trace, "detections">) {
  const mayOpen = useMay("policies:read");
  if (detections.length === 0) return null;
  return (
    <Card flush title="Detections" description="Found by safety policies in what was sent or answered">
      <ul className="border-t">
        {detections.map((detection) => (
          <li
            key={detection.id}
            className="flex flex-wrap items-center gap-x-4 gap-y-1 border-b px-4 py-2.5 text-sm last:border-0 sm:px-5"
          >
            <span className="font-medium">
              {mayOpen ? (
                <Link href={`/detection?id=${detection.id}`} className="underline underline-offset-2">
                  {inWords(detection.type)}
                </Link>
              ) : (
                inWords(detection.type)
              )}
            </span>
            <Badge tone={SEVERITIES[detection.severity]}>{inWords(detection.severity)}</Badge>
            <span className="text-ink-2">
              {inWords(detection.action)} in the {detection.direction}, {percent(detection.confidence)} sure
            </span>
            <code className="font-mono text-xs text-ink-3">{detection.rule}</code>
            <RelativeTime at={detection.created_at} className="ml-auto text-xs text-ink-3" />
          </li>
        ))}
      </ul>
    </Card>
  );
}
