import { FlaskConical } from "lucide-react";
import { Notice } from "@/components/states/notice";
import { Card } from "@/components/ui/card";
import { Skeleton } from "@/components/ui/skeleton";
import type { CallState } from "@/features/playground/use-call";
import { AnswerFacts } from "./answer-facts";
import { AnswerBody } from "./answer-body";
import { NotCalled } from "./not-called";

/** What came of the call. */
export function AnswerCard({ answer, error, running }: CallState) {
  return (
    <Card title="Result" className="xl:sticky xl:top-6">
      <div aria-live="polite" aria-busy={running}>
        {running ? (
          <div role="status" aria-label="Waiting for the answer" className="flex flex-col gap-3">
            <Skeleton className="h-6 w-40" />
            <Skeleton className="h-40" />
          </div>
        ) : error ? (
          <NotCalled error={error} />
        ) : answer ? (
          <div className="flex flex-col gap-4">
            <AnswerFacts answer={answer} />
            <AnswerBody answer={answer} />
          </div>
        ) : (
          <Notice small icon={FlaskConical} title="Nothing called yet">
            <p>Fill in the arguments and call: what comes back is shown here.</p>
          </Notice>
        )}
      </div>
    </Card>
  );
}
