import { Card } from "@/components/ui/card";
import { Facts } from "@/components/ui/facts";

/** What bounds sizes is not decided here; where it is, so that nobody looks for it in vain. */
export function SizesCard() {
  return (
    <Card title="Sizes" description="Not decided on this page, but where it belongs">
      <Facts
        facts={[
          {
            name: "Of a server",
            value:
              "max_request_bytes (default 1 MiB) and max_response_bytes (default 10 MiB) of each server in the registry.",
          },
          {
            name: "Of the proxy",
            value: "PROXY_MAX_REQUEST_BYTES where it is started, for all servers together (default 10 MiB).",
          },
          { name: "Of this API", value: "1 MiB a request. This does not change." },
        ]}
      />
    </Card>
  );
}
