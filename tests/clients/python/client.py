"""The official Python SDK, 2.x or 1.x, whichever is installed: client.py URL [--era auto|legacy].

Connects with the key in GATEWAYOPS_API_KEY, does what PLAN says or else lists and calls, and says in one JSON line what
came back. Any surprise is an exception, so the exit status is not zero.
"""

import argparse
import asyncio
import json
import os
import sys
from contextlib import asynccontextmanager
from importlib.metadata import version

from answers import Answers
from list_and_call import list_and_call
from plan import perform

SDK = version("mcp")
V2 = SDK.startswith("2.")


@asynccontextmanager
async def connected_v2(url, headers, era, callbacks):
    """mcp 2.x: `auto` asks server/discover first, `legacy` starts with initialize."""
    from mcp import Client
    from mcp.client.streamable_http import create_mcp_http_client, streamable_http_client

    async with create_mcp_http_client(headers=headers) as http:
        async with Client(streamable_http_client(url, http_client=http), mode=era, **callbacks) as client:
            yield client, client.protocol_version, client.server_info, client.server_capabilities


@asynccontextmanager
async def connected_v1(url, headers, _era, callbacks):
    """mcp 1.x knows only the versions that start with initialize."""
    from mcp import ClientSession
    from mcp.client.streamable_http import streamable_http_client
    from mcp.shared._httpx_utils import create_mcp_http_client

    async with create_mcp_http_client(headers=headers) as http:
        async with streamable_http_client(url, http_client=http) as (read, write, _):
            async with ClientSession(read, write, **callbacks) as session:
                hello = await session.initialize()
                yield session, hello.protocolVersion, hello.serverInfo, hello.capabilities


def arguments():
    parser = argparse.ArgumentParser()
    parser.add_argument("url")
    parser.add_argument("--era", choices=["auto", "legacy"], default="auto" if V2 else "legacy")
    return parser.parse_args()


async def run(name, given):
    key = os.environ.get("GATEWAYOPS_API_KEY")
    headers = {"Authorization": f"Bearer {key}"} if key else {}
    plan = json.loads(os.environ.get("PLAN") or "null")
    answers = Answers(name, plan.get("answers", {})) if plan else None

    connected = connected_v2 if V2 else connected_v1
    callbacks = answers.callbacks() if plan else {}
    async with connected(given.url, headers, given.era, callbacks) as (client, spoken, server, capabilities):
        era = "modern" if spoken >= "2026-07-28" else "legacy"
        assert given.era == "auto" or era == given.era, f"asked for {given.era}, spoke {era}"
        if plan:
            return await perform(client, capabilities, plan) | answers.heard | {"version": spoken}
        said = {"client": f"python-{SDK}", "era": era, "server": server.name if server else None}
        return said | await list_and_call(client)


def reasons(error):
    """What went wrong, without the groups that the SDK's tasks wrap it in."""
    wrapped = getattr(error, "exceptions", [])
    return [reason for each in wrapped for reason in reasons(each)] or [f"{type(error).__name__}: {error}"]


def main():
    given = arguments()
    name = f"python-2-{given.era}" if V2 else "python-1"
    try:
        print(json.dumps(asyncio.run(run(name, given))))
    except Exception as error:
        sys.exit(f"{name} at {given.url}: {'; '.join(reasons(error))}")


main()
