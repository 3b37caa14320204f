import { CircleAlert } from "lucide-react";
import type { ReactNode } from "react";
import { RequestId } from "@/components/states/states";
import { Button } from "@/components/ui/button";
import type { ApiError } from "@/lib/api/problem";
import { problemsElsewhere } from "@/lib/api/problem-about";

interface Props {
  problem: ApiError | null;
  /** The fields that say themselves what is wrong with them. */
  fields?: readonly string[];
  busy?: boolean;
  /** After a 412: sends it once more, against what somebody else has saved meanwhile. */
  overwrite?: (() => void) | null;
  /** After a 412: takes what somebody else has saved instead of what is in the form. */
  onTakeTheirs?: () => void;
}

/** Why a form was not taken, as far as no field says it. What was typed stays. */
export function FormProblem({ problem, fields = [], busy, overwrite, onTakeTheirs }: Props) {
  if (!problem) return null;
  if (problem.status === 412) return <Overtaken {...{ busy, overwrite, onTakeTheirs }} />;
  const elsewhere = problemsElsewhere(problem, fields);
  const isBeside = problem.code === "conflict" && fields.includes(String(problem.details.field));
  if (isBeside || (problem.fields.length > 0 && elsewhere.length === 0)) {
    return (
      <p role="alert" className="text-sm text-bad">
        Not saved: see what is said beside the fields.
      </p>
    );
  }
  return (
    <Box title={problem.message}>
      {elsewhere.map((text) => (
        <p key={text} className="mt-1 break-words">
          {text}
        </p>
      ))}
      <RequestId id={problem.requestId} />
    </Box>
  );
}

function Overtaken({ busy, overwrite, onTakeTheirs }: Pick<Props, "busy" | "overwrite" | "onTakeTheirs">) {
  return (
    <Box title="Somebody else changed it while you were writing.">
      <p className="mt-1">Nothing of yours is saved or lost yet.</p>
      <div className="mt-2 flex flex-wrap gap-2">
        {overwrite && (
          <Button size="small" disabled={busy} onClick={overwrite}>
            Save mine over it
          </Button>
        )}
        {onTakeTheirs && (
          <Button size="small" disabled={busy} onClick={onTakeTheirs}>
            Discard mine and show theirs
          </Button>
        )}
      </div>
    </Box>
  );
}

function Box({ title, children }: { title: string; children: ReactNode }) {
  return (
    <div role="alert" className="rounded-lg border border-bad/30 bg-bad-soft px-3 py-2.5 text-sm">
      <p className="flex items-start gap-2 font-medium text-bad">
        <CircleAlert aria-hidden className="mt-0.5 size-4 shrink-0" />
        {title}
      </p>
      {children}
    </div>
  );
}
