import { ServerName, TeamName } from "@/components/access/names";

/** Where an assignment counts. */
export function ScopeName({ type, id }: { type: string; id: string | null }) {
  if (id === null) return <>Everywhere</>;
  if (type === "team") {
    return (
      <>
        Team <TeamName id={id} />
      </>
    );
  }
  return (
    <>
      Server <ServerName id={id} />
    </>
  );
}
