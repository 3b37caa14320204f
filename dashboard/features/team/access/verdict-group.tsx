import { Check, CircleUserRound, Minus } from "lucide-react";
import { Badge } from "@/components/ui/badge";
import { Card } from "@/components/ui/card";
import { asSentence } from "@/lib/in-words";
import { categoryName, type Extent } from "@/lib/permission/selection";
import type { Verdict } from "./verdicts";

export function VerdictGroup({ category, verdicts }: { category: string; verdicts: readonly Verdict[] }) {
  return (
    <Card flush title={categoryName(category)}>
      <ul className="divide-y border-t">
        {verdicts.map((verdict) => (
          <li
            key={verdict.permission}
            className="flex flex-wrap items-start gap-x-4 gap-y-1 px-4 py-2.5 sm:px-5"
          >
            <div className="w-24 shrink-0">
              <Answer extent={verdict.extent} />
            </div>
            <div className="min-w-0 grow basis-56 text-sm">
              <code className="font-mono text-xs break-all">{verdict.permission}</code>
              <p className="text-ink-3">{verdict.description}</p>
              <p className="text-ink-2">{asSentence(verdict.reason)}</p>
            </div>
          </li>
        ))}
      </ul>
    </Card>
  );
}

function Answer({ extent }: { extent: Extent }) {
  if (extent === "all") {
    return (
      <Badge tone="ok">
        <Check aria-hidden />
        Yes
      </Badge>
    );
  }
  if (extent === "own") {
    return (
      <Badge tone="accent">
        <CircleUserRound aria-hidden />
        Own rows
      </Badge>
    );
  }
  return (
    <Badge>
      <Minus aria-hidden />
      No
    </Badge>
  );
}
