import { formatMoney, formatMoneyExactly } from "@/lib/money/money";

/** An amount; null where nothing was charged, or where the reader may not see costs. */
export function Money({ amount, className }: { amount: string | null; className?: string }) {
  if (amount === null) return <span className="text-ink-3">–</span>;
  return (
    <span title={formatMoneyExactly(amount)} className={className}>
      {formatMoney(amount)}
    </span>
  );
}
