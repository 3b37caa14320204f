"""The table of values in the chart's README.md, from the comments `# --` of values.yaml."""

import json
import re

import yaml

from chart import CHART
from generated import agree

README = CHART / "README.md"
BEGIN, END = "<!-- values: from values.yaml -->\n", "<!-- /values -->\n"


def rows():
    """(dotted name, default, description). What has a description is one row, whatever is in it."""
    values = yaml.safe_load((CHART / "values.yaml").read_text())
    described = descriptions()
    yield from leaves(values, described)


def descriptions():
    found, path, text = {}, [], []
    for line in (CHART / "values.yaml").read_text().splitlines():
        comment = re.fullmatch(r"\s*# (-- )?(.*)", line)
        key = re.match(r"( *)([A-Za-z]\w*):", line)
        if comment and comment[1]:
            text = [comment[2]]
        elif comment and text:
            text.append(comment[2])
        elif key:
            depth = len(key[1]) // 2
            path = [*path[:depth], key[2]]
            if text:
                found[".".join(path)] = " ".join(text)
            text = []
    return found


def leaves(values, described, path=""):
    for name, value in values.items():
        at = f"{path}{name}"
        if at in described or not isinstance(value, dict) or not value:
            yield at, value, described.get(at, "")
        else:
            yield from leaves(value, described, f"{at}.")


def table():
    lines = ["| value | default | |", "|---|---|---|"]
    for name, default, description in rows():
        shown = json.dumps(default, ensure_ascii=False)
        # What is longer is better read in values.yaml.
        shown = f"`{shown}`" if len(shown) <= 60 else "see values.yaml"
        lines.append(f"| `{name}` | {shown} | {description} |".replace("||", "| |"))
    return "\n".join(lines) + "\n"


def check():
    before, _, rest = README.read_text().partition(BEGIN)
    _, _, after = rest.partition(END)
    assert rest and after is not None, f"{README} has no place for the table of values"
    agree(README, before + BEGIN + "\n" + table() + "\n" + END + after)
