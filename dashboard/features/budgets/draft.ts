import type { Budget, BudgetForm } from "./api";

/** A budget as it is written in the form. */
export interface BudgetDraft {
  name: string;
  scope_type: BudgetForm["scope_type"];
  scope_id: string;
  amount: string;
  period: Budget["period"];
  thresholds: string;
  enforce: boolean;
  channel_ids: string[];
  enabled: boolean;
}

export const NEW_DRAFT: BudgetDraft = {
  name: "",
  scope_type: "organization",
  scope_id: "",
  amount: "",
  period: "monthly",
  thresholds: "50, 80, 100",
  enforce: false,
  channel_ids: [],
  enabled: true,
};

export function draftOf(budget: Budget): BudgetDraft {
  return {
    ...budget,
    scope_id: budget.scope_id ?? "",
    amount: budget.amount.replace(/(\.\d\d)0+$/, "$1").replace(/(\.\d\d\d*?)0+$/, "$1"),
    thresholds: budget.alert_thresholds.join(", "),
  };
}

/** What is sent. The API judges it: what is no number goes as zero, which it refuses by its place. */
export function formOf(draft: BudgetDraft): BudgetForm {
  const parts = draft.thresholds.split(/[\s,;]+/).filter(Boolean);
  return {
    name: draft.name.trim(),
    scope_type: draft.scope_type,
    scope_id: draft.scope_type === "organization" ? null : draft.scope_id || null,
    amount: draft.amount
      .trim()
      .replace(/^\$/, "")
      .replace(/,(?=\d{3})/g, ""),
    period: draft.period,
    alert_thresholds: parts.map((part) => {
      const percentage = Number(part.replace(/%$/, ""));
      return Number.isInteger(percentage) ? percentage : 0;
    }),
    enforce: draft.enforce,
    channel_ids: draft.channel_ids,
    enabled: draft.enabled,
  };
}
