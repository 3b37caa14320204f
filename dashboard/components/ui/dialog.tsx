"use client";

import * as Radix from "@radix-ui/react-dialog";
import { X } from "lucide-react";
import type { ReactNode } from "react";
import { cn } from "@/lib/cn";
import { IconButton } from "./icon-button";

interface Props {
  open: boolean;
  onOpenChange: (open: boolean) => void;
  title: string;
  description?: ReactNode;
  children: ReactNode;
  className?: string;
}

/** A question or a form in front of the page. */
export function Dialog({ open, onOpenChange, title, description, children, className }: Props) {
  return (
    <Radix.Root open={open} onOpenChange={onOpenChange}>
      <Radix.Portal>
        <Scrim />
        <Radix.Content
          {...(description ? {} : { "aria-describedby": undefined })}
          onOpenAutoFocus={focusFirstField}
          className={cn(
            "fixed inset-x-3 top-[6vh] z-50 mx-auto flex max-h-[88vh] max-w-lg animate-appear flex-col overflow-y-auto rounded-xl border bg-raised p-5 shadow-lifted outline-none",
            className,
          )}
        >
          <header className="mb-4 flex items-start justify-between gap-4">
            <div>
              <Radix.Title className="text-lg font-semibold">{title}</Radix.Title>
              {description && (
                <Radix.Description className="mt-1 text-sm text-ink-2">{description}</Radix.Description>
              )}
            </div>
            <Radix.Close asChild>
              <IconButton label="Close" className="-mt-1 -mr-2">
                <X aria-hidden />
              </IconButton>
            </Radix.Close>
          </header>
          {children}
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}

/** A form begins at its first field, of radio buttons at the chosen one; Radix would begin at what closes it. */
function focusFirstField(event: Event) {
  const field = (event.currentTarget as HTMLElement).querySelector<HTMLElement>(
    "input:enabled:not([type=radio]:not(:checked)), select:enabled, textarea:enabled",
  );
  if (!field) return;
  event.preventDefault();
  field.focus();
}

/** Ours instead of Radix's: theirs locks scrolling with a style element, which the policy of our pages refuses. */
export function Scrim() {
  return <div aria-hidden className="fixed inset-0 z-40 bg-black/40" />;
}
