import { Button } from "@/components/ui/button";

interface Props {
  dirty: boolean;
  saving: boolean;
  onReset: () => void;
}

export function SaveBar({ dirty, saving, onReset }: Props) {
  return (
    <div className="flex justify-end gap-2">
      <Button onClick={onReset} disabled={!dirty || saving}>
        Undo changes
      </Button>
      <Button type="submit" look="primary" disabled={!dirty || saving}>
        {saving ? "Saving …" : "Save"}
      </Button>
    </div>
  );
}
