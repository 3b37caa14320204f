"""Blocks of shell can be pasted: a shell understands them, and nothing in them waits to be filled in."""

import re
import subprocess

LOOKED_AT = 'blocks of shell'
counted = 0


def faults(pages):
    global counted
    for page in pages:
        for number, language, lines in page.blocks:
            if language != 'sh':
                continue
            counted += 1
            text = '\n'.join(lines) + '\n'
            told = subprocess.run(['sh', '-n'], input=text, capture_output=True, text=True, check=False)
            if told.returncode:
                yield page.name, number, f'no shell understands this: {told.stderr.strip()}'
            if page.name.startswith('docs/') and re.search(r'(?<![<\w])<[a-z][\w -]*>', text):
                yield page.name, number, 'something in <angle brackets> is left to fill in; use a variable'
