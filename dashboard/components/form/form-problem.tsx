import { CircleAlert } from "lucide-react";
import { RequestId } from "@/components/states/states";
import { Button } from "@/components/ui/button";
import { problemsElsewhere } from "./problem-about";
import type { Submit } from "./use-submit";

interface Props {
  submit: Submit;
  /** The fields that say themselves what is wrong with them. */
  fields: readonly string[];
  /** Takes what somebody else has saved meanwhile, instead of what is in the form. */
  onTakeTheirs?: () => void;
}

/** Why a form was not taken, as far as no field says it. */
export function FormProblem({ submit: { problem, overwrite, busy }, fields, onTakeTheirs }: Props) {
  if (!problem) return null;
  const elsewhere = problemsElsewhere(problem, fields);
  const isBeside = problem.code === "conflict" && fields.includes(String(problem.details.field));
  if (isBeside || (problem.fields.length > 0 && elsewhere.length === 0)) {
    return (
      <p role="alert" className="text-sm text-bad">
        Not saved: see what is marked above.
      </p>
    );
  }
  return (
    <div role="alert" className="rounded-lg border border-bad/30 bg-bad-soft px-3 py-2.5 text-sm">
      <p className="flex items-start gap-2 font-medium text-bad">
        <CircleAlert aria-hidden className="mt-0.5 size-4 shrink-0" />
        {overwrite ? "Somebody else changed it while you were writing." : problem.message}
      </p>
      {elsewhere.map((text) => (
        <p key={text} className="mt-1 break-words">
          {text}
        </p>
      ))}
      {overwrite ? (
        <>
          <p className="mt-1">Nothing of yours is saved or lost yet.</p>
          <div className="mt-2 flex flex-wrap gap-2">
            <Button size="small" disabled={busy} onClick={overwrite}>
              Save mine over it
            </Button>
            {onTakeTheirs && (
              <Button size="small" disabled={busy} onClick={onTakeTheirs}>
                Discard mine and show theirs
              </Button>
            )}
          </div>
        </>
      ) : (
        <RequestId id={problem.requestId} />
      )}
    </div>
  );
}
