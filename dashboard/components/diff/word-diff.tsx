import { Revealed } from "@/components/revealed";
import { diffWords } from "@/lib/diff/diff";

/** A text with what went struck through and what came underlined: told by more than colour, and by word to readers. */
export function WordDiff({ before, after }: { before: string; after: string }) {
  return diffWords(before, after).map(({ kind, text }, at) => {
    if (kind === "same") return <Revealed key={at} text={text} />;
    if (kind === "gone")
      return (
        <del key={at} className="rounded-sm bg-bad-soft text-bad decoration-1">
          <span className="sr-only">[taken away: </span>
          <Revealed text={text} />
          <span className="sr-only">] </span>
        </del>
      );
    return (
      <ins key={at} className="rounded-sm bg-ok-soft text-ok underline decoration-1 underline-offset-2">
        <span className="sr-only">[added: </span>
        <Revealed text={text} />
        <span className="sr-only">] </span>
      </ins>
    );
  });
}
