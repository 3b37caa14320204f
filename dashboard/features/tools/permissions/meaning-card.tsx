import { Card } from "@/components/ui/card";
import type { PermissionForm } from "./api";
import { Meaning } from "./meaning";
import { consequencesOf } from "./sentence";

/** What the form says so far. */
export function MeaningCard({ form: { subject_id, ...terms } }: { form: PermissionForm }) {
  return (
    <Card title="What it means">
      <div className="flex flex-col gap-2 text-sm">
        <p className="break-words">
          <Meaning terms={terms} subjectId={subject_id} />
        </p>
        {consequencesOf(terms).map((text) => (
          <p key={text} className="text-ink-2">
            {text}
          </p>
        ))}
      </div>
    </Card>
  );
}
