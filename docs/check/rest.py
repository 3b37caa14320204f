"""REST paths exist, with the method that is named beside them."""

import json
import re

import source

LOOKED_AT = 'REST paths'
counted = 0

PATH = re.compile(r'(?:\b(GET|POST|PATCH|DELETE) )?(?<![\w/.])(?:https?://[^\s/]+|\$\{?\w+\}?)?(/v1(?:/[\w{}$<>*.…-]*)*)')
# What stands for anything: `{id}`, `$id`, `<id>`, `…`.
ANY = re.compile(r'^(?:\{.*\}|\$.*|<.*>|…|\*)$')


def routes():
    paths = json.loads(source.read('control-plane/openapi.json'))['paths']
    known = {path: {method.upper() for method in methods} for path, methods in paths.items()}
    text = source.shipped('proxy/src/pipeline/route.rs')
    facade = re.findall(r'^        "([a-z/]+)" => "\1"', text, flags=re.M)
    known['/v1/mcp/servers'] = {'GET'}
    known |= {f'/v1/mcp/{{server}}/{operation}': {'GET', 'POST'} for operation in facade}
    return known


def faults(pages):
    global counted
    known = routes()
    prefixes = {'/v1', '/v1/mcp'}
    for page in pages:
        for number, piece in page.code:
            for method, path in PATH.findall(piece):
                path = path.rstrip('.…').rstrip('/') or '/v1'
                counted += 1
                found = [methods for template, methods in known.items() if fits(path, template)]
                if not found and path not in prefixes:
                    yield page.name, number, f'there is no {path}'
                elif method and found and not any(method in methods for methods in found):
                    yield page.name, number, f'{path} takes no {method}'


def fits(path, template):
    ours, theirs = path.split('/'), template.split('/')
    if len(ours) != len(theirs):
        return False
    return all(
        a == b or (b.startswith('{') and (a not in words(theirs) or ANY.match(a))) or bool(ANY.match(a) and b.startswith('{'))
        for a, b in zip(ours, theirs)
    )


def words(template):
    return {segment for segment in template if segment and not segment.startswith('{')}
