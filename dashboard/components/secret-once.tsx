import { KeyRound } from "lucide-react";
import type { ReactNode } from "react";
import { Button } from "@/components/ui/button";
import { CopyButton } from "@/components/ui/copy-button";

interface Props {
  title: string;
  /** What it is for, and that it will not be seen again. */
  children: ReactNode;
  /** The secret or the link. */
  text: string;
  /** “the key”, for the copy button. */
  what: string;
  onDone?: () => void;
}

/** What the API tells this once. It stands in the page, not in a dialog that a stray key closes. */
export function SecretOnce({ title, children, text, what, onDone }: Props) {
  return (
    <section
      aria-label={title}
      className="flex flex-col gap-3 rounded-xl border border-accent/40 bg-accent-soft p-4 sm:p-5"
    >
      <div className="flex items-start gap-3">
        <KeyRound aria-hidden className="mt-0.5 size-5 shrink-0 text-accent" />
        <div role="status">
          <h2 className="font-medium">{title}</h2>
          <div className="mt-0.5 max-w-prose text-sm text-ink-2">{children}</div>
        </div>
      </div>
      <div className="flex items-center gap-2 rounded-lg border bg-surface py-1.5 pr-2 pl-3">
        <code className="min-w-0 grow font-mono text-sm break-all select-all">{text}</code>
        <CopyButton text={text} label={`Copy ${what}`} className="!size-8" />
      </div>
      {onDone && (
        <div>
          <Button size="small" onClick={onDone}>
            I have it
          </Button>
        </div>
      )}
    </section>
  );
}
