import type { FormEvent, ReactNode } from "react";
import { Button } from "@/components/ui/button";

interface Props {
  onBack?: () => void;
  onNext: () => void;
  children: ReactNode;
}

/** A step that is filled in; the browser checks what it can before the next one. */
export function StepForm({ onBack, onNext, children }: Props) {
  function submit(event: FormEvent) {
    event.preventDefault();
    onNext();
  }
  return (
    <form onSubmit={submit} className="flex flex-col gap-4">
      {children}
      <div className="flex justify-end gap-2 pt-1">
        {onBack && <Button onClick={onBack}>Back</Button>}
        <Button type="submit" look="primary">
          Next
        </Button>
      </div>
    </form>
  );
}
