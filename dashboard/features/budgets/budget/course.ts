import { addMoney, moneyToDraw } from "@/lib/money/money";
import type { Budget, BudgetUsage } from "@/features/budgets/api";
import { DAY_MS } from "@/lib/time/units";

export interface CoursePoint {
  time: string;
  /** Everything up to and with this day; null for days to come. */
  used: number | null;
  /** From what is used by today to what it leads to at the end; null before. */
  projected: number | null;
  amount: number;
}

type Drawn = Pick<Budget, "amount" | "projected" | "period_start" | "period_end">;

/** The current period day by day, as lengths to draw: what is used so far, and where it leads. */
export function courseOf(budget: Drawn, daily: BudgetUsage["daily"]): CoursePoint[] {
  const start = Date.parse(budget.period_start);
  const days = Math.max(1, Math.round((Date.parse(budget.period_end) - start) / DAY_MS));
  const sums = runningSums(daily.map((day) => day.used));
  const today = sums.length - 1;
  const from = moneyToDraw(sums[today] ?? "0");
  const to = Math.max(moneyToDraw(budget.projected), from);
  const amount = moneyToDraw(budget.amount);
  return Array.from({ length: days }, (_, day) => {
    const sum = sums[day];
    const ahead = days - 1 - today;
    const way = ahead > 0 ? (day - today) / ahead : 1;
    return {
      time: new Date(start + day * DAY_MS).toISOString(),
      used: sum === undefined ? null : moneyToDraw(sum),
      projected: day < today ? null : from + (to - from) * way,
      amount,
    };
  });
}

export function runningSums(amounts: readonly string[]): string[] {
  let sum = "0";
  return amounts.map((amount) => (sum = addMoney(sum, amount)));
}
