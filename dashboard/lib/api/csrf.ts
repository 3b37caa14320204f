// Unsafe requests show that they come from a page of ours: with what `/v1/auth/me` told.
let token: string | null = null;

export function csrfToken(): string | null {
  return token;
}

export function rememberCsrfToken(next: string | null): void {
  token = next;
}
