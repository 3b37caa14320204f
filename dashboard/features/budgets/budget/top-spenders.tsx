import { CircleDollarSign } from "lucide-react";
import { Link } from "@/components/link";
import { Notice } from "@/components/states/notice";
import { Card } from "@/components/ui/card";
import { Money } from "@/components/ui/money";
import { percent } from "@/lib/number";

export interface Spender {
  id: string;
  name: string;
  used: string;
  share: number;
  href: string | null;
}

/** What costs most in this period. */
export function TopSpenders({ title, spenders }: { title: string; spenders: readonly Spender[] }) {
  return (
    <Card flush title={title} description="In this period, at most five">
      {spenders.length === 0 ? (
        <Notice small icon={CircleDollarSign} title="Nothing was spent yet" />
      ) : (
        <ul className="border-t">
          {spenders.map(({ id, name, used, share, href }) => (
            <li key={id} className="border-b px-4 py-2 text-sm last:border-0 sm:px-5">
              <div className="flex items-baseline justify-between gap-3">
                {href ? (
                  <Link href={href} className="truncate font-medium hover:underline">
                    {name}
                  </Link>
                ) : (
                  <span className="truncate">{name}</span>
                )}
                <span className="shrink-0 tabular-nums">
                  <Money amount={used} /> <span className="text-ink-3">{percent(share)}</span>
                </span>
              </div>
              <span aria-hidden className="mt-1 block h-1 overflow-hidden rounded-full bg-sunken">
                <span
                  className="block h-full rounded-full bg-series-1"
                  style={{ width: `${share * 100}%` }}
                />
              </span>
            </li>
          ))}
        </ul>
      )}
    </Card>
  );
}
