import { Card } from "@/components/ui/card";
import { Facts } from "@/components/ui/facts";
import { formatMoneyExactly } from "@/lib/money/money";
import type { Server } from "@/features/servers/api";
import { PRICES, pricingOf } from "@/features/servers/form/prices";

/** Prices for those who may not change them. */
export function PricesRead({ pricing }: Pick<Server, "pricing">) {
  const { tools, ...all } = pricingOf(pricing);
  return (
    <Card title="Prices" description="In US dollars">
      <div className="flex flex-col gap-4">
        <Facts facts={PRICES.map(([key, name]) => ({ name, value: formatMoneyExactly(all[key]) }))} />
        {tools.map((tool) => (
          <Facts
            key={tool.tool_name}
            title={tool.tool_name}
            facts={PRICES.map(([key, name]) => ({ name, value: formatMoneyExactly(tool[key]) }))}
          />
        ))}
      </div>
    </Card>
  );
}
