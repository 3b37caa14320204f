"""The metrics that the two planes export, as their sources have them, with their labels."""

import re
from functools import cache

from chart import REPOSITORY

SOURCES = {
    "proxy": REPOSITORY / "proxy/src/telemetry/metrics.rs",
    "control-plane": REPOSITORY / "control-plane/src/metrics.rs",
}
# Of every series, by Prometheus.
TARGET = {"job", "instance", "namespace", "pod", "service"}
LABELS = re.compile(r'&\[((?:\s*"\w+",?)*\s*)\]')


@cache
def exported(plane):
    """name → labels."""
    source = SOURCES[plane].read_text().split("#[cfg(test)]")[0]
    found = {}
    for match in re.finditer(r'(\w+)\(\s*(?:Opts::new\()?"(gatewayops_\w+)"', source):
        maker, name = match.groups()
        told = source[match.end():].split('"gatewayops_')[0].split(".with_label_values")[0]
        labels = labels_in(told, source)
        if maker in ("histograms", "seconds"):
            found |= {f"{name}_bucket": labels | {"le"}, f"{name}_count": labels, f"{name}_sum": labels}
        else:
            found[name] = labels
    return found


def labels_in(told, source):
    """Written there, or under a name: then all that the name can mean."""
    if "request_labels" in told:
        told = source.split("let request_labels")[1].split(";")[0]
        return set(re.findall(r'"(\w+)"', told))
    written = LABELS.search(told)
    return set(re.findall(r'"(\w+)"', written.group(1))) if written else set()


def everything():
    """name → labels, of both."""
    both = {}
    for plane in SOURCES:
        for name, labels in exported(plane).items():
            both[name] = both.get(name, set()) | labels
    return {"up": set(), **both}


def faults(expression):
    """What is asked for that nobody exports: metrics, and labels of theirs."""
    known, asked = everything(), re.findall(r"\b(up|gatewayops_\w+)(?:\{([^}]*)\})?", expression)
    for name, selectors in asked:
        if name not in known:
            yield name
        for label in re.findall(r"(\w+)\s*(?:=~|!~|!=|=)", selectors):
            if label not in known.get(name, set()) | TARGET:
                yield f"{name}{{{label}}}"
    of_all = set().union(TARGET, *(known.get(name, set()) for name, _ in asked))
    for clause in re.findall(r"\b(?:by|on|ignoring|without)\s*\(([^)]*)\)", expression):
        yield from (label for label in re.findall(r"\w+", clause) if label not in of_all)
