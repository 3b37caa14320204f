"""What the product has, as its source says it: no binary is asked, so nothing has to be built."""

import functools
import re
from pathlib import Path

from pages import ROOT


def read(path):
    return (ROOT / path).read_text(encoding='utf-8')


def shipped(path):
    """Rust without what is compiled for tests only."""
    return re.split(r'^#\[cfg\(test\)\]\n(?:pub(?:\([a-z]+\))? )?mod tests', read(path), flags=re.M)[0]


@functools.cache
def rust():
    """All Rust of the two programs, as one text."""
    folders = ['proxy/src', 'control-plane/src', 'proto/src', 'safety/src', 'telemetry/src']
    files = [path for folder in folders for path in sorted((ROOT / folder).rglob('*.rs'))]
    return '\n'.join(path.read_text(encoding='utf-8') for path in files)


def kebab(name):
    return re.sub(r'(?<!^)([A-Z])', r'-\1', name).lower()


@functools.cache
def subcommands():
    """{'': {'serve', ...}, 'audit': {'verify', ...}} of the control plane, by its clap definitions."""
    text = read('control-plane/src/main.rs')
    enums = {
        name: body
        for name, body in re.findall(r'#\[derive\(Subcommand\)\]\nenum (\w+) \{\n(.*?)\n\}', text, flags=re.S)
    }
    return {
        kebab(name.removesuffix('Command')): {kebab(variant) for variant in re.findall(r'^    ([A-Z]\w*)', body, flags=re.M)}
        for name, body in enums.items()
    }


@functools.cache
def options(program):
    """The long options that a program's clap definitions have."""
    text = read(f'{program}/src/main.rs')
    named = re.findall(r'#\[arg\(long = "([a-z-]+)"', text)
    fields = re.findall(r'#\[arg\(long(?:, [^\]]*)?\)\]\s*(?:pub )?(\w+):', text)
    return {'help', 'version', *named, *(name.replace('_', '-') for name in fields)}


@functools.cache
def dev_commands():
    """What ./dev does, by the arms of its `case`."""
    arms = re.findall(r'^    ([a-z |-]+)\) ', read('dev'), flags=re.M)
    return {name for arm in arms for name in re.split(r' *\| *', arm.strip()) if not name.startswith('-')}


@functools.cache
def dev_usage(name):
    """What the help of ./dev says of a command."""
    pieces = read('dev').split("<<'HELP'\n")[1].split('\nHELP\n')[0].split('./dev ')
    return '\n'.join(piece for piece in pieces if piece.split()[:1] == [name])


@functools.cache
def dev_text():
    """All that ./dev is made of."""
    files = [ROOT / 'dev', ROOT / 'scripts/bench.sh', *sorted((ROOT / 'scripts').rglob('*/*.sh'))]
    return '\n'.join(path.read_text(encoding='utf-8') for path in files)


@functools.cache
def soaks():
    return {path.stem for path in (ROOT / 'scripts/soak').glob('*.sh')}


SETTINGS_FILES = [
    'proxy/src/config.rs',
    *sorted(str(path.relative_to(ROOT)) for path in (ROOT / 'proxy/src').glob('config/*.rs')),
    'control-plane/src/config.rs',
    *sorted(str(path.relative_to(ROOT)) for path in (ROOT / 'control-plane/src').glob('config/*.rs')),
    'telemetry/src/log.rs',
    'telemetry/src/otlp.rs',
]
NAME = r'[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+'


@functools.cache
def settings_read():
    """{name: file} of every setting that the two programs read: whole literals in capitals, where settings are read."""
    found = {}
    for file in SETTINGS_FILES:
        for name in re.findall(rf'"({NAME})"', shipped(file)):
            found.setdefault(name, file)
    return found


@functools.cache
def secrets():
    """Settings that may come from a file."""
    text = '\n'.join(shipped(file) for file in SETTINGS_FILES)
    named = re.findall(r'(?:\.secret|\.required_secret|long_secret|webhook)\(\s*(?:\w+,\s*)?"([A-Z0-9_]+)"', text)
    lists = re.findall(r'const SECRETS: [^=]*= \[(.*?)\]', text, flags=re.S)
    return {*named, *re.findall(r'"([A-Z0-9_]+)"', ' '.join(lists))}


@functools.cache
def client_variables():
    """GATEWAYOPS_* that are for scripts."""
    text = read('proto/src/settings.rs') + read('scripts/dev/screen.sh')
    return set(re.findall(r'GATEWAYOPS_[A-Z_]+', text)) - {'GATEWAYOPS_'}


def files_below(folder):
    return [path for path in sorted(Path(ROOT / folder).rglob('*')) if path.is_file()]
