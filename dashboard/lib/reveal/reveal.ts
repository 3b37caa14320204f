// Texts in which something may be hidden from people, though not from models: it is shown.

export interface Part {
  text: string;
  /** Cannot be seen as it is; the text names it. */
  hidden: boolean;
}

// Controls, soft hyphen, zero width, direction, invisible operators, variation selectors, byte order mark, tags. Within
// emoji some of them are at home.
const HIDDEN =
  /(?:[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f]|\u00ad|\u034f|\u061c|\u115f|\u1160|\u17b4|\u17b5|[\u180b-\u180e]|[\u200b\u200c\u200e\u200f]|[\u202a-\u202e]|[\u2060-\u206f]|\u3164|[\ufe00-\ufe0e]|\ufeff|\uffa0|[\u{e0000}-\u{e0fff}]|(?<![\p{Extended_Pictographic}\p{Emoji}]\ufe0f?)(?:\u200d|\ufe0f))+/gu;

export function reveal(text: string): Part[] {
  const parts: Part[] = [];
  let at = 0;
  for (const match of text.matchAll(HIDDEN)) {
    if (match.index > at) parts.push({ text: text.slice(at, match.index), hidden: false });
    parts.push({ text: named(match[0]), hidden: true });
    at = match.index + match[0].length;
  }
  if (at < text.length) parts.push({ text: text.slice(at), hidden: false });
  return parts;
}

/** Tags spell ASCII that nobody sees: they are spelled out. Others are named by their numbers. */
function named(run: string): string {
  return [...run]
    .map((character) => {
      const code = character.codePointAt(0) ?? 0;
      if (code >= 0xe0020 && code <= 0xe007e) return String.fromCodePoint(code - 0xe0000);
      return `U+${code.toString(16).toUpperCase().padStart(4, "0")} `;
    })
    .join("")
    .trim();
}
