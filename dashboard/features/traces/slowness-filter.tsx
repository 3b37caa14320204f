"use client";

import { ChevronDown } from "lucide-react";
import { Button } from "@/components/ui/button";
import {
  DropdownMenu,
  DropdownMenuContent,
  DropdownMenuRadioGroup,
  DropdownMenuRadioItem,
  DropdownMenuTrigger,
} from "@/components/ui/dropdown-menu";
import { cn } from "@/lib/cn";
import { duration } from "@/lib/time/time";

const STEPS_MS = [100, 500, 1000, 5000, 30_000];

interface Props {
  least: string | undefined;
  onChange: (least: string | null) => void;
}

export function SlownessFilter({ least, onChange }: Props) {
  return (
    <DropdownMenu>
      <DropdownMenuTrigger asChild>
        <Button className={cn(!least && "border-dashed")}>
          <span className={cn(least && "text-ink-3")}>Duration</span>
          {least && <span>≥ {duration(Number(least))}</span>}
          <ChevronDown aria-hidden className="text-ink-3" />
        </Button>
      </DropdownMenuTrigger>
      <DropdownMenuContent align="start">
        <DropdownMenuRadioGroup value={least ?? ""} onValueChange={(value) => onChange(value || null)}>
          <DropdownMenuRadioItem value="">Any</DropdownMenuRadioItem>
          {STEPS_MS.map((step) => (
            <DropdownMenuRadioItem key={step} value={String(step)}>
              At least {duration(step)}
            </DropdownMenuRadioItem>
          ))}
        </DropdownMenuRadioGroup>
      </DropdownMenuContent>
    </DropdownMenu>
  );
}
