"""A Kubernetes API on loopback that Helm can install into: it knows kinds, keeps what it is given, and has no machines.

So Helm's own library renders what it would install, `lookup` included, which no template engine of ours could promise.
"""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import yaml

# (group and version, kind, plural), namespaced all of them.
KINDS = [
    ("v1", "ConfigMap", "configmaps"),
    ("v1", "Pod", "pods"),
    ("v1", "Secret", "secrets"),
    ("v1", "Service", "services"),
    ("v1", "ServiceAccount", "serviceaccounts"),
    ("apps/v1", "Deployment", "deployments"),
    ("apps/v1", "StatefulSet", "statefulsets"),
    ("autoscaling/v2", "HorizontalPodAutoscaler", "horizontalpodautoscalers"),
    ("batch/v1", "CronJob", "cronjobs"),
    ("batch/v1", "Job", "jobs"),
    ("cert-manager.io/v1", "Certificate", "certificates"),
    ("cert-manager.io/v1", "Issuer", "issuers"),
    ("gateway.networking.k8s.io/v1", "HTTPRoute", "httproutes"),
    ("monitoring.coreos.com/v1", "PrometheusRule", "prometheusrules"),
    ("monitoring.coreos.com/v1", "ServiceMonitor", "servicemonitors"),
    ("networking.k8s.io/v1", "Ingress", "ingresses"),
    ("networking.k8s.io/v1", "NetworkPolicy", "networkpolicies"),
    ("policy/v1", "PodDisruptionBudget", "poddisruptionbudgets"),
]
PLURALS = {(version, plural): kind for version, kind, plural in KINDS}


class Cluster:
    """Runs while it is used as a context; `version` such as "1.28"."""

    def __init__(self, version):
        self.version = version
        self.objects = {}
        self.closed = threading.Event()
        handler = type("Handler", (Handler,), {"cluster": self})
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), handler)

    def __enter__(self):
        # Each lives for a moment, so the end of one must not take half a second.
        threading.Thread(target=self.server.serve_forever, args=[0.01], daemon=True).start()
        return self

    def __exit__(self, *_):
        self.closed.set()
        self.server.shutdown()
        self.server.server_close()

    @property
    def kubeconfig(self):
        server = {"server": f"http://127.0.0.1:{self.server.server_port}"}
        return yaml.safe_dump({
            "apiVersion": "v1",
            "kind": "Config",
            "clusters": [{"name": "fake", "cluster": server}],
            "users": [{"name": "nobody", "user": {}}],
            "contexts": [{"name": "fake", "context": {"cluster": "fake", "user": "nobody"}}],
            "current-context": "fake",
        })

    def get(self, plural, name):
        return next((found for path, found in self.objects.items() if path.endswith(f"/{plural}/{name}")), None)

    def discover(self, path):
        """What client libraries ask first: which kinds there are."""
        groups = sorted({version for version, _, _ in KINDS if "/" in version})
        if path == "/version":
            major, minor = self.version.split(".")
            return {"major": major, "minor": minor, "gitVersion": f"v{self.version}.0"}
        if path == "/api":
            return {"kind": "APIVersions", "versions": ["v1"]}
        if path == "/apis":
            return {"kind": "APIGroupList", "apiVersion": "v1", "groups": [group(version) for version in groups]}
        if path == "/openapi/v3":
            roots = [root(version) for version in ["v1", *groups]]
            return {"paths": {of: {"serverRelativeURL": f"/openapi/v3/{of}"} for of in roots}}
        if path.startswith("/openapi/v3/"):
            return openapi(path.removeprefix("/openapi/v3/"))
        version = path.removeprefix("/apis/") if path.startswith("/apis/") else path.removeprefix("/api/")
        resources = [resource(kind, plural) for of, kind, plural in KINDS if of == version]
        found = {"kind": "APIResourceList", "apiVersion": "v1", "groupVersion": version, "resources": resources}
        return found if resources else None


def group(version):
    named = {"groupVersion": version, "version": version.split("/")[1]}
    return {"name": version.split("/")[0], "versions": [named], "preferredVersion": named}


