"use client";

import * as Radix from "@radix-ui/react-dialog";
import { PanelLeftClose, PanelLeftOpen } from "lucide-react";
import { Scrim } from "@/components/ui/dialog";
import { IconButton } from "@/components/ui/icon-button";
import { cn } from "@/lib/cn";
import { Logo } from "./logo";
import { Navigation } from "./navigation";

interface Props {
  folded: boolean;
  onFold: (folded: boolean) => void;
  /** On narrow screens, where it lies over the page. */
  open: boolean;
  onOpenChange: (open: boolean) => void;
}

export function Sidebar({ folded, onFold, open, onOpenChange }: Props) {
  return (
    <>
      <aside
        aria-label="Sidebar"
        className={cn(
          "hidden shrink-0 flex-col border-r bg-surface transition-[width] duration-150 md:flex",
          folded ? "w-14" : "w-56",
        )}
      >
        <div className="flex h-13 items-center gap-2.5 px-3.5">
          <Logo />
          {!folded && <span className="font-semibold tracking-tight">GatewayOps</span>}
        </div>
        <Navigation folded={folded} />
        <div className="mt-auto p-3">
          <IconButton
            label={folded ? "Unfold the sidebar" : "Fold the sidebar"}
            side="right"
            aria-expanded={!folded}
            onClick={() => onFold(!folded)}
          >
            {folded ? <PanelLeftOpen aria-hidden /> : <PanelLeftClose aria-hidden />}
          </IconButton>
        </div>
      </aside>
      <Radix.Root open={open} onOpenChange={onOpenChange}>
        <Radix.Portal>
          <Scrim />
          <Radix.Content
            aria-describedby={undefined}
            className="fixed inset-y-0 left-0 z-50 flex w-64 animate-appear flex-col bg-surface shadow-lifted outline-none md:hidden"
          >
            <div className="flex h-13 items-center gap-2.5 px-3.5">
              <Logo />
              <Radix.Title className="font-semibold tracking-tight">GatewayOps</Radix.Title>
            </div>
            <Navigation onNavigate={() => onOpenChange(false)} />
          </Radix.Content>
        </Radix.Portal>
      </Radix.Root>
    </>
  );
}
