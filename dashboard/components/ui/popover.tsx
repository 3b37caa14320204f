"use client";

import * as Radix from "@radix-ui/react-popover";
import type { ComponentProps } from "react";
import { cn } from "@/lib/cn";

export const Popover = Radix.Root;
export const PopoverTrigger = Radix.Trigger;
export const PopoverClose = Radix.Close;

export function PopoverContent({ className, ...rest }: ComponentProps<typeof Radix.Content>) {
  return (
    <Radix.Portal>
      <Radix.Content
        sideOffset={6}
        align="start"
        collisionPadding={8}
        className={cn(
          "z-50 animate-appear rounded-lg border bg-raised shadow-lifted outline-none",
          className,
        )}
        {...rest}
      />
    </Radix.Portal>
  );
}
