export interface Span {
  /** Bytes of the text in UTF-8, on borders of characters. */
  start: number;
  end: number;
}

export interface Piece {
  text: string;
  /** Which of the spans cover it, by their place in the list. */
  covered: number[];
}

/** A text cut where spans begin and end, so that each piece is covered by the same ones throughout. */
export function pieces(text: string, spans: readonly Span[]): Piece[] {
  const bytes = new TextEncoder().encode(text);
  const decoder = new TextDecoder();
  const within = (at: number) => Math.max(0, Math.min(bytes.length, at));
  const ends = spans.flatMap(({ start, end }) => [within(start), within(end)]);
  const cuts = [...new Set([0, ...ends, bytes.length])].sort((a, b) => a - b);
  return cuts.slice(1).map((to, at) => {
    const from = cuts[at] ?? 0;
    const covered = spans.flatMap(({ start, end }, span) => (start <= from && to <= end ? [span] : []));
    return { text: decoder.decode(bytes.subarray(from, to)), covered };
  });
}
