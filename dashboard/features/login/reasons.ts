/** Why somebody could not sign in, by the codes of the API and of `/login?error=`. */
const REASONS: Record<string, string> = {
  sso_state_invalid:
    "This sign-in was not begun in this browser, or it took longer than ten minutes. Begin again.",
  sso_code_replayed: "This sign-in was used already. Begin again.",
  sso_nonce_invalid: "The identity provider answered for another sign-in. Begin again.",
  sso_issuer_invalid:
    "The answer came from another identity provider than the one you chose. Tell your administrator.",
  sso_audience_invalid:
    "The identity provider's answer was meant for another application. Tell your administrator.",
  sso_token_expired:
    "The identity provider's answer was outdated. Begin again; if it happens again, a clock is wrong.",
  sso_token_invalid: "The identity provider's answer could not be verified. Tell your administrator.",
  sso_email_unverified:
    "Your identity provider has not verified your e-mail address. Verify it there, then try again.",
  sso_domain_not_allowed:
    "Your e-mail address is of a domain that is not allowed here. Use your organization's address.",
  sso_account_linked:
    "The account with your e-mail address belongs to another identity. Ask your administrator.",
  sso_user_unknown: "You have no account here yet. Ask your administrator for an invite.",
  sso_groups_unknown:
    "The identity provider did not say which groups you are in, so your roles cannot be checked. Tell your administrator.",
  sso_access_denied: "The identity provider did not sign you in, or you cancelled. Try again.",
  sso_provider_error:
    "The identity provider could not complete the sign-in. Try again; if it fails again, tell your administrator.",
  sso_provider_unreachable: "The identity provider does not answer. Try again in a while.",
  user_suspended: "Your account is suspended. Ask your administrator.",
  sso_required: "Your organization signs in by its identity provider. Choose it here.",
  invalid_credentials: "The e-mail address or the password is wrong.",
  rate_limited: "Too many failed attempts. Wait a few minutes.",
  ip_not_allowed: "Signing in is not allowed from this network.",
  not_found: "This identity provider is not in use here any more. Choose another way.",
  unavailable: "Something we depend on does not answer. Try again in a while.",
  no_answer: "The control plane does not answer. Try again in a while.",
};

export const UNKNOWN_REASON = "Signing in failed. Try again; if it fails again, tell your administrator.";

export function reasonOf(code: string): string {
  return Object.hasOwn(REASONS, code) ? (REASONS[code] ?? UNKNOWN_REASON) : UNKNOWN_REASON;
}
