import { FormProblem } from "@/components/form/form-problem";
import { Refusal } from "@/components/layout/entrance";
import type { ApiError } from "@/lib/api/problem";
import { inOtherWords } from "./use-decide";

export function Refused({ problem, shown }: { problem: ApiError | null; shown: readonly string[] }) {
  const words = inOtherWords(problem);
  if (words) return <Refusal>{words}</Refusal>;
  return <FormProblem problem={problem} fields={shown} />;
}
