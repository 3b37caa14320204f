// The page behind the link of an approval: GET /v1/auth/me tells who looks, GET /v1/approvals/{id} what is asked for.
// Without ?id= it lists what waits. All that callers wrote is set as text.
"use strict";

const SENTENCES = {
  self_review: "You asked for this call, or own or made the key that asks. Somebody else must decide.",
  permission_denied: "You may see this request, but not decide about it. Ask somebody who reviews for this team.",
  invalid_state: "It was decided in the meantime. This is how it stands now.",
  not_found: "There is no such request here, or you may not see it.",
  csrf_failed: "Your log-in was renewed in another window. Reload this page and decide again.",
  rate_limited: "Too many requests. Wait a minute, then try again.",
  unavailable: "Something we depend on does not answer. Nothing was decided; try again in a while.",
};
const UNKNOWN = "That failed, and nothing was decided. Try again; if it fails again, tell your administrator.";

const STATES = {
  pending: "It waits for a decision.",
  approved: "It is approved.",
  denied: "It is denied.",
  expired: "It expired without a decision that could still be used.",
  cancelled: "Whoever asked took it back.",
  consumed: "It was approved, and the approval is used up.",
};
const REVIEWING = ["*", "approvals:*", "approvals:review"];

const find = (id) => document.getElementById(id);
const approvalId = new URLSearchParams(location.search).get("id");
let me;

class Refusal extends Error {
  constructor(code, requestId) {
    super(code);
    this.requestId = requestId;
  }
}

async function request(method, path, body) {
  const headers = { accept: "application/json" };
  if (body) Object.assign(headers, { "content-type": "application/json", "x-csrf-token": me.csrf_token ?? "" });
  let answer;
  try {
    answer = await fetch(path, { method, headers, body: body && JSON.stringify(body) });
  } catch {
    throw new Refusal("unavailable", "");
  }
  if (answer.status === 401) {
    location.replace(`/login?redirect=${encodeURIComponent(location.pathname + location.search)}`);
    return new Promise(() => {});
  }
  const content = await answer.json().catch(() => ({}));
  if (!answer.ok) throw new Refusal(content.error?.code ?? "", content.error?.request_id ?? "");
  return content;
}

function showProblem(refusal) {
  const problem = find("problem");
  const sentence = document.createElement("p");
  sentence.textContent = Object.hasOwn(SENTENCES, refusal.message) ? SENTENCES[refusal.message] : UNKNOWN;
  problem.replaceChildren(sentence);
  problem.dataset.code = refusal.message;
  if (refusal.requestId) {
    const reference = document.createElement("p");
    const id = document.createElement("code");
    id.textContent = refusal.requestId;
    reference.append("Reference: ", id);
    problem.append(reference);
  }
  problem.focus();
}

const moment = (text) => new Date(text).toLocaleString(undefined, { dateStyle: "medium", timeStyle: "medium" });

function whoAsks(approval) {
  const key = approval.api_key_name ? `key ${approval.api_key_name}` : "";
  if (!approval.requester) return key || "somebody who is not here any more";
  return key ? `${approval.requester} (${key})` : approval.requester;
}

function showFacts(approval) {
  const facts = [
    ["Server", approval.mcp_server],
    ["Tool", approval.tool_name],
    ["Asked by", whoAsks(approval)],
    ["Asked at", moment(approval.created_at)],
    ["Waits until", approval.status === "pending" ? moment(approval.expires_at) : null],
    ["Reason given", approval.reason],
    ["Decided by", approval.reviewer],
    ["Decided at", approval.reviewed_at && moment(approval.reviewed_at)],
    ["Note", approval.review_note],
    ["Usable until", approval.valid_until && moment(approval.valid_until)],
    ["Calls used", approval.valid_until && `${approval.use_count} of ${approval.max_uses}`],
  ];
  const list = find("facts");
  list.replaceChildren();
  for (const [name, value] of facts.filter(([, value]) => value)) {
    const term = document.createElement("dt");
    const description = document.createElement("dd");
    term.textContent = name;
    description.textContent = value;
    list.append(term, description);
  }
}

function show(approval) {
  const isPending = approval.status === "pending" && new Date(approval.expires_at) > new Date();
  const mayReview = me.permissions.some((permission) => REVIEWING.includes(permission));
  const isOwn = me.user && approval.requested_by === me.user.id;
  find("title").textContent = `${approval.tool_name} on ${approval.mcp_server}`;
  document.title = `${approval.tool_name} on ${approval.mcp_server} · GatewayOps`;
  let sentence = STATES[isPending || approval.status !== "pending" ? approval.status : "expired"] ?? approval.status;
  if (approval.expiry_reason === "definition_changed") sentence = "The tool was changed meanwhile, which voids the request.";
  if (isPending && !mayReview) sentence += " You may not decide about it.";
  find("status").textContent = sentence;
  showFacts(approval);
  find("arguments").textContent = JSON.stringify(approval.arguments, null, 2);
  find("approval").hidden = false;
  find("decision").hidden = !(isPending && mayReview);
  find("cancellation").hidden = !(isPending && isOwn);
}

async function act(form, verb, body) {
  const buttons = form.querySelectorAll("button");
  for (const button of buttons) button.disabled = true;
  find("problem").replaceChildren();
  try {
    show(await request("POST", `/v1/approvals/${encodeURIComponent(approvalId)}/${verb}`, body));
    find("title").setAttribute("tabindex", "-1");
    find("title").focus();
  } catch (refusal) {
    showProblem(refusal);
    if (refusal.message === "invalid_state") await read().then(show, showProblem);
  } finally {
    for (const button of buttons) button.disabled = false;
  }
}

function decide(event) {
  event.preventDefault();
  const form = event.target;
  const verb = event.submitter?.value ?? "approve";
  const body = { note: form.note.value.trim() };
  if (verb === "approve") {
    body.max_uses = form.uses.valueAsNumber;
    if (form.minutes.value) body.valid_seconds = form.minutes.valueAsNumber * 60;
  }
  return act(form, verb, body);
}

function cancel(event) {
  event.preventDefault();
  return act(event.target, "cancel", {});
}

const read = () => request("GET", `/v1/approvals/${encodeURIComponent(approvalId)}`);

async function listWaiting() {
  const { approvals, has_more: hasMore } = await request("GET", "/v1/approvals?status=pending&limit=200");
  const list = find("waiting");
  for (const approval of approvals) {
    const item = document.createElement("li");
    const link = document.createElement("a");
    const detail = document.createElement("span");
    link.href = `/approvals?id=${encodeURIComponent(approval.id)}`;
    link.textContent = `${approval.tool_name} on ${approval.mcp_server}`;
    detail.textContent = `${whoAsks(approval)}, ${moment(approval.created_at)}`;
    item.append(link, detail);
    list.append(item);
  }
  list.hidden = approvals.length === 0;
  const count = hasMore ? `The newest ${approvals.length} that wait:` : "";
  find("status").textContent = approvals.length === 0 ? "Nothing waits for a decision." : count;
}

async function start() {
  find("decision").addEventListener("submit", decide);
  find("cancellation").addEventListener("submit", cancel);
  try {
    me = await request("GET", "/v1/auth/me");
    find("caller").textContent = `${me.organization.name} · ${me.user?.email ?? ""}`;
    find("all").hidden = !approvalId;
    if (approvalId) show(await read());
    else await listWaiting();
  } catch (refusal) {
    find("status").textContent = "";
    showProblem(refusal);
  }
}

start();
