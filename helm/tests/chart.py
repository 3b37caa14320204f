"""The chart, and what Helm makes of it for each of the values that we ship or test."""

import asyncio
import os
from functools import cache
from pathlib import Path
from typing import NamedTuple

import pytest
import yaml

from cluster import Cluster

CHART = Path(__file__).parents[1] / "gatewayops"
REPOSITORY = CHART.parents[1]
RELEASE, NAMESPACE = "demo", "gateway"

FILES = {path.stem.removeprefix("values-"): path for path in sorted(CHART.glob("values-*.yaml"))}
FILES |= {path.stem: path for path in sorted(Path(__file__).parent.glob("values/*.yaml"))}
VALUES = {name: yaml.safe_load(path.read_text()) for name, path in FILES.items()}


class Rendered(NamedTuple):
    objects: list
    notes: str


@cache
def rendered(name, version):
    return render(VALUES[name], version)


def render(values, version="1.34"):
    """With hooks and the pods of `helm test`."""
    with Cluster(version) as cluster:
        return of(install(cluster, values))


def of(release):
    hooks = [hook["manifest"] for hook in release.get("hooks", [])]
    texts = [release["manifest"], *hooks]
    objects = [made for text in texts for made in yaml.safe_load_all(text) if made]
    return Rendered(objects, release["info"]["notes"])


def install(cluster, values):
    return run(cluster, "Install", RELEASE, str(CHART), values=values, wait=False, timeout=20)


def upgrade(cluster, values):
    return run(cluster, "Upgrade", RELEASE, str(CHART), values=values, wait=False, timeout=20)


def lint():
    with Cluster("1.34") as cluster:
        return run(cluster, "Lint", str(CHART))


def run(cluster, action, *arguments, **options):
    helm = library()
    if not hasattr(cluster, "configuration"):
        cluster.configuration = helm.Configuration(namespace=NAMESPACE, kubeconfig=cluster.kubeconfig)
    return asyncio.run(getattr(helm, action)(cluster.configuration).run(*arguments, **options))


@cache
def library():
    if os.environ.get("HELM_DRIVER") != "memory":
        pytest.exit("HELM_DRIVER=memory must be set before Python starts: ./dev check does", returncode=2)
    return pytest.importorskip("helm_sdkpy", reason="Helm's library needs Python 3.12")


def merged(*layers):
    """Values over values, as Helm takes several files."""
    result = {}
    for layer in layers:
        for key, value in layer.items():
            both_maps = isinstance(value, dict) and isinstance(result.get(key), dict)
            result[key] = merged(result[key], value) if both_maps else value
    return result


def named(objects, kind, name=None):
    """Objects of a kind; with a name, the one."""
    found = [made for made in objects if made["kind"] == kind]
    return found if name is None else next(made for made in found if made["metadata"]["name"] == name)


def pods(objects):
    """(kind and name, metadata, spec) of every pod that will be."""
    for made in objects:
        at = made
        if made["kind"] == "CronJob":
            at = made["spec"]["jobTemplate"]
        if made["kind"] != "Pod":
            at = at.get("spec", {}).get("template", {})
        if "containers" in (at.get("spec") or {}):
            yield f"{made['kind']}/{made['metadata']['name']}", at["metadata"], at["spec"]


def environment(container):
    return {variable["name"]: variable.get("value") for variable in container.get("env", [])}


def is_ours(container):
    return "gatewayops/" in container["image"]


def selects(selector, labels):
    return selector.items() <= labels.items()
