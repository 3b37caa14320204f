import { Card } from "@/components/ui/card";
import { Facts, Mono } from "@/components/ui/facts";
import type { Provider } from "./api";

/** What has to be told the provider, and where people begin. */
export function RegisterCard({ provider }: { provider: Provider }) {
  const { callback_url, backchannel_logout_url, authorize_url } = provider;
  return (
    <Card title="To be registered at the provider">
      <Facts
        facts={[
          { name: "Redirect URI", value: <Mono>{callback_url}</Mono>, copy: callback_url },
          {
            name: "Back-channel log-out",
            value: <Mono>{backchannel_logout_url}</Mono>,
            copy: backchannel_logout_url,
          },
          { name: "People begin at", value: <Mono>{authorize_url}</Mono>, copy: authorize_url },
        ]}
      />
    </Card>
  );
}
