import type { KeyValues } from "./key-values";

/** What each part of the form is given. */
export interface FieldsProps {
  values: KeyValues;
  change: (changes: Partial<KeyValues>) => void;
  /** What is wrong with a field. */
  about: (field: string) => string | undefined;
}
