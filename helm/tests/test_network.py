"""NetworkPolicies let through what has to pass, and nothing else."""

from chart import VALUES, named, pods, render, rendered, selects
from versions import NEWEST

NAME = "demo-gatewayops"


def policies_of(objects, labels):
    specs = [made["spec"] for made in named(objects, "NetworkPolicy")]
    return [spec for spec in specs if selects(spec["podSelector"]["matchLabels"], labels)]


def rules_of(objects, labels, direction):
    return [rule for policy in policies_of(objects, labels) for rule in policy.get(direction, [])]


def labels_with(objects, label, value):
    return next(metadata["labels"] for _, metadata, _ in pods(objects) if metadata["labels"].get(label) == value)


def admits(rules, direction, peer, port):
    """Whether one of the rules is for pods with these labels, by name and not as part of everybody."""
    for rule in rules:
        peers = [of["podSelector"]["matchLabels"] for of in rule.get(direction, []) if "podSelector" in of]
        ports = [of["port"] for of in rule.get("ports", [])]
        if any(selects(selector, peer) for selector in peers) and (not ports or port in ports):
            return True
    return False


def test_every_pod_is_denied_everything_and_then_has_a_policy_of_its_own(objects):
    for pod, metadata, _ in pods(objects):
        policies = policies_of(objects, metadata["labels"])
        assert len(policies) == 2, pod
        assert all(policy["policyTypes"] == ["Ingress", "Egress"] for policy in policies)
        assert sum(not policy.get("ingress") and not policy.get("egress") for policy in policies) == 1, pod


def test_proxies_reach_the_control_plane_from_both_ends(objects):
    proxy = labels_with(objects, "app.kubernetes.io/component", "proxy")
    control_plane = labels_with(objects, "gatewayops.io/serves-api", "true")
    assert admits(rules_of(objects, proxy, "egress"), "to", control_plane, 9090)
    assert admits(rules_of(objects, control_plane, "ingress"), "from", proxy, 9090)


def test_only_the_control_plane_and_its_commands_reach_postgres():
    objects = rendered("trial", NEWEST).objects
    [ingress] = named(objects, "NetworkPolicy", f"{NAME}-postgres")["spec"]["ingress"]
    components = {peer["podSelector"]["matchLabels"]["app.kubernetes.io/component"] for peer in ingress["from"]}
    assert components == {"control-plane", "backup", "test"}


def test_only_clients_that_are_named_come_in():
    objects = rendered("ha", NEWEST).objects
    for component, port in (("proxy", 8080), ("control-plane-api", 8081)):
        ingress = named(objects, "NetworkPolicy", f"{NAME}-{component}")["spec"]["ingress"]
        [rule] = [rule for rule in ingress if rule["ports"] == [{"port": port}]]
        namespaces = [peer["namespaceSelector"] for peer in rule["from"] if "namespaceSelector" in peer]
        assert namespaces == [{"matchLabels": {"kubernetes.io/metadata.name": "ingress-nginx"}}]


def test_metrics_are_for_those_who_are_named(objects):
    for policy in named(objects, "NetworkPolicy"):
        for rule in policy["spec"].get("ingress", []):
            if rule["ports"] in ([{"port": 9080}], [{"port": 9081}]):
                assert rule["from"]


def test_nobody_reaches_the_metadata_service_of_a_cloud(objects):
    for policy in named(objects, "NetworkPolicy"):
        for rule in policy["spec"].get("egress", []):
            for peer in rule.get("to", []):
                if peer.get("ipBlock", {}).get("cidr") == "0.0.0.0/0":
                    assert "169.254.0.0/16" in peer["ipBlock"]["except"]


def test_the_ingest_calls_nobody_but_the_stores():
    objects = rendered("ha", NEWEST).objects
    egress = named(objects, "NetworkPolicy", f"{NAME}-control-plane-ingest")["spec"]["egress"]
    assert sorted(port["port"] for rule in egress for port in rule["ports"]) == [53, 53, 5432, 6379]


def test_without_policies_there_are_none():
    assert not named(render({**VALUES["external"], "networkPolicy": {"enabled": False}}).objects, "NetworkPolicy")
