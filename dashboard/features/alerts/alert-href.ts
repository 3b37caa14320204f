export function alertHref(id: string): string {
  return `/alerts?id=${id}`;
}

export function ruleHref(id: string): string {
  return `/alert-rule?id=${id}`;
}
