import { Link } from "@/components/link";
import { count } from "@/lib/number";

export interface Bar {
  key: string;
  name: string;
  value: number;
  /** To the rows that are counted. */
  href?: string;
}

/** How often each of several was: names, lengths and numbers. The largest first. */
export function BarList({ bars, most = 10 }: { bars: readonly Bar[]; most?: number }) {
  const shown = [...bars].sort((a, b) => b.value - a.value).slice(0, most);
  const largest = shown[0]?.value ?? 0;
  if (largest === 0) return <p className="text-sm text-ink-3">None</p>;
  return (
    <ul className="flex flex-col gap-2.5">
      {shown.map(({ key, name, value, href }) => (
        <li key={key} className="text-sm">
          <span className="flex items-baseline justify-between gap-3">
            {href ? (
              <Link href={href} className="min-w-0 truncate hover:underline" title={name}>
                {name}
              </Link>
            ) : (
              <span className="min-w-0 truncate" title={name}>
                {name}
              </span>
            )}
            <span className="text-ink-2 tabular-nums">{count(value)}</span>
          </span>
          <span aria-hidden className="mt-1 block h-1.5 overflow-hidden rounded-full bg-sunken">
            <span
              className="block h-full rounded-full bg-series-1"
              style={{ width: `${(value / largest) * 100}%` }}
            />
          </span>
        </li>
      ))}
    </ul>
  );
}
