import { Button } from "@/components/ui/button";

interface Props {
  /** What the button does: “Save”. */
  action: string;
  busy: boolean;
  onCancel?: () => void;
  danger?: boolean;
  disabled?: boolean;
}

/** The buttons below a form. */
export function FormEnd({ action, busy, onCancel, danger, disabled }: Props) {
  return (
    <div className="flex justify-end gap-2">
      {onCancel && <Button onClick={onCancel}>Cancel</Button>}
      <Button type="submit" look={danger ? "danger" : "primary"} disabled={busy || disabled}>
        {busy ? "One moment …" : action}
      </Button>
    </div>
  );
}
