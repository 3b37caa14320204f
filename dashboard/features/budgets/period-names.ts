import type { Schemas } from "@/lib/api/client";

export const PERIOD_NAMES: Record<Schemas["BudgetPeriodLength"], string> = {
  daily: "Daily",
  weekly: "Weekly",
  monthly: "Monthly",
};
