"use client";

import { Plus, Trash2 } from "lucide-react";
import type { FormEvent } from "react";
import { FormEnd } from "@/components/form/form-end";
import { FormProblem } from "@/components/form/form-problem";
import { Button } from "@/components/ui/button";
import { Card } from "@/components/ui/card";
import { Field } from "@/components/ui/field";
import { IconButton } from "@/components/ui/icon-button";
import { problemAbout } from "@/lib/api/problem-about";
import type { Server, ServerPatch } from "@/features/servers/api";
import {
  changeTool,
  PRICE_PATTERN,
  PRICES,
  pricingBody,
  pricingOf,
  withoutTool,
  withTool,
  type PriceDraft,
  type PricingDraft,
} from "@/features/servers/form/prices";
import { useServerDraft } from "./use-server-draft";

const read = (server: Server): PricingDraft => pricingOf(server.pricing);
const body = (draft: PricingDraft): ServerPatch => ({ pricing: pricingBody(draft) });

/** What calls cost. A change counts from now on; what was charged stays as it is. */
export function PricesTab({ server }: { server: Server }) {
  const form = useServerDraft(server, read, body);
  const { draft, setDraft, problem } = form;
  const about = (field: string) => problemAbout(problem, field);
  function submit(event: FormEvent) {
    event.preventDefault();
    form.save();
  }
  return (
    <form onSubmit={submit} className="flex max-w-4xl flex-col gap-5">
      <FormProblem
        problem={problem}
        fields={problem?.fields.map(({ field }) => field).filter((field) => field.startsWith("pricing."))}
        onTakeTheirs={form.reload}
      />
      <Card title="Prices" description="In US dollars. They count for calls from now on.">
        <Prices
          price={draft}
          onChange={(changes) => setDraft((draft) => ({ ...draft, ...changes }))}
          about={(name) => about(`pricing.${name}`)}
        />
      </Card>
      <Card
        title="Prices of single tools"
        description="Instead of the above, for tools whose name fits; * is any run of characters"
        actions={
          <Button onClick={() => setDraft(withTool)}>
            <Plus aria-hidden />
            Add
          </Button>
        }
      >
        {draft.tools.length === 0 && <p className="text-sm text-ink-2">Every tool costs the same.</p>}
        <ul className="flex flex-col gap-4">
          {draft.tools.map((tool, at) => (
            // Rows have no identity but their place.
            <li key={at} className="flex items-start gap-2">
              <fieldset className="grid grow items-start gap-3 sm:grid-cols-[1.4fr_3fr]">
                <legend className="sr-only">Price of {tool.tool_name || "a tool"}</legend>
                <Field
                  label="Tool"
                  required
                  value={tool.tool_name}
                  onChange={(event) => setDraft(changeTool(draft, at, { tool_name: event.target.value }))}
                  problem={about(`pricing.tools.${at}.tool_name`)}
                />
                <Prices
                  price={tool}
                  onChange={(changes) => setDraft(changeTool(draft, at, changes))}
                  about={(name) => about(`pricing.tools.${at}.${name}`)}
                />
              </fieldset>
              <IconButton
                label={`Take away the price of ${tool.tool_name || "this tool"}`}
                className="mt-6"
                onClick={() => setDraft(withoutTool(draft, at))}
              >
                <Trash2 aria-hidden />
              </IconButton>
            </li>
          ))}
        </ul>
      </Card>
      <FormEnd
        action="Save"
        cancel="Undo changes"
        busy={form.saving}
        disabled={!form.dirty}
        onCancel={form.dirty ? form.reset : undefined}
      />
    </form>
  );
}

interface PricesProps {
  price: PriceDraft;
  onChange: (changes: Partial<PriceDraft>) => void;
  about: (name: string) => string | undefined;
}

function Prices({ price, onChange, about }: PricesProps) {
  return (
    <div className="grid items-start gap-3 sm:grid-cols-3">
      {PRICES.map(([name, label]) => (
        <Field
          key={name}
          label={label}
          required
          inputMode="decimal"
          pattern={PRICE_PATTERN}
          title="Dollars such as 0.001, with up to twelve digits after the point"
          value={price[name]}
          onChange={(event) => onChange({ [name]: event.target.value })}
          problem={about(name)}
        />
      ))}
    </div>
  );
}
