export interface DiffLine {
  kind: "same" | "gone" | "new";
  text: string;
}

/** Beyond this, comparing costs more than it tells: then all of the old goes and all of the new comes. */
const MOST_CELLS = 4_000_000;

/** What became of a text, line by line, with as few changes as can be. */
export function lineDiff(before: string, after: string): DiffLine[] {
  const [a, b] = [before.split("\n"), after.split("\n")];
  const start = shared(a, b);
  const end = shared(a.slice(start).reverse(), b.slice(start).reverse());
  const head = a.slice(0, start).map(same);
  const tail = a.slice(a.length - end).map(same);
  return [...head, ...between(a.slice(start, a.length - end), b.slice(start, b.length - end)), ...tail];
}

function between(a: readonly string[], b: readonly string[]): DiffLine[] {
  if (a.length * b.length > MOST_CELLS) return [...a.map(gone), ...b.map(added)];
  const common = commonFrom(a, b);
  const lines: DiffLine[] = [];
  let [i, j] = [0, 0];
  while (i < a.length && j < b.length) {
    const [old, young] = [a[i] ?? "", b[j] ?? ""];
    if (old === young) {
      lines.push(same(old));
      [i, j] = [i + 1, j + 1];
    } else if (common(i + 1, j) >= common(i, j + 1)) {
      lines.push(gone(old));
      i += 1;
    } else {
      lines.push(added(young));
      j += 1;
    }
  }
  return [...lines, ...a.slice(i).map(gone), ...b.slice(j).map(added)];
}

/** How many lines the rests of both have in common, from each place on (longest common subsequence). */
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

/** With how many equal lines both begin. */
function shared(a: readonly string[], b: readonly string[]): number {
  const most = Math.min(a.length, b.length);
  let length = 0;
  while (length < most && a[length] === b[length]) length += 1;
  return length;
}

const same = (text: string): DiffLine => ({ kind: "same", text });
const gone = (text: string): DiffLine => ({ kind: "gone", text });
const added = (text: string): DiffLine => ({ kind: "new", text });
