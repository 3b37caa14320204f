"""The two programs take what the chart tells them, where they have been built (BINARIES, as in ./dev)."""

import os
import subprocess
from pathlib import Path

import pytest

from chart import RELEASE, environment, is_ours, named, pods, rendered
from versions import NEWEST

BINARIES = Path(os.environ.get("BINARIES", "target/debug"))
SECRETS = {
    "DATABASE_URL": "postgres://gateway:hush@127.0.0.1:1/gateway",
    "REDIS_URL": "redis://:hush@127.0.0.1:1/0",
    "ENCRYPTION_KEY": "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=",
    "ENCRYPTION_KEY_PREVIOUS": "AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE=",
    "SLACK_WEBHOOK_URL": "https://hooks.slack.com/services/hush",
    "SMTP_URL": "smtps://user:hush@mail.example.com",
    "OTEL_EXPORTER_OTLP_HEADERS": "key=hush",
}
PLAIN = "thirty-two bytes and a little more"

pytestmark = pytest.mark.skipif(not (BINARIES / "proxy").exists(), reason=f"there is no {BINARIES}/proxy")


def told(container, folder):
    """Its variables, with the files that they name below a folder of this machine."""
    variables = {}
    for name, value in environment(container).items():
        if value and value.startswith(("/etc/gatewayops/", "/var/lib/gatewayops/")):
            file = folder / value.lstrip("/")
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(secret(name.removesuffix("_FILE")))
            value = str(file)
        variables[name] = value or secret(name)
    return variables


def secret(name):
    if name == "BOOTSTRAP_API_KEY":
        return subprocess.run([BINARIES / "control-plane", "keygen"], capture_output=True, text=True, check=True).stdout
    return SECRETS.get(name, PLAIN)


def ours(objects):
    for pod, _, spec in pods(objects):
        for container in filter(is_ours, spec["containers"]):
            yield pod, container


def check(container, variables):
    """What is wrong with the settings. The control plane looks at them first, and then for stores that are not there."""
    is_proxy = container["name"] == "proxy"
    command = [BINARIES / "proxy", "--check"] if is_proxy else [BINARIES / "control-plane", "doctor"]
    with subprocess.Popen(command, env=variables, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as program:
        said = program.stdout.readline()
        if said.startswith("settings    ok"):
            program.kill()
            return ""
        return said + program.stdout.read()


def test_the_settings_of_every_pod_are_taken(objects, tmp_path):
    for pod, container in ours(objects):
        assert check(container, told(container, tmp_path)) == "", pod


def test_variables_of_services_would_stop_the_start(tmp_path):
    """Why pods are told of no Services."""
    proxy = named(rendered("external", NEWEST).objects, "Deployment", f"{RELEASE}-gatewayops-proxy")
    container = proxy["spec"]["template"]["spec"]["containers"][0]
    variables = {**told(container, tmp_path), "GATEWAYOPS_PROXY_SERVICE_HOST": "10.0.0.1"}
    assert check(container, variables).startswith("GATEWAYOPS_PROXY_SERVICE_HOST is not a setting")
