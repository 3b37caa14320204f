"""The pages: lines, code and headings of every file that people read."""

import os
import re
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
NOT_OURS = {'node_modules', 'target', 'out'}
FENCE = re.compile(r'^\s*(`{3,}|~{3,})\s*(\S*)')


@dataclass
class Page:
    name: str  # from the root of the repository
    lines: list
    blocks: list = field(default_factory=list)  # (line, language, its lines)
    fenced: set = field(default_factory=set)  # numbers of lines in blocks
    anchors: set = field(default_factory=set)

    @property
    def prose(self):
        """Lines outside of blocks, with their numbers."""
        return [(number, line) for number, line in enumerate(self.lines, 1) if number not in self.fenced]

    @property
    def code(self):
        """What stands in code, a piece at a time: lines of blocks, and what is between backticks."""
        for begin, _, lines in self.blocks:
            yield from enumerate(lines, begin + 1)
        for number, line in self.prose:
            for piece in re.findall(r'`([^`]+)`', line):
                yield number, piece


def all_pages():
    found = []
    for folder, inner, files in os.walk(ROOT):
        inner[:] = sorted(name for name in inner if name not in NOT_OURS and not name.startswith('.'))
        below = Path(folder).relative_to(ROOT)
        is_docs = below.parts[:1] == ('docs',)
        for name in sorted(files):
            if name == 'README.md' or (is_docs and name.endswith('.md')):
                found.append(read(str(below / name)))
    return found


def read(name):
    page = Page(name, (ROOT / name).read_text(encoding='utf-8').splitlines())
    opened = None
    for number, line in enumerate(page.lines, 1):
        fence = FENCE.match(line)
        if opened is None and fence:
            opened = (fence[1], len(page.blocks))
            page.blocks.append((number, fence[2], []))
            page.fenced.add(number)
        elif opened is not None:
            page.fenced.add(number)
            if fence and fence[1].startswith(opened[0]) and not fence[2]:
                opened = None
            else:
                page.blocks[opened[1]][2].append(line)
    note_anchors(page)
    return page


def note_anchors(page):
    """As GitHub makes them of headings."""
    taken = {}
    for _, line in page.prose:
        heading = re.match(r'^#{1,6}\s+(.*?)\s*#*$', line)
        if heading:
            text = re.sub(r'\[([^\]]*)\]\([^)]*\)', r'\1', heading[1]).lower()
            slug = re.sub(r'[^\w\- ]', '', text).replace(' ', '-')
            count = taken.get(slug, 0)
            taken[slug] = count + 1
            page.anchors.add(f'{slug}-{count}' if count else slug)
        page.anchors.update(re.findall(r'<a (?:id|name)="([^"]+)"', line))
