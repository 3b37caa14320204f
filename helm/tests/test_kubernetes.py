"""What the chart makes is what Kubernetes takes, from the oldest version to the newest."""

import pytest
from kubernetes_validate import SchemaNotFoundError, ValidationError, validate

from chart import rendered
from cluster import KINDS
from versions import VERSIONS

# Kinds that others bring to Kubernetes.
FOREIGN = {kind for version, kind, _ in KINDS if version.startswith(("cert-manager.io/", "gateway.", "monitoring."))}


@pytest.mark.parametrize("version", VERSIONS)
def test_every_object_is_valid(values_name, version):
    faults = []
    for made in rendered(values_name, version).objects:
        try:
            validate(made, version, strict=True)
        except SchemaNotFoundError as error:
            if made["kind"] not in FOREIGN:
                faults.append(error.message)
        except ValidationError as error:
            at = ".".join(map(str, error.path))
            faults.append(f"{made['kind']}/{made['metadata']['name']} {at}: {error.message}")
    assert not faults, "\n".join(faults)


def test_a_misspelt_field_would_be_found(values_name):
    pod = next(made for made in rendered(values_name, VERSIONS[0]).objects if made["kind"] == "Pod")
    with pytest.raises(ValidationError):
        validate({**pod, "spec": {**pod["spec"], "automountToken": False}}, VERSIONS[0], strict=True)


def test_no_name_is_longer_than_a_label_may_be(objects):
    for made in objects:
        assert len(made["metadata"]["name"]) <= 63


def test_no_object_is_there_twice(objects):
    seen = [(made["kind"], made["metadata"]["name"]) for made in objects]
    assert len(seen) == len(set(seen))
