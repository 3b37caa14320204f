"""The official Python SDK 2.x as an OAuth client that is given nothing but the URL of an endpoint: oauth.py URL.

Signs in as ACCOUNT and makes CALLS ([[tool, arguments], ...], JSON), as oauth.mjs beside this folder does, and prints
the same: what was discovered, what was granted, and what the tools answered.
"""

import asyncio
import json
import os
import sys
from urllib.parse import parse_qs, urljoin, urlsplit

import httpx2
from mcp import Client
from mcp.client.auth import OAuthClientProvider, TokenStorage
from mcp.client.streamable_http import create_mcp_http_client, streamable_http_client
from mcp.shared.auth import AuthorizationCodeResult, OAuthClientMetadata

REDIRECT = "http://127.0.0.1/callback"  # nobody listens: the code is read off the redirect


class Memory(TokenStorage):
    """What the SDK asks a host to keep."""

    def __init__(self):
        self.issued = []
        self.client = None

    async def get_tokens(self):
        return self.issued[-1] if self.issued else None

    async def set_tokens(self, tokens):
        self.issued.append(tokens)

    async def get_client_info(self):
        return self.client

    async def set_client_info(self, client_info):
        self.client = client_info


class User:
    """The browser's part: signs in at the provider's form and reads where it leads."""

    back = None

    async def agree(self, url):
        async with httpx2.AsyncClient() as browser:
            for _ in range(12):
                page = await browser.get(url)
                if not page.is_redirect:
                    form = {"account": os.environ["ACCOUNT"], "password": "password"}
                    page = await browser.post(url, data=form)
                url = urljoin(url, page.headers["location"])
                if url.startswith(REDIRECT):
                    self.back = {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}
                    return
        raise RuntimeError("the provider led nowhere")

    async def answer(self):
        return AuthorizationCodeResult(code=self.back["code"], state=self.back.get("state"), iss=self.back.get("iss"))


async def run(url):
    memory, user = Memory(), User()
    metadata = OAuthClientMetadata(
        client_name="python-2-oauth", redirect_uris=[REDIRECT], token_endpoint_auth_method="none"
    )
    auth = OAuthClientProvider(url, metadata, memory, user.agree, user.answer)
    async with create_mcp_http_client(auth=auth) as http:
        async with Client(streamable_http_client(url, http_client=http), mode=os.environ.get("ERA", "auto")) as client:
            tools = await client.list_tools()
            calls = json.loads(os.environ.get("CALLS", "[]"))
            results = [await client.call_tool(name, arguments) for name, arguments in calls]
            return {
                "issuer": str(auth.context.oauth_metadata.issuer).rstrip("/"),
                "resource": str(auth.context.protected_resource_metadata.resource),
                "registered": memory.client is not None,
                "version": client.protocol_version,
                "granted": [token.scope for token in memory.issued],
                "token": memory.issued[-1].access_token,
                "tools": [tool.name for tool in tools.tools],
                "called": [result.content[0].text for result in results],
            }


def main():
    try:
        print(json.dumps(asyncio.run(run(sys.argv[1]))))
    except Exception as error:
        sys.exit(f"python-2-oauth: {error!r}")


main()
