"""Every relative link leads to a file, and its anchor to a heading."""

import os
import re
from pathlib import PurePosixPath

from pages import ROOT

LOOKED_AT = 'links'
counted = 0

LINK = re.compile(r'!?\[(?:[^\[\]]|\[[^\]]*\])*\]\(\s*<?([^()\s>]+(?:\([^()]*\)[^()\s>]*)?)>?(?:\s+"[^"]*")?\s*\)')
REFERENCE = re.compile(r'^\s{0,3}\[[^\]]+\]:\s+(\S+)')
ELSEWHERE = re.compile(r'^(?:[a-z][a-z0-9+.-]*:|//)', re.I)


def faults(pages):
    global counted
    known = {page.name: page for page in pages}
    for page in pages:
        for number, line in page.prose:
            bare = re.sub(r'`[^`]*`', lambda code: '`' + ' ' * (len(code[0]) - 2) + '`', line)
            for target in [*LINK.findall(bare), *REFERENCE.findall(bare)]:
                if ELSEWHERE.match(target):
                    continue
                counted += 1
                wrong = look(page, target, known)
                if wrong:
                    yield page.name, number, wrong


def look(page, target, known):
    path, _, anchor = target.partition('#')
    name = page.name
    if path:
        name = os.path.normpath(PurePosixPath(page.name).parent / path)
        if name.startswith('..') or path.startswith('/'):
            return f'{target} leads out of the repository'
        if not (ROOT / name).exists():
            return f'{target} leads nowhere'
    if not anchor:
        return None
    if name not in known:
        return f'{target}: {name} is no page that is looked at, so its anchors are not known'
    if anchor not in known[name].anchors:
        return f'{target}: {name} has no heading #{anchor}'
    return None
