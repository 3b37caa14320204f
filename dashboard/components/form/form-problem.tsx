import { CircleAlert } from "lucide-react";
import type { ReactNode } from "react";
import type { ApiError } from "@/lib/api/problem";
import { RequestId } from "@/components/states/states";

interface Props {
  problem: ApiError | null;
  /** Fields that show their own problem: what is wrong with others is told here. */
  shown?: readonly string[];
  /** When somebody else was faster: a way to take what is there now. */
  onReload?: () => void;
}

/** Why a form was refused, above what was typed, which stays. */
export function FormProblem({ problem, shown = [], onReload }: Props) {
  if (!problem) return null;
  if (problem.status === 412) {
    return (
      <Box>
        <p>Somebody else changed this meanwhile. Nothing was saved; what you typed is still here.</p>
        {onReload && (
          <button type="button" onClick={onReload} className="mt-1 font-medium underline underline-offset-2">
            Take the current state instead
          </button>
        )}
      </Box>
    );
  }
  const others = problem.fields.filter(({ field }) => !shown.includes(field));
  if (problem.fields.length > 0 && others.length === 0) {
    return <Box>Not saved: see what is said beside the fields.</Box>;
  }
  return (
    <Box>
      {others.length === 0 && <p>{problem.message}</p>}
      {others.map(({ field, message }) => (
        <p key={`${field} ${message}`}>
          <code className="font-mono text-xs">{field}</code> {message}
        </p>
      ))}
      <RequestId id={problem.requestId} />
    </Box>
  );
}

function Box({ children }: { children: ReactNode }) {
  return (
    <div
      role="alert"
      className="flex items-start gap-2.5 rounded-lg border border-bad/30 bg-bad-soft px-3 py-2.5 text-sm"
    >
      <CircleAlert aria-hidden className="mt-0.5 size-4 shrink-0 text-bad" />
      <div className="min-w-0 break-words">{children}</div>
    </div>
  );
}
