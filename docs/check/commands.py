"""`./dev …`, `control-plane …` and `proxy …`: commands and options that are named exist."""

import re

import source

LOOKED_AT = 'commands'
counted = 0

DEV = re.compile(r'(?<!\S)\./dev(?:[ \t]+([^\s`|&;)]+))?((?:[ \t]+[^`|&;)\n]*)?)')
# A word that takes names of services or processes: what follows it is no program.
TAKES_A_NAME = {
    'cargo', 'dir', 'exec', 'kill', 'logs', 'name', 'ps', 'restart', 'rm', 'start', 'status', 'stop', 'target', 'up',
    '-T', '-p', '--detach', '--tag',
}
PROGRAMS = ('control-plane', 'proxy')


def faults(pages):
    for page in pages:
        for number, piece in page.code:
            for wrong in [*of_dev(piece), *of_programs(piece)]:
                yield page.name, number, wrong


def of_dev(piece):
    global counted
    for name, rest in DEV.findall(piece):
        if not name or name.startswith(('[', '…')):
            continue
        counted += 1
        if name not in source.dev_commands():
            yield f'./dev has no command {name}'
            continue
        run = re.match(r'\s+([a-z][\w-]*)', rest) if name == 'soak' else None
        if run and run[1] not in source.soaks():
            yield f'there is no long run named {run[1]}'
            continue
        known = source.read(f'scripts/soak/{run[1]}.sh') if run else source.dev_usage(name)
        for option in re.findall(r'(?<![\w-])--[a-z][a-z-]*', rest):
            if not re.search(rf'(?<![\w-]){option}(?![\w-])', known):
                yield f'./dev {name} has no option {option}'


def of_programs(piece):
    """Where a program stands as a command: not as a name of something that another command is about."""
    global counted
    for part in re.split(r'[|&;]|\$\(|[()`"\']', piece.split(' #')[0]):
        words = part.split()
        for place, word in enumerate(words):
            program = word.rsplit('/', 1)[-1]
            if program not in PROGRAMS or (word != program and not re.match(r'^[./\w-]+$', word)):
                continue
            before = words[place - 1] if place else ''
            rest = words[place + 1:]
            if before in TAKES_A_NAME or (before in PROGRAMS and not rest) or not rest or rest[0] in PROGRAMS:
                continue
            if program == 'proxy' and not rest[0].startswith('-'):
                continue  # prose, or a name: the proxy has no subcommands
            counted += 1
            yield from of_program(program, rest)


def of_program(program, rest):
    known = source.subcommands()
    name = ''
    if program == 'control-plane':
        for word in rest:
            level = known.get(name)
            if word.startswith('-') or level is None or not re.match(r'^[a-z][a-z-]*$', word):
                break
            if word not in level:
                yield f'control-plane {name + " " if name else ""}{word} is no command of it'
                return
            name = word
    for option in [word for word in rest if word.startswith('--') and word != '--']:
        if option[2:].split('=')[0] not in source.options(program):
            yield f'{program} has no option {option}'
