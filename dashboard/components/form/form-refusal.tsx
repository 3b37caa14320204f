import { Refusal } from "@/components/layout/entrance";
import type { ApiError } from "@/lib/api/problem";
import { isStale } from "@/lib/api/field-problems";

interface Props {
  problem: ApiError | null;
  /** Fields that say themselves what is wrong with them. */
  shown: readonly string[];
  /** Takes what somebody else wrote meanwhile. */
  onReload?: () => void;
}

/** Why a form was not taken, as far as no field of it says so. */
export function FormRefusal({ problem, shown, onReload }: Props) {
  if (!problem) return null;
  if (isStale(problem)) {
    return (
      <Refusal>
        Somebody else changed this while you were writing. Nothing of yours was saved, and nothing of theirs
        was lost.{" "}
        {onReload && (
          <button type="button" onClick={onReload} className="font-medium underline underline-offset-2">
            Take their version and drop mine
          </button>
        )}
      </Refusal>
    );
  }
  const own = (field: string) => shown.some((name) => field === name || field.startsWith(`${name}.`));
  const others = problem.fields.filter(({ field }) => !own(field));
  if (problem.fields.length > 0 && others.length === 0)
    return <Refusal>Nothing was saved: see what is marked below.</Refusal>;
  const text =
    others.length > 0
      ? others.map(({ field, message }) => `${field} ${message}`).join("; ")
      : problem.message;
  return <Refusal requestId={problem.requestId}>{text}</Refusal>;
}
