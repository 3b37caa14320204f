"""Versions of Kubernetes, from the oldest that Chart.yaml admits to the newest whose schemas are known."""

import functools
import re

import yaml
from kubernetes_validate import utils

from chart import CHART

# Else every document would read the megabyte of definitions anew.
utils.schema_contents = functools.cache(utils.schema_contents)

OLDEST = re.search(r"\d+\.\d+", yaml.safe_load((CHART / "Chart.yaml").read_text())["kubeVersion"]).group()


def number(version):
    return tuple(int(part) for part in version.split("."))


KNOWN = sorted({utils.major_minor(version) for version in utils.all_versions()}, key=number)
NEWEST = KNOWN[-1]
# The two, and every third between them.
VERSIONS = sorted({*[version for version in KNOWN if number(version) >= number(OLDEST)][::3], NEWEST}, key=number)
