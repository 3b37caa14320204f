"use client";

import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { FormProblem } from "@/components/form/form-problem";
import { Card } from "@/components/ui/card";
import { Skeleton } from "@/components/ui/skeleton";
import { asApiError } from "@/lib/api/problem";
import { useMay } from "@/lib/session/session";
import type { Tool } from "@/features/tools/api";
import { checkQuery } from "@/features/tools/check/api";
import type { Asked } from "@/features/tools/check/asked";
import { CheckForm } from "@/features/tools/check/check-form";
import { MatchedRules } from "@/features/tools/check/matched-rules";
import { Verdict } from "@/features/tools/check/verdict";

/** What would become of a call, as the proxy decides it: of one by the reader, until another is asked about. */
export function AccessCard({ tool }: { tool: Tool }) {
  const mayRead = useMay("policies:read");
  const [asked, setAsked] = useState<Asked>({});
  const about = { mcp_server: tool.mcp_server, tool_name: tool.name ?? "" };
  const check = useQuery({ ...checkQuery({ ...about, ...asked }), enabled: tool.name !== null });
  if (tool.name === null) return null;
  return (
    <Card title="May it be called?" description="By the rules alone; limits and budgets come on top">
      <div className="flex flex-col gap-4">
        <div role="status" className="flex flex-col gap-3">
          {check.data ? (
            <>
              <Verdict check={check.data} />
              {mayRead && <MatchedRules check={check.data} />}
            </>
          ) : check.error ? (
            <FormProblem problem={asApiError(check.error)} />
          ) : (
            <Skeleton className="h-12" />
          )}
        </div>
        <CheckForm onAsk={setAsked} />
      </div>
    </Card>
  );
}
