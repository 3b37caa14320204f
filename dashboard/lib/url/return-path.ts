const LAYERS = 4;
const LONGEST = 2000;

/** As the control plane judges it: only a path of this very site, however it is encoded. */
export function isOwnPath(text: string): boolean {
  let seen = text;
  for (let layer = 0; layer < LAYERS; layer += 1) {
    if (!seen.startsWith("/") || seen.startsWith("//") || /[\\\u0000-\u001f\u007f-\u009f]/.test(seen))
      return false;
    const path = seen.split(/[?#]/)[0] ?? "";
    let decoded: string;
    try {
      decoded = decodeURIComponent(path);
    } catch {
      return false;
    }
    if (decoded === path) return true;
    seen = decoded;
  }
  return false;
}

/** Where to go after signing in; never somewhere else than here. */
export function returnPath(wanted: string | null): string {
  return wanted && wanted.length <= LONGEST && isOwnPath(wanted) ? wanted : "/";
}

export function loginHref(from: string): string {
  return from === "/" ? "/login" : `/login?redirect=${encodeURIComponent(from)}`;
}
