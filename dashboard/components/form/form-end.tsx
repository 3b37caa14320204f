import { Button } from "@/components/ui/button";

interface Props {
  /** What the button does: “Save”. */
  action: string;
  busy: boolean;
  onCancel?: () => void;
  /** What the other button does, where that is more than to leave. */
  cancel?: string;
  danger?: boolean;
  disabled?: boolean;
}

/** The buttons below a form. */
export function FormEnd({ action, busy, onCancel, cancel = "Cancel", danger, disabled }: Props) {
  return (
    <div className="flex justify-end gap-2">
      {onCancel && <Button onClick={onCancel}>{cancel}</Button>}
      <Button type="submit" look={danger ? "danger" : "primary"} disabled={busy || disabled}>
        {busy ? "One moment …" : action}
      </Button>
    </div>
  );
}
