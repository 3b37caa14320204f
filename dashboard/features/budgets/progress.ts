import { moneyToDraw } from "@/lib/money/money";
import type { Budget } from "./api";

export interface Progress {
  /** All from 0 to 1 of the bar's length. */
  used: number;
  /** Where it leads by the end of the period. */
  projected: number;
  /** Where the amount ends. */
  amount: number;
  thresholds: number[];
}

/** As lengths to draw. The bar is as long as what lies furthest out: the amount, or what goes beyond it. */
export function progressOf(
  budget: Pick<Budget, "amount" | "used" | "projected" | "alert_thresholds">,
): Progress {
  const amount = moneyToDraw(budget.amount);
  const used = moneyToDraw(budget.used);
  const projected = Math.max(moneyToDraw(budget.projected), used);
  // A projection many times over would leave the rest too short to read.
  const length = Math.max(amount, used, Math.min(projected, amount * 2));
  const part = (value: number) => (length > 0 ? Math.min(value / length, 1) : 0);
  return {
    used: part(used),
    projected: part(projected),
    amount: part(amount),
    thresholds: budget.alert_thresholds
      .filter((percentage) => percentage !== 100 && (amount * percentage) / 100 <= length)
      .map((percentage) => part((amount * percentage) / 100)),
  };
}
