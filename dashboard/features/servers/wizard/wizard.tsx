"use client";

import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef, useState } from "react";
import { FormProblem } from "@/components/form/form-problem";
import { Card } from "@/components/ui/card";
import { asApiError, type ApiError } from "@/lib/api/problem";
import { problemAbout } from "@/lib/api/problem-about";
import { namesChanged } from "@/lib/directory/directory";
import { useUnsavedWarning } from "@/lib/use-unsaved-warning";
import { createServer, type Server } from "@/features/servers/api";
import { AboutFields } from "@/features/servers/form/about-fields";
import { AuthFields } from "@/features/servers/form/auth-fields";
import { EMPTY, serverBody, type ServerDraft } from "@/features/servers/form/draft";
import { TlsFields } from "@/features/servers/form/tls-fields";
import { DiscoveryStep } from "./discovery-step";
import { DoneStep } from "./done-step";
import { Progress } from "./progress";
import { StepForm } from "./step-form";
import { STEPS, stepOf, type Step } from "./steps";
import { TestStep } from "./test-step";

/** What is typed stays while one goes back and forth; the server is made once it was tested, or in spite of the test. */
export function Wizard() {
  const client = useQueryClient();
  const [step, setStep] = useState<Step>("address");
  const [draft, setDraft] = useState<ServerDraft>(EMPTY);
  const [problem, setProblem] = useState<ApiError | null>(null);
  const [server, setServer] = useState<Server | null>(null);
  useUnsavedWarning(server === null && draft !== EMPTY);

  function refused(error: unknown) {
    const problem = asApiError(error);
    setProblem(problem);
    setStep((step) => stepOf(problem) ?? step);
  }
  const create = useMutation({
    mutationFn: () => createServer(serverBody(draft)),
    onSuccess(made) {
      setProblem(null);
      setServer(made);
      setStep("discovery");
      void client.invalidateQueries({ queryKey: ["servers"] });
      void namesChanged(client, "server");
    },
    onError: refused,
  });

  function change<Part extends keyof ServerDraft>(part: Part, changes: Partial<ServerDraft[Part]>) {
    setDraft((draft) => ({ ...draft, [part]: { ...draft[part], ...changes } }));
  }
  function go(to: Step) {
    setProblem(null);
    setStep(to);
  }
  const about = (field: string) => problemAbout(problem, field);

  return (
    <Card className="w-full max-w-3xl">
      <div className="flex flex-col gap-5 pt-1">
        <Progress step={step} />
        <StepTitle step={step} />
        <FormProblem problem={problem} fields={SHOWN} />
        {step === "address" && (
          <StepForm onNext={() => go("credentials")}>
            <AboutFields isNew draft={draft.about} onChange={(it) => change("about", it)} about={about} />
          </StepForm>
        )}
        {step === "credentials" && (
          <StepForm onBack={() => go("address")} onNext={() => go("test")}>
            <AuthFields draft={draft.auth} onChange={(it) => change("auth", it)} about={about} />
            <TlsFields draft={draft.tls} onChange={(it) => change("tls", it)} about={about} />
          </StepForm>
        )}
        {step === "test" && (
          <TestStep
            draft={draft}
            onBack={() => go("credentials")}
            onRefused={refused}
            onCreate={() => create.mutate()}
            creating={create.isPending}
          />
        )}
        {step === "discovery" && server && <DiscoveryStep server={server} onNext={() => go("done")} />}
        {step === "done" && server && <DoneStep server={server} />}
      </div>
    </Card>
  );
}

/** Fields that say themselves what is wrong with them. */
const SHOWN = [
  ...["name", "url", "transport", "display_name", "description", "tags"],
  ...["type", "token", "username", "password", "header_name", "header_value"].map((name) => `auth.${name}`),
  ...["token_url", "client_id", "client_secret", "scopes"].map((name) => `auth.${name}`),
  ...["ca_pem", "client_cert_pem", "client_key_pem", "server_name"].map((name) => `tls.${name}`),
];

/** Takes the focus when a step comes, so that it is read and the keyboard goes on from here. */
function StepTitle({ step }: { step: Step }) {
  const title = useRef<HTMLHeadingElement>(null);
  const first = useRef(true);
  useEffect(() => {
    if (!first.current) title.current?.focus();
    first.current = false;
  }, [step]);
  return (
    <h2 ref={title} tabIndex={-1} className="text-lg font-semibold outline-none">
      {STEPS.find(({ key }) => key === step)?.name}
    </h2>
  );
}
