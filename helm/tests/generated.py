"""Files that are generated and kept: compared, or with HELM_SNAPSHOTS=write written anew, to be read."""

import os


def agree(path, text):
    if os.environ.get("HELM_SNAPSHOTS") == "write":
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
    kept = path.read_text() if path.exists() else ""
    assert kept == text, f"{path} is stale: HELM_SNAPSHOTS=write ./dev check, read what has changed, and commit it"
