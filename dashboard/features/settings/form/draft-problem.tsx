import { Refusal } from "@/components/layout/entrance";
import type { ApiError } from "@/lib/api/problem";

/** Why it was not saved. What was typed stays. */
export function DraftProblem({ problem }: { problem: ApiError }) {
  if (problem.status === 412) {
    return (
      <Refusal requestId={problem.requestId}>
        Somebody else saved first. What you did not touch now shows what they saved; your changes are kept.
        Look at them again, then save again.
      </Refusal>
    );
  }
  if (problem.fields.length > 0) {
    return <Refusal requestId={problem.requestId}>Not saved. {problem.message}</Refusal>;
  }
  return <Refusal requestId={problem.requestId}>{problem.message}</Refusal>;
}
