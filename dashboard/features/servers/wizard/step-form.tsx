import type { FormEvent, ReactNode } from "react";
import { FormEnd } from "@/components/form/form-end";

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
      <FormEnd action="Next" cancel="Back" busy={false} onCancel={onBack} />
    </form>
  );
}
