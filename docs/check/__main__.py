"""`python3 docs/check`: whether what the documentation names is there. Needs nothing but Python; a second of it.

Each module looks at one kind of thing and yields (page, line, what is wrong); `pages` reads the pages, `source` knows
what the product has.
"""

import sys

import alerts
import commands
import links
import logs
import metrics
import rest
import settings
import shell
import values
from pages import all_pages

CHECKS = [links, commands, settings, metrics, rest, alerts, logs, values, shell]


def main():
    pages = all_pages()
    faults = sorted({fault for check in CHECKS for fault in check.faults(pages)})
    for page, line, text in faults:
        print(f'{page}:{line}: {text}', file=sys.stderr)
    looked = ', '.join(f'{check.LOOKED_AT} {check.counted}' for check in CHECKS)
    print(f'  {len(pages)} pages; {looked}')
    return 1 if faults else 0


if __name__ == '__main__':
    sys.exit(main())
