"""The official Python SDK, 2.x or 1.x, whichever is installed: list_and_call.py URL [--era auto|legacy].

Connects with the key in GATEWAYOPS_API_KEY, lists the tools, calls `echo` and says in one JSON line what came back.
Any surprise is an exception, so the exit status is not zero.
"""

import argparse
import asyncio
import json
import os
from contextlib import asynccontextmanager
from importlib.metadata import version

SENT = "through the gateway"
SDK = version("mcp")
V2 = SDK.startswith("2.")


@asynccontextmanager
async def connected_v2(url, headers, era):
    """mcp 2.x: `auto` asks server/discover first, `legacy` starts with initialize."""
    from mcp import Client
    from mcp.client.streamable_http import create_mcp_http_client, streamable_http_client

    async with create_mcp_http_client(headers=headers) as http:
        async with Client(streamable_http_client(url, http_client=http), mode=era) as client:
            spoken = "modern" if client.protocol_version >= "2026-07-28" else "legacy"
            yield client, spoken, client.server_info.name


@asynccontextmanager
async def connected_v1(url, headers, _era):
    """mcp 1.x knows only the versions that start with initialize."""
    from mcp import ClientSession
    from mcp.client.streamable_http import streamable_http_client
    from mcp.shared._httpx_utils import create_mcp_http_client

    async with create_mcp_http_client(headers=headers) as http:
        async with streamable_http_client(url, http_client=http) as (read, write, _):
            async with ClientSession(read, write) as session:
                hello = await session.initialize()
                yield session, "legacy", hello.serverInfo.name


async def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("url")
    arguments.add_argument("--era", choices=["auto", "legacy"], default="auto" if V2 else "legacy")
    given = arguments.parse_args()
    key = os.environ.get("GATEWAYOPS_API_KEY")
    headers = {"Authorization": f"Bearer {key}"} if key else {}

    connected = connected_v2 if V2 else connected_v1
    async with connected(given.url, headers, given.era) as (client, era, server):
        assert given.era == "auto" or era == given.era, f"asked for {given.era}, spoke {era}"
        tools = (await client.list_tools()).tools
        echo = next(tool for tool in tools if tool.name == "echo")
        schema = echo.input_schema if V2 else echo.inputSchema
        argument = next(iter(schema["properties"]))
        result = await client.call_tool("echo", {argument: SENT})
        text = result.content[0].text
        failed = result.is_error if V2 else result.isError
        assert not failed and SENT in text, f"echo answered {result}"
    print(json.dumps({"client": f"python-{SDK}", "era": era, "server": server, "tools": len(tools), "text": text}))


asyncio.run(main())
