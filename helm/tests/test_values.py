"""Values: what is refused, what is shipped, and that README.md and the schema know all of them."""

import json

import jsonschema
import pytest
import yaml

import values_table
from chart import CHART, FILES, VALUES, lint, merged, render

SCHEMA = json.loads((CHART / "values.schema.json").read_text())
DEFAULTS = yaml.safe_load((CHART / "values.yaml").read_text())
# As Kubernetes has it, or anybody's to name.
OPEN = {"map", "object", "objects", "settings", "proxySettings", "controlPlaneSettings"}


@pytest.mark.parametrize("name", VALUES)
def test_values_files_are_of_the_schema(name):
    jsonschema.validate(merged(DEFAULTS, VALUES[name]), SCHEMA)


def test_values_files_say_what_they_are_for():
    assert all(path.read_text().startswith("# ") for path in FILES.values())


def test_the_schema_is_strict():
    jsonschema.Draft7Validator.check_schema(SCHEMA)
    parts = {"the values": SCHEMA, **{name: part for name, part in SCHEMA["definitions"].items() if name not in OPEN}}
    loose = {name for name, part in parts.items() for at in objects_of(part) if at.get("additionalProperties") is not False}
    assert loose == {"the values"}, "only `global`, which belongs to every chart"


def objects_of(schema):
    if schema.get("type") == "object" and "properties" in schema:
        yield schema
    for part in [*schema.get("properties", {}).values(), *([schema["items"]] if "items" in schema else [])]:
        yield from objects_of(part)


def test_the_schema_knows_what_values_yaml_has():
    missing = [path for path, part, value in walk(SCHEMA, DEFAULTS) if part is None]
    unknown = [path for path, part, value in walk(SCHEMA, DEFAULTS) if value is None]
    assert (missing, unknown) == ([], [])


def walk(schema, values, path=""):
    """(path, part of the schema, value), either of which may be missing."""
    if "$ref" in schema:
        schema = SCHEMA["definitions"][schema["$ref"].rpartition("/")[2]]
    for name in {**schema.get("properties", {}), **(values if "properties" in schema else {})}:
        at, part, value = f"{path}{name}", schema["properties"].get(name), values.get(name)
        if path.startswith("controlPlane.split.") and path.count(".") == 3:
            continue  # What differs for a part is written in that part alone.
        yield at, part, value
        if part and isinstance(value, dict):
            yield from walk(part, value, f"{at}.")


@pytest.mark.parametrize(("wrong", "where"), [
    ({"proxi": {}}, "proxi"),
    ({"proxy": {"replicas": 3}}, "replicas"),
    ({"proxy": {"replicaCount": "three"}}, "replicaCount"),
    ({"proxy": {"settings": {"PROXY_WORKER": 2}}}, "PROXY_WORKER"),
    ({"proxy": {"settings": {"DB_MAX_IDLE": 2}}}, "DB_MAX_IDLE"),
    ({"controlPlane": {"split": {"jobs": {"image": {}}}}}, "image"),
    ({"publicUrl": "gateway.example.com"}, "publicUrl"),
    ({"publicUrl": "https://gateway.example.com/path"}, "publicUrl"),
    ({"mcpServers": [{"name": "Files", "url": "http://files"}]}, "mcpServers"),
    ({"mcpServers": [{"name": "files"}]}, "url"),
    ({"bootstrap": {"adminPassword": "short"}}, "adminPassword"),
    ({"networkPolicy": {"enabled": "yes"}}, "enabled"),
])
def test_an_unknown_value_or_a_wrong_type_is_refused(wrong, where):
    with pytest.raises(jsonschema.ValidationError) as refused:
        jsonschema.validate(merged(DEFAULTS, VALUES["external"], wrong), SCHEMA)
    assert where in f"{refused.value.json_path} {refused.value.message}"


def test_helm_refuses_what_the_schema_does():
    said = refusal(merged(VALUES["external"], {"proxy": {"replicaCount": "three", "replicas": 3}}))
    assert "replicaCount" in said and "replicas" in said


@pytest.mark.parametrize(("wrong", "said"), [
    ({"publicUrl": ""}, "publicUrl is missing"),
    ({"externalDatabase": {"existingSecret": ""}}, "There is no Postgres"),
    ({"externalRedis": {"existingSecret": ""}}, "There is no Redis"),
    ({"postgres": {"enabled": True}}, "There is more than one Postgres"),
    ({"externalRedis": {"url": "redis://r"}}, "There is more than one Redis"),
    ({"secrets": {"proxyToken": "x" * 32}}, "would not be used"),
    ({"secrets": {"existingSecret": "", "jwtSecret": "short"}}, "secrets.jwtSecret has 5 bytes"),
    ({"secrets": {"existingSecret": "", "encryptionKey": "c2hvcnQ="}}, "secrets.encryptionKey is not base64 of 32 bytes"),
    ({"bootstrap": {"adminPassword": "long enough, too"}}, "set bootstrap.adminEmail"),
    ({"notifications": {"smtp": {"existingSecret": "mail"}}}, "go together"),
    ({"backup": {"schedule": "0 3 * * *"}}, "set backup.url"),
    ({"backup": {"url": "file:///backups"}}, "set backup.existingClaim"),
    ({"httpRoute": {"enabled": True}}, "httpRoute.parentRefs is missing"),
    ({"grpc": {"tls": {"enabled": True}}}, "grpc.tls.enabled needs a certificate"),
    ({"proxy": {"tls": {"enabled": True}}}, "proxy.tls.enabled needs a certificate"),
    ({"proxy": {"tls": {"enabled": True, "certManager": {"enabled": True}}}}, "issuerRef.name is missing"),
])
def test_what_cannot_work_is_refused_in_a_sentence(wrong, said):
    assert said in refusal(merged(VALUES["external"], wrong))


def test_all_that_is_missing_is_said_at_once():
    said = refusal({})
    assert all(word in said for word in ("publicUrl", "Postgres", "Redis"))


def refusal(values):
    with pytest.raises(Exception) as refused:
        render(values)
    return str(refused.value)


def test_the_chart_passes_lint():
    found = lint()
    warning = 2
    assert not found["Errors"] and all(message["Severity"] < warning for message in found["Messages"])


def test_the_readme_has_every_value():
    values_table.check()


def test_every_value_is_described():
    assert [name for name, _, description in values_table.rows() if not description] == []
