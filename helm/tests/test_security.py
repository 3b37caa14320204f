"""Every pod meets the `restricted` pod security standard, and a little more (kubernetes.io: Pod Security Standards)."""

import base64

import pytest

from chart import VALUES, environment, is_ours, named, pods, render

VOLUMES = {"configMap", "csi", "downwardAPI", "emptyDir", "ephemeral", "persistentVolumeClaim", "projected", "secret"}
SECCOMP = {"RuntimeDefault", "Localhost"}


def faults_of_pod(spec):
    """What the standard forbids, in its own order."""
    security = spec.get("securityContext", {})
    for shared in ("hostNetwork", "hostPID", "hostIPC", "hostUsers"):
        if spec.get(shared):
            yield shared
    for volume in spec.get("volumes", []):
        if not set(volume) - {"name"} <= VOLUMES:
            yield f"volume {volume['name']}"
    if security.get("sysctls") or security.get("seLinuxOptions") or security.get("windowsOptions"):
        yield "sysctls, seLinuxOptions or windowsOptions"
    for container in [*spec.get("initContainers", []), *spec["containers"]]:
        yield from faults_of_container(security, container)


def faults_of_container(pod, container):
    own = container.get("securityContext", {})
    seccomp = own.get("seccompProfile") or pod.get("seccompProfile") or {}
    capabilities = own.get("capabilities", {})
    checks = {
        "privileged": not own.get("privileged"),
        "capabilities": capabilities.get("drop") == ["ALL"] and set(capabilities.get("add", [])) <= {"NET_BIND_SERVICE"},
        "hostPort": not any("hostPort" in port for port in container.get("ports", [])),
        "procMount": own.get("procMount", "Default") == "Default",
        "allowPrivilegeEscalation": own.get("allowPrivilegeEscalation") is False,
        "runAsNonRoot": own.get("runAsNonRoot", pod.get("runAsNonRoot")) is True,
        "runAsUser": own.get("runAsUser", pod.get("runAsUser")) != 0,
        "seccompProfile": seccomp.get("type") in SECCOMP,
    }
    return [f"{container['name']}: {name}" for name, holds in checks.items() if not holds]


def test_every_pod_meets_the_restricted_standard(objects):
    faults = {pod: found for pod, _, spec in pods(objects) if (found := list(faults_of_pod(spec)))}
    assert not faults


@pytest.mark.parametrize("wrong", [
    {"hostNetwork": True},
    {"volumes": [{"name": "root", "hostPath": {"path": "/"}}]},
    {"securityContext": {}},
    {"containers": [{"name": "a", "securityContext": {"privileged": True}}]},
    {"containers": [{"name": "a", "securityContext": {"capabilities": {"drop": ["ALL"], "add": ["SYS_ADMIN"]}}}]},
])
def test_what_the_standard_forbids_would_be_found(objects, wrong):
    pod = next(spec for _, _, spec in pods(objects))
    assert list(faults_of_pod({**pod, **wrong}))


def test_no_container_writes_where_it_came_from(objects):
    for pod, _, spec in pods(objects):
        for container in spec["containers"]:
            assert container["securityContext"]["readOnlyRootFilesystem"] is True, pod


def test_no_pod_has_a_token_of_the_cluster(objects):
    assert all(spec["automountServiceAccountToken"] is False for _, _, spec in pods(objects))
    assert all(account["automountServiceAccountToken"] is False for account in named(objects, "ServiceAccount"))
    assert not [made for made in objects if "Role" in made["kind"]]


def test_no_pod_is_told_of_services_by_variables(objects):
    """GATEWAYOPS_PROXY_SERVICE_HOST is no setting, so both planes would refuse to start."""
    assert all(spec["enableServiceLinks"] is False for _, _, spec in pods(objects))


def test_every_container_says_what_it_needs(objects):
    for pod, _, spec in pods(objects):
        for container in spec["containers"]:
            assert {"cpu", "memory"} <= set(container["resources"]["requests"]), pod
            assert "memory" in container["resources"]["limits"], pod


def test_no_secret_is_in_a_variable(objects):
    secrets = ["hush", *(text for made in named(objects, "Secret") for text in decoded(made))]
    for pod, _, spec in pods(objects):
        for container in filter(is_ours, spec["containers"]):
            for name, value in environment(container).items():
                assert not any(secret in (value or "") for secret in secrets), f"{pod}: {name}"


def decoded(secret):
    return [base64.b64decode(value).decode() for value in secret["data"].values()]


def test_the_numbers_of_users_may_be_left_to_the_cluster():
    """As on OpenShift, which gives each namespace its own."""
    openshift = {"podSecurityContext": {"runAsUser": None, "runAsGroup": None, "fsGroup": None}}
    for _, _, spec in pods(render({**VALUES["external"], **openshift}).objects):
        assert spec["securityContext"]["runAsNonRoot"] and "runAsUser" not in spec["securityContext"]
