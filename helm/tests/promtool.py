"""Prometheus' own tool, where it is installed."""

import json
import shutil
import subprocess

import pytest

needed = pytest.mark.skipif(not shutil.which("promtool"), reason="promtool is not installed: apt-get install prometheus")


def passes(folder, *arguments, **files):
    """Runs it beside files with such names (`rules` becomes rules.yaml) and contents."""
    for name, content in files.items():
        (folder / f"{name}.yaml").write_text(json.dumps(content))
    ran = subprocess.run(["promtool", *arguments], cwd=folder, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stdout + ran.stderr
