// What this browser keeps for its reader: never anything of the organization's, and never needed to work.

export function remember(key: string, value: unknown): void {
  try {
    localStorage.setItem(`gwo.${key}`, JSON.stringify(value));
  } catch {
    // Full, or forbidden: then it is forgotten.
  }
}

export function recall<T>(key: string, fallback: T): T {
  if (typeof window === "undefined") return fallback;
  try {
    const kept = localStorage.getItem(`gwo.${key}`);
    return kept === null ? fallback : (JSON.parse(kept) as T);
  } catch {
    return fallback;
  }
}
