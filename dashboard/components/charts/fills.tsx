import { STROKES, type Tone } from "./series";

const TONES: Tone[] = [1, 2, 3, 4];

/** Plain, hatched, dotted, crossed: fills that can be told apart in grey. */
export function Fills({ id }: { id: string }) {
  return (
    <defs>
      {TONES.map((tone) => (
        <pattern
          key={tone}
          id={`${id}-${tone}`}
          width="5"
          height="5"
          patternUnits="userSpaceOnUse"
          patternTransform={tone === 2 ? "rotate(45)" : undefined}
        >
          <rect width="5" height="5" fill={STROKES[tone]} opacity={tone === 1 ? 0.9 : 0.42} />
          {tone === 2 && <rect width="2.5" height="5" fill={STROKES[tone]} />}
          {tone === 3 && <circle cx="2.5" cy="2.5" r="1.5" fill={STROKES[tone]} />}
          {tone === 4 && <path d="M0 2.5h5M2.5 0v5" stroke={STROKES[tone]} strokeWidth="1.2" />}
        </pattern>
      ))}
    </defs>
  );
}

export function fillOf(id: string, tone: Tone): string {
  return `url(#${id}-${tone})`;
}