def resource(kind, plural):
    verbs = ["create", "delete", "get", "list", "patch", "update", "watch"]
    return {"name": plural, "singularName": kind.lower(), "namespaced": True, "kind": kind, "verbs": verbs}


def root(version):
    return f"apis/{version}" if "/" in version else f"api/{version}"


def openapi(of):
    """That fields of every kind are checked by the server (which this one leaves to the tests)."""
    parameters = [{"name": "fieldValidation", "in": "query", "schema": {"type": "string"}}]
    paths = {}
    for version, kind, plural in KINDS:
        if root(version) == of:
            group, _, number = version.rpartition("/")
            named = {"group": group, "version": number, "kind": kind}
            patch = {"parameters": parameters, "responses": {}, "x-kubernetes-group-version-kind": named}
            paths[f"/{of}/namespaces/{{namespace}}/{plural}/{{name}}"] = {"patch": patch}
    return {"openapi": "3.0.0", "info": {"title": "none", "version": "0"}, "paths": paths}


def is_over(made):
    """Hooks are waited for, and there is nobody to run them."""
    if made.get("kind") == "Job":
        now = "2026-01-01T00:00:00Z"
        kinds = ("SuccessCriteriaMet", "Complete")
        done = [{"type": kind, "status": "True", "lastTransitionTime": now} for kind in kinds]
        made["status"] = {"startTime": now, "completionTime": now, "succeeded": 1, "conditions": done}
    return made


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = -1  # An answer in one piece: in two, each would wait 40 ms for an acknowledgement.
    cluster = None

    def log_message(self, *_):
        pass

    def do_GET(self):
        path, _, query = self.path.partition("?")
        found = self.cluster.objects.get(path) or self.cluster.discover(path)
        if found:
            return self.answer(found)
        version, _, plural = path.rpartition("/")
        version = version.split("/namespaces/")[0].removeprefix("/apis/").removeprefix("/api/")
        kind = PLURALS.get((version, plural))
        if not kind:
            return self.fail()
        items = [made for at, made in self.cluster.objects.items() if at.startswith(path + "/")]
        if "watch=" in query:
            return self.watch(version, kind, items)
        listed = {"kind": f"{kind}List", "apiVersion": version, "metadata": {"resourceVersion": "1"}, "items": items}
        return self.answer(listed)

    def do_POST(self):
        made = is_over(self.body())
        made.setdefault("metadata", {}).update(uid="1", resourceVersion="1", generation=1)
        self.cluster.objects[self.path.partition("?")[0] + "/" + made["metadata"]["name"]] = made
        self.answer(made, 201)

    def do_PUT(self):
        path = self.path.partition("?")[0]
        self.cluster.objects[path] = {**self.cluster.objects.get(path, {}), **self.body()}
        self.answer(self.cluster.objects[path])

    do_PATCH = do_PUT

    def do_DELETE(self):
        self.body()
        gone = self.cluster.objects.pop(self.path.partition("?")[0], None)
        return self.answer(gone) if gone else self.fail()

    def watch(self, version, kind, items):
        """What is there, the mark that this was all, and then nothing until the end."""
        end = {"resourceVersion": "1", "annotations": {"k8s.io/initial-events-end": "true"}}
        mark = {"kind": kind, "apiVersion": version, "metadata": end}
        events = [*({"type": "ADDED", "object": item} for item in items), {"type": "BOOKMARK", "object": mark}]
        self.send_response(200)
        self.send_header("content-type", "application/json")
        self.send_header("connection", "close")
        self.end_headers()
        self.wfile.write(b"".join(json.dumps(event).encode() + b"\n" for event in events))
        self.wfile.flush()
        self.cluster.closed.wait()

    def body(self):
        return json.loads(self.rfile.read(int(self.headers.get("content-length", 0))) or b"{}")

    def fail(self):
        status = {"kind": "Status", "apiVersion": "v1", "status": "Failure", "reason": "NotFound", "code": 404}
        self.answer({**status, "message": "not found"}, 404)

    def answer(self, content, status=200):
        body = json.dumps(content).encode()
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
