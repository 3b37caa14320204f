"""Values of the Helm chart that `--set` names are in its table."""

import re

from pages import ROOT

LOOKED_AT = 'chart values'
counted = 0

TABLE = 'helm/gatewayops/README.md'


def faults(pages):
    global counted
    if not (ROOT / TABLE).exists():
        return
    table = next(page for page in pages if page.name == TABLE)
    known = {name for line in table.lines for name in re.findall(r'^\| `([\w.]+)` \|', line)}
    maps = tuple(f'{name}.' for name in known)
    for page in pages:
        for number, piece in page.code:
            for name in re.findall(r'--set(?:-string|-file|-json)?[ =]([A-Za-z][\w.]*)', piece):
                counted += 1
                below = [value for value in known if value.startswith(name + '.')]
                if name not in known and not below and not name.startswith(maps):
                    if not is_of_another_chart(page, number):
                        yield page.name, number, f'the chart has no value {name}'


def is_of_another_chart(page, number):
    """The command began a few lines before, with a chart that is not ours."""
    before = '\n'.join(page.lines[max(0, number - 8):number])
    begun = re.findall(r'helm (?:install|upgrade)[^\n]*', before)
    return bool(begun) and 'gatewayops' not in begun[-1]
