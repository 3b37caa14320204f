"""What every values file makes, kept to be read in reviews: snapshots/<values>.yaml."""

from copy import deepcopy
from pathlib import Path

import yaml

from chart import VALUES, rendered
from generated import agree
from versions import NEWEST

SNAPSHOTS = Path(__file__).parent / "snapshots"


class Dumper(yaml.SafeDumper):
    """Texts of several lines as such."""

    def ignore_aliases(self, _):
        return True


Dumper.add_representer(str, lambda dumper, text: dumper.represent_scalar(
    "tag:yaml.org,2002:str", text, style="|" if "\n" in text else None))


def masked(made):
    """Without what is random; dashboards are tested by what they ask."""
    made = deepcopy(made)
    if made["kind"] == "Secret" or "grafana_dashboard" in made["metadata"]["labels"]:
        made["data"] = dict.fromkeys(made["data"], "masked")
    annotations = made.get("spec", {}).get("template", {}).get("metadata", {}).get("annotations", {})
    if "checksum/secret" in annotations:
        annotations["checksum/secret"] = "masked"
    return made


def test_what_the_chart_makes_is_as_it_was(values_name):
    objects = sorted(rendered(values_name, NEWEST).objects, key=lambda made: (made["kind"], made["metadata"]["name"]))
    text = yaml.dump_all(map(masked, objects), Dumper=Dumper, sort_keys=True, width=1000)
    agree(SNAPSHOTS / f"{values_name}.yaml", text)


def test_there_is_no_snapshot_of_nothing():
    assert {path.stem for path in SNAPSHOTS.glob("*.yaml")} == set(VALUES)
