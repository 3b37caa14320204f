// What changed between two texts, as a person reads it: words or lines that stayed, went and came.

export interface DiffPart {
  kind: "same" | "gone" | "new";
  text: string;
}

/** Beyond this comparing costs more than it tells: then all of the old goes and all of the new comes. */
const MOST_CELLS = 4_000_000;

/** Word by word; what goes, comes or stays together is one part. */
export function diffWords(before: string, after: string): DiffPart[] {
  const parts: DiffPart[] = [];
  for (const { kind, text } of diff(wordsOf(before), wordsOf(after))) {
    const last = parts.at(-1);
    if (last?.kind === kind) last.text += text;
    else parts.push({ kind, text });
  }
  return parts;
}

/** Line by line, without their breaks. */
export function diffLines(before: string, after: string): DiffPart[] {
  return diff(linesOf(before), linesOf(after));
}

function wordsOf(text: string): string[] {
  return text.match(/\s+|[\p{L}\p{N}_]+|[^\s\p{L}\p{N}_]/gu) ?? [];
}

/** Nothing at all is no line, not an empty one. */
function linesOf(text: string): string[] {
  return text === "" ? [] : text.split("\n");
}

function diff(a: readonly string[], b: readonly string[]): DiffPart[] {
  const start = shared(a, b);
  const end = shared(a.slice(start).reverse(), b.slice(start).reverse());
  return [
    ...a.slice(0, start).map(same),
    ...between(a.slice(start, a.length - end), b.slice(start, b.length - end)),
    ...a.slice(a.length - end).map(same),
  ];
}

function between(a: readonly string[], b: readonly string[]): DiffPart[] {
  if (a.length * b.length > MOST_CELLS) return [...a.map(gone), ...b.map(added)];
  const common = commonFrom(a, b);
  const parts: DiffPart[] = [];
  let [i, j] = [0, 0];
  while (i < a.length && j < b.length) {
    const [old, young] = [a[i] ?? "", b[j] ?? ""];
    if (old === young) {
      parts.push(same(old));
      [i, j] = [i + 1, j + 1];
    } else if (common(i + 1, j) >= common(i, j + 1)) {
      parts.push(gone(old));
      i += 1;
    } else {
      parts.push(added(young));
      j += 1;
    }
  }
  return [...parts, ...a.slice(i).map(gone), ...b.slice(j).map(added)];
}

/** How much the rests of both have in common, from each place on (longest common subsequence). */
function commonFrom(a: readonly string[], b: readonly string[]): (i: number, j: number) => number {
  const width = b.length + 1;
  const lengths = new Uint32Array((a.length + 1) * width);
  const at = (i: number, j: number) => lengths[i * width + j] ?? 0;
  for (let i = a.length - 1; i >= 0; i -= 1) {
    for (let j = b.length - 1; j >= 0; j -= 1)
      lengths[i * width + j] = a[i] === b[j] ? at(i + 1, j + 1) + 1 : Math.max(at(i + 1, j), at(i, j + 1));
  }
  return at;
}

/** With how many equal ones both begin. */
function shared(a: readonly string[], b: readonly string[]): number {
  const most = Math.min(a.length, b.length);
  let length = 0;
  while (length < most && a[length] === b[length]) length += 1;
  return length;
}

const same = (text: string): DiffPart => ({ kind: "same", text });
const gone = (text: string): DiffPart => ({ kind: "gone", text });
const added = (text: string): DiffPart => ({ kind: "new", text });
