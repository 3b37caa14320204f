"""Alerts fire when they should, and not when they should not (alerts.yaml)."""

import re
from pathlib import Path

import yaml

import promtool
from test_metrics import ALERTS, RULES

CASES = yaml.safe_load((Path(__file__).with_name("alerts.yaml")).read_text())


def test_every_alert_is_seen_to_fire():
    assert list(CASES) == list(RULES)
    assert all(any(case["fires"] for case in cases) for cases in CASES.values())


def test_what_an_alert_says_is_made_of_labels_it_has():
    for name, cases in CASES.items():
        said = " ".join(RULES[name]["annotations"].values())
        for case in cases:
            for labels in case["fires"]:
                assert set(re.findall(r"\$labels\.(\w+)", said)) <= set(labels), name


@promtool.needed
def test_alerts_fire_when_they_should(tmp_path):
    tests = [as_promtool_has_it(name, case) for name, cases in CASES.items() for case in cases]
    content = {"rule_files": ["rules.yaml"], "evaluation_interval": "1m", "tests": tests}
    promtool.passes(tmp_path, "test", "rules", "tests.yaml", rules=ALERTS, tests=content)


def as_promtool_has_it(name, case):
    series = [{"series": series, "values": values} for series, values in case["series"].items()]
    fixed = {"alertname": name, "alertstate": "firing", **RULES[name]["labels"]}
    samples = [{"labels": f"ALERTS{selector({**fixed, **labels})}", "value": 1} for labels in case["fires"]]
    asked = f'ALERTS{{alertname="{name}", alertstate="firing"}}'
    expected = [{"expr": asked, "eval_time": case.get("at", "30m"), "exp_samples": samples}]
    return {"interval": "1m", "name": name, "input_series": series, "promql_expr_test": expected}


def selector(labels):
    return "{" + ", ".join(f'{label}="{value}"' for label, value in labels.items()) + "}"
