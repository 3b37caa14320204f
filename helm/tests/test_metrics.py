"""Alerts and dashboards ask for what the planes export."""

import json
import re

import pytest
import yaml

import metrics
import promtool
from chart import CHART, NAMESPACE, RELEASE, REPOSITORY, named, rendered
from versions import NEWEST

ALERTS = yaml.safe_load((CHART / "files/alerts.yaml").read_text())
RULES = {rule["alert"]: rule for group in ALERTS["groups"] for rule in group["rules"]}
DASHBOARDS = {path.stem: yaml.safe_load(path.read_text()) for path in sorted(CHART.glob("files/dashboards/*.yaml"))}


def panels_of(board):
    return [panel for row in board["rows"] for panel in row["panels"]]


PANELS = {f"{name}: {panel['title']}": panel for name, board in DASHBOARDS.items() for panel in panels_of(board)}


def test_the_metrics_of_the_sources_are_found():
    proxy, control_plane = metrics.exported("proxy"), metrics.exported("control-plane")
    assert proxy["gatewayops_requests_total"] == {"mcp_server", "method", "status", "tool"}
    assert proxy["gatewayops_overhead_duration_seconds_bucket"] == {"method", "le"}
    assert proxy["gatewayops_config_age_seconds"] == set()
    assert control_plane["gatewayops_jobs_total"] == {"type", "status"}
    assert control_plane["gatewayops_ingest_lag_seconds"] == set()
    assert "gatewayops_overhead_duration_seconds" not in proxy


def test_what_nobody_exports_would_be_found():
    asked = 'sum by (user) (rate(gatewayops_calls_total{job="proxy"}[5m])) / gatewayops_config_age_seconds{tool="x"}'
    assert list(metrics.faults(asked)) == ["gatewayops_calls_total", "gatewayops_config_age_seconds{tool}", "user"]


@pytest.mark.parametrize("name", RULES)
def test_an_alert_asks_for_what_is_exported(name):
    assert list(metrics.faults(RULES[name]["expr"])) == []


@pytest.mark.parametrize("name", RULES)
def test_an_alert_asks_its_own_plane(name):
    for job, asked in plane_of_each(RULES[name]["expr"]):
        assert asked == "up" or asked in metrics.exported(job)


def plane_of_each(expression):
    for asked, selectors in re.findall(r"\b(up|gatewayops_\w+)\{([^}]*)\}", expression):
        yield re.search(r'job="([\w-]+)"', selectors).group(1), asked


@pytest.mark.parametrize("name", PANELS)
def test_a_panel_asks_for_what_is_exported(name):
    for query in PANELS[name]["queries"]:
        assert list(metrics.faults(query["expr"])) == []
        assert 'namespace="$namespace"' in query["expr"]


def test_every_metric_is_on_a_dashboard():
    asked = " ".join(query["expr"] for panel in PANELS.values() for query in panel["queries"])
    stems = {re.sub("_(bucket|sum|count)$", "", name) for name in metrics.everything()} - {"up"}
    assert [stem for stem in sorted(stems) if stem not in asked] == []


def test_dashboards_are_what_grafana_reads():
    maps = named(rendered("ha", NEWEST).objects, "ConfigMap")
    assert len(maps) == len(DASHBOARDS)
    for made in maps:
        assert made["metadata"]["labels"]["grafana_dashboard"] == "1"
        [(file, text)] = made["data"].items()
        board = json.loads(text)
        name = file.removeprefix("gatewayops-").removesuffix(".json")
        panels = [panel for panel in board["panels"] if panel["type"] != "row"]
        assert [panel["title"] for panel in panels] == [panel["title"] for panel in panels_of(DASHBOARDS[name])]
        places = {(panel["gridPos"]["x"], panel["gridPos"]["y"]) for panel in board["panels"]}
        assert len(places) == len({panel["id"] for panel in board["panels"]}) == len(board["panels"])
        for target in [target for panel in panels for target in panel["targets"]]:
            assert target["datasource"]["uid"] == "$datasource" and target["legendFormat"]


def test_alerts_are_of_this_release_alone():
    [made] = named(rendered("ha", NEWEST).objects, "PrometheusRule")
    jobs = {f"{RELEASE}-gatewayops-{plane}-metrics" for plane in metrics.SOURCES}
    services = {service["metadata"]["name"] for service in named(rendered("ha", NEWEST).objects, "Service")}
    assert jobs <= services, "a target's job is called after its Service"
    for group in made["spec"]["groups"]:
        for rule in group["rules"]:
            assert {job for job, _ in plane_of_each(rule["expr"])} <= jobs
            assert rule["expr"].count(f'namespace="{NAMESPACE}"') == rule["expr"].count("job=")


def test_every_alert_has_a_runbook():
    [made] = named(rendered("ha", NEWEST).objects, "PrometheusRule")
    rules = {rule["alert"]: rule for group in made["spec"]["groups"] for rule in group["rules"]}
    assert list(rules) == list(RULES)
    assert all(rule["annotations"]["runbook_url"].endswith(f"/docs/runbooks/{name}.md") for name, rule in rules.items())
    runbooks = REPOSITORY / "docs/runbooks"
    if not runbooks.exists():
        pytest.skip("there are no runbooks yet")
    assert {path.stem for path in runbooks.glob("GatewayOps*.md")} == set(RULES)


def test_alerts_can_be_left_out_and_labelled():
    [made] = named(rendered("everything", NEWEST).objects, "PrometheusRule")
    rules = [rule for group in made["spec"]["groups"] for rule in group["rules"]]
    assert {rule["alert"] for rule in rules} == set(RULES) - {"GatewayOpsVersionsDiffer"}
    assert all(rule["labels"]["team"] == "platform" for rule in rules)
    assert {rule["labels"]["severity"] for rule in rules} == {"critical", "warning"}


@promtool.needed
def test_prometheus_takes_the_alerts(tmp_path):
    [made] = named(rendered("ha", NEWEST).objects, "PrometheusRule")
    promtool.passes(tmp_path, "check", "rules", "rules.yaml", rules=made["spec"])


@promtool.needed
def test_prometheus_takes_what_dashboards_ask(tmp_path):
    asked = [query["expr"].replace("$__rate_interval", "5m") for panel in PANELS.values() for query in panel["queries"]]
    rules = [{"record": f"panel:{number}", "expr": expression} for number, expression in enumerate(asked)]
    promtool.passes(tmp_path, "check", "rules", "rules.yaml", rules={"groups": [{"name": "panels", "rules": rules}]})
