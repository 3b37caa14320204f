import { Failed } from "@/components/states/states";
import { Notice } from "@/components/states/notice";
import { PlugZap } from "lucide-react";
import { asApiError } from "@/lib/api/problem";

/** The call did not get to the gateway. */
export function NotCalled({ error }: { error: unknown }) {
  const problem = asApiError(error);
  if (problem.code === "proxy_unreachable") {
    return (
      <Notice small role="alert" icon={PlugZap} title="The proxy does not answer this page">
        <p>
          Nobody answers at <code className="font-mono text-xs break-all">{problem.message}</code>, or the
          proxy does not list <code className="font-mono text-xs break-all">{window.location.origin}</code> in{" "}
          <code className="font-mono text-xs">PROXY_ALLOWED_ORIGINS</code>: browsers do not tell which.
        </p>
      </Notice>
    );
  }
  return <Failed small what="A token for the call" error={problem} />;
}
