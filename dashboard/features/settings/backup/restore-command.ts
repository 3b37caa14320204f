/** How a backup is read into an empty database, on a machine that has `DATABASE_URL` of it. */
export function restoreCommand(name: string | null): string {
  return `control-plane restore "\${BACKUP_URL#file://}/${name ?? "gatewayops-<time>.dump"}"`;
}
