"use client";

import { Button } from "@/components/ui/button";
import type { Draft } from "@/features/settings/form/use-saved-draft";
import { LinesSetting } from "@/features/settings/form/lines-setting";
import { coveredBy, FAMILIES, idleGlobs } from "./events";

/** Which events, as globs: typed, or put in by a button; below, what they come to. */
export function EventsSetting({ draft }: { draft: Draft }) {
  const globs = (draft.values.events ?? []) as readonly string[];
  const covered = coveredBy(globs);
  const idle = idleGlobs(globs);
  return (
    <div>
      <LinesSetting
        draft={draft}
        name="events"
        label="Events"
        help="Names, or globs such as alert.*, one a line; * is all of them. At most 50."
        placeholder={"alert.*\nbudget.exceeded"}
      />
      <div className="flex flex-col gap-2 pt-3 text-sm">
        <div role="group" aria-label="Add events" className="flex flex-wrap gap-1.5">
          {["*", ...FAMILIES].map((glob) => (
            <Button
              key={glob}
              size="small"
              className="font-mono !text-xs"
              disabled={globs.includes(glob)}
              aria-label={`Add ${glob}`}
              onClick={() => draft.set("events", glob === "*" ? ["*"] : [...globs, glob])}
            >
              {glob}
            </Button>
          ))}
        </div>
        {idle.length > 0 && <p className="text-warn">Names nothing that happens: {idle.join(", ")}</p>}
        <p className="text-ink-3">
          {covered.length === 0 ? "It is told of nothing yet." : `It is told of ${covered.join(", ")}.`}
        </p>
      </div>
    </div>
  );
}
