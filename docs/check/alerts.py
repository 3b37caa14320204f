"""Every alert of the chart has its runbook, every runbook its alert; all of the same form, and in the index."""

import re

import source
from pages import ROOT

LOOKED_AT = 'alerts'
counted = 0

RULES = 'helm/gatewayops/files/alerts.yaml'
FOLDER = 'docs/runbooks/'
PARTS = ['What it means', 'What users notice', 'How to look', 'What to do', 'When to wake whom']


def rules():
    """{alert: severity}, by the file's own layout."""
    if not (ROOT / RULES).exists():
        return {}
    text = source.read(RULES)
    pieces = re.split(r'^\s*- alert: *', text, flags=re.M)[1:]
    severity = re.compile(r'severity: *(\w+)')
    return {piece.split('\n', 1)[0].strip(): severity.search(piece)[1] for piece in pieces}


def faults(pages):
    global counted
    alerts = rules()
    counted = len(alerts)
    index = next((page for page in pages if page.name == FOLDER + 'README.md'), None)
    listed = '\n'.join(index.lines) if index else ''
    runbooks = {
        page.name.removeprefix(FOLDER).removesuffix('.md'): page
        for page in pages
        if page.name.startswith(FOLDER) and page is not index
    }
    for name in alerts.keys() - runbooks.keys():
        yield RULES, 1, f'{name} has no {FOLDER}{name}.md'
    for name, page in runbooks.items():
        if name not in alerts:
            yield page.name, 1, f'{RULES} has no alert of this name'
            continue
        if f'({name}.md)' not in listed:
            yield FOLDER + 'README.md', 1, f'{name} is not in the index'
        headings = [line.lstrip('#').strip() for _, line in page.prose if line.startswith('#')]
        if headings != [name, *PARTS]:
            yield page.name, 1, f'its headings are not {name}, {", ".join(PARTS)}'
        if f'**{alerts[name]}**' not in '\n'.join(page.lines[:6]):
            yield page.name, 1, f'it does not say at its beginning that it is **{alerts[name]}**'
