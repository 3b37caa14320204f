"""Every metric that is named is exported."""

import re

import source

LOOKED_AT = 'metrics'
counted = 0

SERIES = ('_bucket', '_sum', '_count')


def exported():
    text = source.shipped('proxy/src/telemetry/metrics.rs') + source.shipped('control-plane/src/metrics.rs')
    return set(re.findall(r'"(gatewayops_[a-z0-9_]+)"', text))


def other_names():
    """Roles of the database and Rust's names of crates begin alike."""
    roles = re.findall(r'gatewayops_[a-z]+', source.read('migrations/0009_change_log_and_isolation.sql'))
    crates = re.findall(r'"(gatewayops-[a-z-]+)"', source.read('Cargo.lock'))
    return {*roles, *(name.replace('-', '_') for name in crates)}


def faults(pages):
    global counted
    known, others = exported(), other_names()
    for page in pages:
        for number, piece in page.code:
            for name in re.findall(r'gatewayops_[a-z0-9_]+', piece):
                counted += 1
                plain = next((name.removesuffix(end) for end in SERIES if name.endswith(end)), name)
                is_of_histogram = plain in known and not plain.endswith('_total')
                if name not in known | others and not is_of_histogram:
                    yield page.name, number, f'{name} is no metric of ours'
