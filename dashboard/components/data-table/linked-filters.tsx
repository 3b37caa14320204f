import { X } from "lucide-react";
import type { ReactNode } from "react";
import { Button } from "@/components/ui/button";

interface Props<Filter extends string> {
  /** Filters that come with a link from elsewhere, and what each says. */
  says: Partial<Record<Filter, ReactNode>>;
  filters: Partial<Record<Filter, string>>;
  setFilters: (changes: Partial<Record<Filter, string | null>>) => void;
}

/** They are shown, and can be taken away. */
export function LinkedFilters<Filter extends string>({ says, filters, setFilters }: Props<Filter>) {
  const linked = (Object.entries(says) as [Filter, ReactNode][]).filter(([name]) => filters[name]);
  return linked.map(([name, text]) => (
    <Button
      key={name}
      title={filters[name]}
      onClick={() => setFilters({ [name]: null } as Partial<Record<Filter, string | null>>)}
    >
      <span>
        <span className="sr-only">Take away: </span>
        {text}
      </span>
      <X aria-hidden className="text-ink-3" />
    </Button>
  ));
}
