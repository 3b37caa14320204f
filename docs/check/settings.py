"""Names in capitals are settings of the README's tables, or known ones of others; and the tables have all that is read."""

import re

import source
from source import NAME

LOOKED_AT = 'settings'
counted = 0

# Other people's, that pages name with their reason beside them.
FOREIGN = {'HELM_SNAPSHOTS', 'REDISCLI_AUTH'}
# Where names in capitals are something else: labels of a model, states of a protocol.
PAGES_OF_OTHER_NAMES = ('safety/', 'dashboard/')


def faults(pages):
    global counted
    readme = next(page for page in pages if page.name == 'README.md')
    listed, families = tables(readme)
    read = source.settings_read()
    for name, file in read.items():
        if name not in listed:
            yield 'README.md', 1, f'no table of settings has {name}, which {file} reads'
    for name, number in listed.items():
        if name not in read and not name.startswith(('AWS_', 'MCP_SERVER_')):
            yield 'README.md', number, f'nothing reads {name}'
    known = {*listed, *FOREIGN, *of_development(), *source.client_variables()}
    for page in pages:
        if page.name.startswith(PAGES_OF_OTHER_NAMES):
            continue
        for number, piece in page.code:
            for name in re.findall(rf'(?<![\w$<-]){NAME}(?![\w>])|(?<=\$){NAME}|(?<=\${{){NAME}', piece):
                counted += 1
                plain = name.removesuffix('_FILE')
                if plain != name and plain in listed:
                    if plain not in source.secrets() and not plain.startswith('MCP_SERVER_'):
                        yield page.name, number, f'{plain} may not come from a file, so there is no {name}'
                elif name not in known and not any(re.fullmatch(family, plain) for family in families):
                    yield page.name, number, f'{name} is no setting of the README'


def tables(readme):
    """{name: line} of the section Settings, with short forms written out; and patterns of families."""
    listed, families = {}, set()
    begun = False
    for number, line in readme.prose:
        if line.startswith('## '):
            begun = line == '## Settings'
        if not begun or not line.startswith('|'):
            continue
        for cell in line.split('|')[1:-1]:
            before = ''
            for piece in re.findall(r'`([^`]+)`', cell):
                if re.fullmatch(r'_[A-Z_]+', piece) and before:  # `CONTROL_GRPC_TLS_CERT`, `_KEY`
                    piece = before.rsplit('_', 1)[0] + piece
                    listed.setdefault(piece, number)
                elif re.fullmatch(NAME, piece):
                    listed.setdefault(piece, number)
                    before = piece
                elif re.fullmatch(r'[A-Z_]+<[A-Z]+>[A-Z_]+', piece):
                    families.add(re.sub(r'<[A-Z]+>', '[A-Z0-9_]+', piece))
    return listed, families


def of_development():
    """Variables of ./dev and compose.yaml, which are not settings of the product."""
    texts = [source.dev_text()]
    texts += [path.read_text(encoding='utf-8') for path in source.files_below('tests') if path.name == 'run']
    try:
        texts.append(source.read('compose.yaml'))
    except FileNotFoundError:
        pass
    return {name for text in texts for name in re.findall(rf'\$\{{?({NAME})', text)}
