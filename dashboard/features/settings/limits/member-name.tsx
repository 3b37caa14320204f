import { Name } from "@/components/names/name";
import { Mono } from "@/components/ui/facts";

/** Whom a limit counts: what is meant by an id has a name, the rest is said as it is. */
export function MemberName({ scope, value }: { scope: string; value: string }) {
  if (scope === "team" || scope === "user" || scope === "api_key") return <Name kind={scope} id={value} />;
  return <Mono>{value}</Mono>;
}
