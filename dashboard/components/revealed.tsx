import { reveal } from "@/lib/reveal/reveal";

/** A text of a server, with what is hidden in it shown as such. */
export function Revealed({ text }: { text: string }) {
  return reveal(text).map((part, at) =>
    part.hidden ? (
      <mark
        key={at}
        title="Cannot be seen, but a model reads it"
        className="rounded bg-bad-soft px-1 font-mono text-xs text-bad"
      >
        <span className="sr-only">hidden: </span>
        {part.text}
      </mark>
    ) : (
      part.text
    ),
  );
}
