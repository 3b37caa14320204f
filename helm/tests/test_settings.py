"""Both planes are told what they read, by the names of the README, and what is secret as files."""

import json
import re

from chart import CHART, REPOSITORY, VALUES, environment, is_ours, named, pods, render, rendered
from versions import NEWEST

SETTINGS = (REPOSITORY / "README.md").read_text().split("\n## Settings\n")[1].split("\n## ")[0]
PROXY = [REPOSITORY / "proxy/src/config.rs"]
CONTROL_PLANE = sorted((REPOSITORY / "control-plane/src").glob("config.rs"))
CONTROL_PLANE += sorted((REPOSITORY / "control-plane/src/config").glob("*.rs"))
TELEMETRY = sorted((REPOSITORY / "telemetry/src").glob("*.rs"))
BY_NAME = ("settings", "proxySettings", "controlPlaneSettings")
SCHEMA = json.loads((CHART / "values.schema.json").read_text())["definitions"]
SERVERS = re.compile(r"MCP_SERVER_[A-Z0-9_]+_(URL|TOKEN)")


def documented():
    """`CONTROL_GRPC_TLS_CERT`, `_KEY`, `_CLIENT_CA` are three: what is cut off takes the place of the last word."""
    names, whole = set(), ""
    for name in re.findall(r"`([A-Z_][A-Z0-9_]+)`", SETTINGS):
        if name.startswith("_"):
            names.add(whole.rpartition("_")[0] + name)
        else:
            whole = name
            names.add(whole)
    return names


def names_of(definition):
    return SCHEMA[definition]["propertyNames"]["enum"]


def variables(objects):
    """(pod, container, name without _FILE, whether it is a file) of our own containers."""
    for pod, _, spec in pods(objects):
        for container in filter(is_ours, spec["containers"]):
            for name in environment(container):
                yield pod, container, name.removesuffix("_FILE"), name.endswith("_FILE")


def test_every_variable_is_a_setting_of_the_readme(objects):
    known = documented()
    unknown = {name for _, _, name, _ in variables(objects) if name not in known and not SERVERS.fullmatch(name)}
    assert not unknown


def test_no_variable_is_there_twice(objects):
    for pod, _, spec in pods(objects):
        for container in spec["containers"]:
            names = [variable["name"] for variable in container.get("env", [])]
            assert len(names) == len(set(names)), pod


def test_what_comes_as_a_file_is_read_from_files(objects):
    sources = "".join(path.read_text() for path in PROXY + CONTROL_PLANE + TELEMETRY)
    secrets = set(re.findall(r'(?:secret|webhook)\(\s*(?:[\w&]+,\s*)?"([A-Z_]+)"', sources))
    secrets |= set(re.findall(r'const NAME: &str = "([A-Z_]+)";\n.*settings\.secret\(NAME\)', sources))
    secrets |= set(re.findall(r'"([A-Z_]+)"', re.search(r"const SECRETS.*?;\n", sources, re.DOTALL).group()))
    for pod, _, name, is_file in variables(objects):
        if is_file and not SERVERS.fullmatch(name):
            assert name in secrets, f"{pod}: {name}"


def test_every_setting_of_the_readme_has_a_value():
    by_name = {name for key in BY_NAME for name in names_of(key)}
    by_the_chart = {name for values in VALUES for _, _, name, _ in variables(rendered(values, NEWEST).objects)}
    without_effect = {"API_KEY_BCRYPT_COST"}
    assert documented() - by_name - by_the_chart - without_effect == set()


def test_settings_by_name_are_settings_of_that_plane():
    for key, sources in (("proxySettings", PROXY), ("controlPlaneSettings", CONTROL_PLANE)):
        text = "".join(path.read_text() for path in TELEMETRY + sources)
        assert [name for name in names_of(key) if f'"{name}"' not in text] == []


def test_the_proxy_is_given_no_secret_of_the_control_plane(objects):
    secrets = {name for _, container, name, is_file in variables(objects) if container["name"] == "proxy" and is_file}
    assert secrets - {"OTEL_EXPORTER_OTLP_HEADERS"} == {"REDIS_URL", "PROXY_TOKEN"}


def test_numbers_are_written_as_they_were_given():
    objects = rendered("everything", NEWEST).objects
    proxy = environment(named(objects, "Deployment", "demo-gatewayops-proxy")["spec"]["template"]["spec"]["containers"][0])
    assert proxy["PROXY_MAX_REQUEST_BYTES"] == "104857600"
    assert (proxy["OTEL_TRACES_SAMPLER_ARG"], proxy["METRICS_TOOL_LABEL"]) == ("0.25", "true")


def test_a_planes_own_setting_goes_before_the_shared_one():
    objects = rendered("everything", NEWEST).objects
    levels = {pod: environment(container).get("LOG_LEVEL") for pod, container, _, _ in variables(objects)}
    assert levels["Deployment/demo-gatewayops-control-plane"] == levels["Job/demo-gatewayops-migration"] == "debug"
    assert levels["Deployment/demo-gatewayops-proxy"] == "info,sqlx=debug"


def test_every_role_is_told_of_the_same_servers():
    """A control plane that is not told of one hands it over to the administrators at its start."""
    split = {**VALUES["everything"], "controlPlane": {"split": {"enabled": True}}}
    told = {
        tuple(sorted(name for name in environment(container) if SERVERS.match(name)))
        for _, container, _, _ in variables(render(split).objects)
        if container["name"] == "control-plane"
    }
    assert len(told) == 1 and len(told.pop()) == 5


def test_together_the_parts_have_every_role_once():
    deployments = named(rendered("ha", NEWEST).objects, "Deployment")
    roles = [environment(made["spec"]["template"]["spec"]["containers"][0])["CONTROL_ROLES"] for made in deployments]
    assert sorted(",".join(roles).split(",")) == ["api", "grpc", "ingest", "jobs"]
