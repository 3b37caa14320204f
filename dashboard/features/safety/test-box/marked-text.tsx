"use client";

import { TONES } from "@/components/ui/badge";
import type { Verdict } from "@/features/safety/api";
import { DETECTORS, nameIn } from "@/features/safety/vocabulary";
import { cn } from "@/lib/cn";
import { pieces } from "./marks";

/** The text with what was found in it marked; each mark has the numbers of its findings, which are listed below. */
export function MarkedText({ text, detections }: { text: string; detections: Verdict["detections"] }) {
  return (
    <pre
      // Scrolls, so the keyboard must reach it.
      // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex
      tabIndex={0}
      role="region"
      aria-label="The text, with findings marked"
      className="max-h-80 overflow-auto rounded-lg border bg-canvas p-3 font-mono text-xs leading-6 break-words whitespace-pre-wrap"
    >
      {pieces(text, detections).map(({ text, covered }, at) => {
        if (covered.length === 0) return <span key={at}>{text}</span>;
        const names = covered.map((index) => nameIn(DETECTORS, detections[index]?.type ?? "")).join(", ");
        return (
          <mark
            key={at}
            title={names}
            className={cn("rounded-sm px-0.5 underline decoration-dotted underline-offset-4", TONES.bad)}
          >
            {text}
            <sup className="ml-0.5 font-sans text-2xs font-medium no-underline">
              {covered.map((index) => index + 1).join(",")}
              <span className="sr-only">{` ${names} `}</span>
            </sup>
          </mark>
        );
      })}
    </pre>
  );
}
