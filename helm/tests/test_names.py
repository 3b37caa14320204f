"""What refers to something refers to something that is there."""

import re

import yaml

from chart import CHART, NAMESPACE, REPOSITORY, VALUES, environment, named, pods, rendered, run, selects
from cluster import Cluster
from versions import NEWEST


def test_the_version_is_the_workspaces():
    workspace = re.search(r'\[workspace\.package\]\nversion = "(.+)"', (REPOSITORY / "Cargo.toml").read_text()).group(1)
    assert yaml.safe_load((CHART / "Chart.yaml").read_text())["appVersion"] == workspace


def test_services_lead_to_ports_of_pods(objects):
    for service in named(objects, "Service"):
        selector = service["spec"]["selector"]
        led_to = [spec for _, metadata, spec in pods(objects) if selects(selector, metadata["labels"])]
        assert led_to, service["metadata"]["name"]
        for spec in led_to:
            ports = {port["name"] for container in spec["containers"] for port in container.get("ports", [])}
            assert {port["targetPort"] for port in service["spec"]["ports"]} <= ports


def test_workloads_select_their_own_pods_and_no_others(objects):
    workloads = [*named(objects, "Deployment"), *named(objects, "StatefulSet")]
    for workload in workloads:
        selector = workload["spec"]["selector"]["matchLabels"]
        selected = [name for name, metadata, _ in pods(objects) if selects(selector, metadata["labels"])]
        assert selected == [f"{workload['kind']}/{workload['metadata']['name']}"]


def test_budgets_and_autoscalers_are_of_workloads(objects):
    for budget in named(objects, "PodDisruptionBudget"):
        selector = budget["spec"]["selector"]["matchLabels"]
        assert sum(selects(selector, metadata["labels"]) for _, metadata, _ in pods(objects)) == 1
    for scaler in named(objects, "HorizontalPodAutoscaler"):
        target = scaler["spec"]["scaleTargetRef"]
        assert "replicas" not in named(objects, target["kind"], target["name"])["spec"]


def test_routes_lead_to_services(objects):
    ports = {made["metadata"]["name"]: made["spec"]["ports"] for made in named(objects, "Service")}
    for ingress in named(objects, "Ingress"):
        for path in ingress["spec"]["rules"][0]["http"]["paths"]:
            service = path["backend"]["service"]
            assert service["port"]["name"] in {port["name"] for port in ports[service["name"]]}
    for route in named(objects, "HTTPRoute"):
        for backend in route["spec"]["rules"][0]["backendRefs"]:
            assert backend["port"] in {port["port"] for port in ports[backend["name"]]}


def test_volumes_are_of_objects_that_are_there_or_that_somebody_named(values_name, objects):
    given = str(VALUES[values_name])
    made = {(made["kind"], made["metadata"]["name"]): set(made.get("data", {})) for made in objects}
    certificates = [certificate["spec"]["secretName"] for certificate in named(objects, "Certificate")]
    made |= {("Secret", name): {"tls.crt", "tls.key", "ca.crt"} for name in certificates}
    for pod, _, spec in pods(objects):
        for kind, name, keys in [source for volume in spec.get("volumes", []) for source in sources(volume)]:
            if (kind, name) in made:
                assert keys <= made[kind, name], f"{pod}: {name}"
            else:
                assert name in given, f"{pod}: {kind} {name}"


def sources(volume):
    for projected in volume.get("projected", {}).get("sources", []):
        yield from sources(projected)
    if secret := volume.get("secret"):
        name = secret.get("name") or secret["secretName"]
        yield "Secret", name, {item["key"] for item in secret.get("items", [])}
    if config := volume.get("configMap"):
        yield "ConfigMap", config["name"], set()


def test_what_is_mounted_is_a_volume_and_the_other_way_round(objects):
    claims = {f"StatefulSet/{made['metadata']['name']}": {"data"} for made in named(objects, "StatefulSet")}
    for pod, _, spec in pods(objects):
        volumes = {volume["name"] for volume in spec.get("volumes", [])} | claims.get(pod, set())
        mounts = {mount["name"] for container in spec["containers"] for mount in container.get("volumeMounts", [])}
        assert mounts == volumes, pod


def test_files_that_variables_name_are_mounted(objects):
    for pod, _, spec in pods(objects):
        for container in spec["containers"]:
            mounted = [mount["mountPath"] for mount in container.get("volumeMounts", [])]
            for name, value in environment(container).items():
                if value and value.startswith("/"):
                    assert any(value.startswith(path + "/") for path in mounted), f"{pod}: {name}"


def test_proxies_call_the_control_plane_by_a_name_its_certificate_has():
    objects = rendered("mtls", NEWEST).objects
    proxy = named(objects, "Deployment", "demo-gatewayops-proxy")["spec"]["template"]["spec"]["containers"][0]
    host = re.fullmatch(r"https://(.+):9090", environment(proxy)["CONTROL_PLANE_GRPC_URL"]).group(1)
    assert host in named(objects, "Certificate", "demo-gatewayops-grpc-server")["spec"]["dnsNames"]
    assert host == f"demo-gatewayops-control-plane-grpc.{NAMESPACE}.svc"
    named(objects, "Service", "demo-gatewayops-control-plane-grpc")


def test_one_hostname_sends_mcp_to_the_proxy_and_the_rest_to_the_control_plane():
    objects = rendered("everything", NEWEST).objects
    rules = {made["metadata"]["name"]: made["spec"]["rules"][0] for made in named(objects, "Ingress")}
    assert {rule["host"] for rule in rules.values()} == {"gateway.example.com"}
    paths = {name: [path["path"] for path in rule["http"]["paths"]] for name, rule in rules.items()}
    assert paths["demo-gatewayops-control-plane"] == ["/"]
    assert {"/mcp", "/v1/mcp", "/.well-known/oauth-protected-resource"} <= set(paths["demo-gatewayops-proxy"])
    routes = {made["metadata"]["name"]: made["spec"]["rules"][0]["matches"] for made in named(objects, "HTTPRoute")}
    assert [match["path"]["value"] for match in routes["demo-gatewayops-proxy"]] == paths["demo-gatewayops-proxy"]


def test_a_hostname_for_each_gets_all_of_it():
    objects = rendered("ha", NEWEST).objects
    rules = [made["spec"]["rules"][0] for made in named(objects, "Ingress")]
    paths = {rule["host"]: [path["path"] for path in rule["http"]["paths"]] for rule in rules}
    assert paths == {"gateway.example.com": ["/"], "mcp.example.com": ["/"]}


def test_long_names_of_releases_fit():
    with Cluster(NEWEST) as cluster:
        made = run(cluster, "Install", "a" * 53, str(CHART), values=VALUES["ha"], wait=False, timeout=20)
    names = [document["metadata"]["name"] for document in yaml.safe_load_all(made["manifest"]) if document]
    assert all(len(name) <= 63 for name in names) and len({name[:40] for name in names}) == 1
