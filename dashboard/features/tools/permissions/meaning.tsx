"use client";

import { useNamed } from "@/lib/directory/directory";
import { shortId } from "@/lib/short-id";
import { sentenceOf, type Terms } from "./sentence";

interface Props {
  terms: Terms;
  /** Whom it is about; empty: not chosen yet. */
  subjectId: string;
}

/** A permission in one sentence, with the name of whom it is about. */
export function Meaning({ terms, subjectId }: Props) {
  if (subjectId === "") return sentenceOf(terms, undefined);
  return <Named terms={terms} subjectId={subjectId} />;
}

function Named({ terms, subjectId }: Props) {
  const named = useNamed(terms.subject_type, subjectId);
  return sentenceOf(terms, named?.name ?? shortId(subjectId));
}
