import { KindName } from "./name";

/** Where a role counts: everywhere, or on one team or server. */
export function ScopeName({ type, id }: { type: string; id: string | null }) {
  if (id === null) return "Everywhere";
  return <KindName kind={type === "team" ? "team" : "server"} id={id} />;
}
