// What changed between two texts, as a person reads it: words or lines that stayed, went and came.

export interface DiffPart {
  kind: "same" | "gone" | "new";
  text: string;
}

/** Beyond that the middle is shown as replaced: it is more than anybody compares by eye. */
const MOST_CELLS = 4_000_000;

export const diffWords = (before: string, after: string) =>
  diff(
    before.match(/\s+|[\p{L}\p{N}_]+|[^\s\p{L}\p{N}_]/gu) ?? [],
    after.match(/\s+|[\p{L}\p{N}_]+|[^\s\p{L}\p{N}_]/gu) ?? [],
  );

export const diffLines = (before: string, after: string) =>
  diff(before.match(/[^\n]*\n|[^\n]+/g) ?? [], after.match(/[^\n]*\n|[^\n]+/g) ?? []);

function diff(before: readonly string[], after: readonly string[]): DiffPart[] {
  let start = 0;
  while (start < before.length && start < after.length && before[start] === after[start]) start += 1;
  let end = 0;
  while (
    end < before.length - start &&
    end < after.length - start &&
    before[before.length - 1 - end] === after[after.length - 1 - end]
  )
    end += 1;
  const parts: DiffPart[] = [];
  push(parts, "same", before.slice(0, start).join(""));
  middle(parts, before.slice(start, before.length - end), after.slice(start, after.length - end));
  push(parts, "same", before.slice(before.length - end).join(""));
  return parts;
}

/** By the longest common subsequence. */
function middle(parts: DiffPart[], a: readonly string[], b: readonly string[]) {
  if (a.length * b.length > MOST_CELLS) {
    push(parts, "gone", a.join(""));
    push(parts, "new", b.join(""));
    return;
  }
  const width = b.length + 1;
  const lengths = new Uint32Array((a.length + 1) * width);
  const at = (i: number, j: number) => lengths[i * width + j] ?? 0;
  for (let i = a.length - 1; i >= 0; i -= 1)
    for (let j = b.length - 1; j >= 0; j -= 1)
      lengths[i * width + j] = a[i] === b[j] ? at(i + 1, j + 1) + 1 : Math.max(at(i + 1, j), at(i, j + 1));
  let i = 0;
  let j = 0;
  while (i < a.length || j < b.length) {
    if (i < a.length && j < b.length && a[i] === b[j]) {
      push(parts, "same", a[i] ?? "");
      i += 1;
      j += 1;
    } else if (i < a.length && (j >= b.length || at(i + 1, j) >= at(i, j + 1))) {
      push(parts, "gone", a[i] ?? "");
      i += 1;
    } else {
      push(parts, "new", b[j] ?? "");
      j += 1;
    }
  }
}

function push(parts: DiffPart[], kind: DiffPart["kind"], text: string) {
  if (text === "") return;
  const last = parts.at(-1);
  if (last?.kind === kind) last.text += text;
  else parts.push({ kind, text });
}
