"""Lines of logs that are looked for are lines that the programs write."""

import re

import source

LOOKED_AT = 'log lines'
counted = 0

# logs control-plane 1h | grep 'one\|another'
SEARCH = re.compile(r"\blogs [a-z-]+[^|]*\| *grep (?:-[a-zA-Z]+ )?'([^']+)'")
# Written by libraries.
FOREIGN = {'time to acquire exceeded slow threshold', '"level":"ERROR"'}


def faults(pages):
    global counted
    for page in pages:
        for number, piece in page.code:
            for pattern in SEARCH.findall(piece):
                for line in pattern.split(r'\|'):
                    counted += 1
                    if line not in FOREIGN and line not in source.rust():
                        yield page.name, number, f'no program writes {line!r}'
