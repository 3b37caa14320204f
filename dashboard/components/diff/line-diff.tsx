import { Revealed } from "@/components/revealed";
import { cn } from "@/lib/cn";
import type { DiffPart } from "@/lib/diff/diff";

/** Lines that stayed, went and came. Colour is not alone: there are signs, and words for readers. */
export function LineDiff({ label, lines }: { label: string; lines: readonly DiffPart[] }) {
  return (
    <div
      // Scrolls, so the keyboard must reach it.
      // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex
      tabIndex={0}
      role="region"
      aria-label={label}
      className="max-h-96 overflow-auto rounded-lg border bg-canvas py-1 font-mono text-xs leading-5"
    >
      {lines.map((line, at) => (
        <Line key={at} {...line} />
      ))}
    </div>
  );
}

function Line({ kind, text }: DiffPart) {
  const { element: Element, sign, says, look } = KINDS[kind];
  return (
    <Element className={cn("flex gap-2 px-3 no-underline", look)}>
      <span aria-hidden className="w-2 shrink-0 select-none">
        {sign}
      </span>
      <span className="min-w-0 break-words whitespace-pre-wrap">
        {says && <span className="sr-only">{says}: </span>}
        <Revealed text={text} />
      </span>
    </Element>
  );
}

const KINDS = {
  same: { element: "div", sign: "", says: null, look: "text-ink-2" },
  gone: { element: "del", sign: "−", says: "taken away", look: "bg-bad-soft text-bad" },
  new: { element: "ins", sign: "+", says: "added", look: "bg-ok-soft text-ok" },
} as const;
