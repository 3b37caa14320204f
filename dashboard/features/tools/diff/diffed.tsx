import { Revealed } from "@/features/tools/revealed";
import type { DiffPart } from "./text-diff";

/** A text with what went struck through and what came underlined: told by more than colour, and by word to readers. */
export function Diffed({ parts }: { parts: readonly DiffPart[] }) {
  return parts.map((part, at) => {
    if (part.kind === "same") return <Revealed key={at} text={part.text} />;
    if (part.kind === "gone")
      return (
        <del key={at} className="rounded-sm bg-bad-soft text-bad decoration-1">
          <span className="sr-only">[taken away: </span>
          <Revealed text={part.text} />
          <span className="sr-only">] </span>
        </del>
      );
    return (
      <ins key={at} className="rounded-sm bg-ok-soft text-ok underline decoration-1 underline-offset-2">
        <span className="sr-only">[added: </span>
        <Revealed text={part.text} />
        <span className="sr-only">] </span>
      </ins>
    );
  });
}
