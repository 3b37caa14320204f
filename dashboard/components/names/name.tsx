"use client";

import { Fragment } from "react";
import { useNamed } from "@/lib/directory/directory";
import { nounOf, type Kind } from "@/lib/directory/kinds";
import { shortId } from "@/lib/short-id";

interface Props {
  kind: Kind;
  id: string;
}

/** What an id is called, for who may know it; else its beginning. */
export function Name({ kind, id }: Props) {
  const named = useNamed(kind, id);
  if (!named) {
    return (
      <span title={id} className="font-mono text-xs text-ink-3">
        {shortId(id)}
      </span>
    );
  }
  return <span title={named.more ? `${named.name} · ${named.more}` : named.name}>{named.name}</span>;
}

/** “Team Platform”. */
export function KindName({ kind, id }: Props) {
  return (
    <>
      <span className="text-ink-3">{nounOf(kind)}</span> <Name kind={kind} id={id} />
    </>
  );
}

/** Several, with commas between. */
export function Names({ kind, ids }: { kind: Kind; ids: readonly string[] }) {
  return ids.map((id, at) => (
    <Fragment key={id}>
      {at > 0 && ", "}
      <Name kind={kind} id={id} />
    </Fragment>
  ));
}
