// Prices are decimal strings from the API to the form and back.
import type { Schemas } from "@/lib/api/client";

export interface PriceDraft {
  per_call: string;
  per_input_token: string;
  per_output_token: string;
}

export interface ToolPriceDraft extends PriceDraft {
  tool_name: string;
}

export interface PricingDraft extends PriceDraft {
  tools: ToolPriceDraft[];
}

export const PRICES = [
  ["per_call", "Per call"],
  ["per_input_token", "Per input token"],
  ["per_output_token", "Per output token"],
] as const;

/** What the API takes: up to six digits, and twelve after the point. */
export const PRICE_PATTERN = "\\d{1,6}(\\.\\d{1,12})?";

const NO_PRICE: ToolPriceDraft = {
  tool_name: "",
  per_call: "0",
  per_input_token: "0",
  per_output_token: "0",
};

export function pricingOf({ tools = [], ...rest }: Schemas["Pricing"]): PricingDraft {
  return { ...priceOf(rest), tools: tools.map((tool) => ({ tool_name: tool.tool_name, ...priceOf(tool) })) };
}

export function pricingBody({ tools, ...rest }: PricingDraft): Schemas["Pricing"] {
  return {
    ...trimmed(rest),
    tools: tools.map(({ tool_name, ...price }) => ({ tool_name: tool_name.trim(), ...trimmed(price) })),
  };
}

export function withTool(draft: PricingDraft): PricingDraft {
  return { ...draft, tools: [...draft.tools, { ...NO_PRICE, per_call: draft.per_call }] };
}

export function withoutTool(draft: PricingDraft, gone: number): PricingDraft {
  return { ...draft, tools: draft.tools.filter((_, at) => at !== gone) };
}

export function changeTool(
  draft: PricingDraft,
  which: number,
  changes: Partial<ToolPriceDraft>,
): PricingDraft {
  return { ...draft, tools: draft.tools.map((tool, at) => (at === which ? { ...tool, ...changes } : tool)) };
}

function priceOf(price: Partial<PriceDraft>): PriceDraft {
  return {
    per_call: short(price.per_call),
    per_input_token: short(price.per_input_token),
    per_output_token: short(price.per_output_token),
  };
}

/** Without zeros that say nothing: `0.001000` → `0.001`. */
function short(amount = "0"): string {
  return amount.includes(".") ? amount.replace(/\.?0+$/, "") : amount;
}

function trimmed(price: PriceDraft): PriceDraft {
  return {
    per_call: price.per_call.trim(),
    per_input_token: price.per_input_token.trim(),
    per_output_token: price.per_output_token.trim(),
  };
}
