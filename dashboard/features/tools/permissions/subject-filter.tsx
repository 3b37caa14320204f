"use client";

import { ChevronDown } from "lucide-react";
import { ChoiceFilter } from "@/components/data-table/choice-filter";
import { Picker } from "@/components/form/picker";
import { Button } from "@/components/ui/button";
import { useDirectory } from "@/lib/directory/directory";
import { permissionFor, type FoundKind } from "@/lib/directory/kinds";
import { useMay } from "@/lib/session/session";
import type { Subject } from "./api";

interface Props {
  kind: Subject;
  onChange: (id: string | null) => void;
}

/** Only those for one team, person or key. */
export function SubjectFilter({ kind, onChange }: Props) {
  if (kind === "team") return <TeamFilter onChange={onChange} />;
  return <FoundFilter kind={kind} onChange={onChange} />;
}

function TeamFilter({ onChange }: Omit<Props, "kind">) {
  const { options } = useDirectory("team");
  return options && <ChoiceFilter name="Team" value={undefined} options={options} onChange={onChange} />;
}

const NAMES: Record<FoundKind, string> = { user: "Any person", api_key: "Any API key" };

function FoundFilter({ kind, onChange }: Props & { kind: FoundKind }) {
  if (!useMay(permissionFor(kind))) return null;
  return (
    <Picker label={NAMES[kind]} kind={kind} chosen={[]} onChoose={onChange}>
      <Button className="border-dashed">
        {NAMES[kind]}
        <ChevronDown aria-hidden className="text-ink-3" />
      </Button>
    </Picker>
  );
}
