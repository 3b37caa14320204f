import { loginHref } from "@/lib/url/return-path";

const OUTSIDE = ["/login", "/invite"];

/** Nobody is signed in any more: to the sign-in, and back to here afterwards. */
export function sessionEnded(): void {
  const { pathname, search } = window.location;
  if (OUTSIDE.includes(pathname)) return;
  window.location.replace(loginHref(pathname + search));
}
