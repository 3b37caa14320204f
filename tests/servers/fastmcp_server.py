"""A small server on FastMCP, at http://127.0.0.1:$PORT/mcp, for 2026-07-28 and the older versions with sessions.

Its lists come one item to a page, so whoever reads the first page only misses something.
"""

import os

from fastmcp import FastMCP
from fastmcp.tools import ToolResult
from mcp_types import EmbeddedResource, ResourceLink, TextContent, TextResourceContents

TODAY = "memo://today"

server = FastMCP("fastmcp", version="1.0.0", list_page_size=1)


@server.tool
def add(a: int, b: int) -> int:
    """Adds two numbers."""
    return a + b


@server.tool
def cite() -> ToolResult:
    """Names today's memo in every way a result can: as a link, and whole."""
    whole = TextResourceContents(uri=TODAY, mime_type="text/plain", text=today())
    return ToolResult(
        content=[
            TextContent(type="text", text="as today's memo says"),
            ResourceLink(type="resource_link", uri=TODAY, name="today"),
            EmbeddedResource(type="resource", resource=whole),
        ]
    )


@server.prompt
def greet(name: str) -> str:
    """Asks for a greeting."""
    return f"Greet {name} in one short line."


@server.prompt
def cite_memo() -> str:
    """Asks to cite the memo of today."""
    return "Cite the memo of today."


@server.resource(TODAY, mime_type="text/plain")
def today() -> str:
    """The memo of today."""
    return "water the plants"


@server.resource("memo://tomorrow", mime_type="text/plain")
def tomorrow() -> str:
    """The memo of tomorrow."""
    return "water them again"


@server.resource("memo://{day}/note", mime_type="text/plain")
def note(day: str) -> str:
    """The note of any day."""
    return f"a note for {day}"


if __name__ == "__main__":
    port = int(os.environ.get("PORT", "3105"))
    server.run(transport="http", host="127.0.0.1", port=port, path="/mcp", show_banner=False, log_level="warning")
