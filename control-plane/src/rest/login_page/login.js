// The log-in page: which ways there are (GET /v1/auth/config), and why the last try failed (?error=).
"use strict";

const SENTENCES = {
  sso_state_invalid: "This sign-in was not begun in this browser, or it took longer than ten minutes. Begin again.",
  sso_code_replayed: "This sign-in was used already. Begin again.",
  sso_nonce_invalid: "The identity provider answered for another sign-in. Begin again.",
  sso_issuer_invalid: "The answer came from another identity provider than the one you chose. Tell your administrator.",
  sso_audience_invalid: "The identity provider's answer was meant for another application. Tell your administrator.",
  sso_token_expired: "The identity provider's answer was outdated. Begin again; if it happens again, a clock is wrong.",
  sso_token_invalid: "The identity provider's answer could not be verified. Tell your administrator.",
  sso_email_unverified: "Your identity provider has not verified your e-mail address. Verify it there, then try again.",
  sso_domain_not_allowed: "Your e-mail address is of a domain that is not allowed here. Use your organization's address.",
  sso_account_linked: "The account with your e-mail address belongs to another identity. Ask your administrator.",
  sso_user_unknown: "You have no account here yet. Ask your administrator for an invite.",
  sso_groups_unknown: "The identity provider did not say which groups you are in, so that your roles cannot be checked. Tell your administrator.",
  sso_access_denied: "The identity provider did not sign you in, or you cancelled. Try again.",
  sso_provider_error: "The identity provider could not complete the sign-in. Try again; if it fails again, tell your administrator.",
  sso_provider_unreachable: "The identity provider does not answer. Try again in a while.",
  user_suspended: "Your account is suspended. Ask your administrator.",
  sso_required: "Your organization logs in by its identity provider. Choose it here.",
  invalid_credentials: "The e-mail address or the password is wrong.",
  rate_limited: "Too many failed attempts. Wait a few minutes.",
  ip_not_allowed: "Logging in is not allowed from this network.",
  not_found: "This identity provider is not in use here any more. Choose another way.",
  unavailable: "Something we depend on does not answer. Try again in a while.",
};
const UNKNOWN = "Logging in failed. Try again; if it fails again, tell your administrator.";

const parameters = new URLSearchParams(location.search);
const find = (id) => document.getElementById(id);

// As the control plane judges it (oidc/redirect.rs): only a path of this very site.
function ownPath(text) {
  let seen = text;
  for (let layer = 0; layer < 4; layer += 1) {
    if (!seen.startsWith("/") || seen.startsWith("//") || /[\\\u0000-\u001f\u007f-\u009f]/.test(seen)) return false;
    const path = seen.split(/[?#]/)[0];
    let decoded;
    try {
      decoded = decodeURIComponent(path);
    } catch {
      return false;
    }
    if (decoded === path) return new URL(text, location.origin).origin === location.origin;
    seen = decoded;
  }
  return false;
}

function destination() {
  const wanted = parameters.get("redirect") || "/";
  return wanted.length <= 2000 && ownPath(wanted) ? wanted : "/";
}

function show(code, requestId) {
  const problem = find("problem");
  const sentence = document.createElement("p");
  sentence.textContent = Object.hasOwn(SENTENCES, code) ? SENTENCES[code] : UNKNOWN;
  problem.replaceChildren(sentence);
  problem.dataset.code = code;
  if (requestId) {
    const reference = document.createElement("p");
    const id = document.createElement("code");
    id.textContent = requestId;
    reference.append("Reference: ", id);
    problem.append(reference);
  }
  problem.focus();
}

function listProviders(providers) {
  const list = find("providers");
  for (const provider of providers) {
    const link = document.createElement("a");
    link.textContent = `Continue with ${provider.name}`;
    // At PUBLIC_URL, whatever name this page was reached by: the provider sends people back there, to their cookie.
    link.href = `${provider.authorize_url}?redirect=${encodeURIComponent(destination())}`;
    const item = document.createElement("li");
    item.append(link);
    list.append(item);
  }
  list.hidden = providers.length === 0;
}

async function logIn(event) {
  event.preventDefault();
  const form = event.target;
  const button = form.querySelector("button");
  const body = { email: form.email.value, password: form.password.value };
  if (parameters.get("organization")) body.organization = parameters.get("organization");
  button.disabled = true;
  find("status").textContent = "Logging in …";
  try {
    const answer = await fetch("/v1/auth/login", {
      method: "POST",
      headers: { "content-type": "application/json", accept: "application/json" },
      body: JSON.stringify(body),
    });
    if (answer.ok) return location.replace(destination());
    const { error } = await answer.json();
    // Accounts in several organizations: which one is meant must be said.
    if (error.code === "validation_error" && error.details.fields?.some((field) => field.field === "organization")) {
      find("organization-form").hidden = false;
      find("organization").focus();
      find("status").textContent = "You have several accounts. Name your organization.";
      return;
    }
    find("status").textContent = "";
    show(error.code, error.request_id);
  } catch {
    find("status").textContent = "";
    show("unavailable", "");
  } finally {
    button.disabled = false;
  }
}

function nameOrganization(event) {
  event.preventDefault();
  parameters.set("organization", event.target.organization.value.trim());
  for (const passed of ["error", "request_id"]) parameters.delete(passed);
  location.search = parameters.toString();
}

async function start() {
  find("password-form").addEventListener("submit", logIn);
  find("organization-form").addEventListener("submit", nameOrganization);
  const organization = parameters.get("organization");
  const query = organization ? `?organization=${encodeURIComponent(organization)}` : "";
  try {
    const answer = await fetch(`/v1/auth/config${query}`, { headers: { accept: "application/json" } });
    if (!answer.ok) throw new Error(String(answer.status));
    const config = await answer.json();
    listProviders(config.providers);
    find("password-form").hidden = !config.local_login;
    find("organization-form").hidden = config.providers.length > 0;
    find("organization").value = organization ?? "";
  } catch {
    find("password-form").hidden = false;
    find("status").textContent = "Which ways there are to log in could not be found out. Reload the page.";
  }
  if (parameters.has("error")) show(parameters.get("error"), parameters.get("request_id") ?? "");
}

start();
