"""What a client answers when the server asks it for something, and the record of what it was asked."""

import asyncio

from mcp import types


class Answers:
    """`elicitation` is the result of every form; `afterMs` keeps questions open for a while, so that they overlap."""

    def __init__(self, name, given):
        self.name = name
        self.elicitation = given.get("elicitation", {"action": "decline"})
        self.after = given.get("afterMs", 0) / 1000
        self.heard = {"elicited": [], "sampled": [], "rootsAsked": 0}

    def callbacks(self):
        """For the constructors of the SDK, which declare to the server what has a callback."""
        return {
            "elicitation_callback": self.elicit,
            "sampling_callback": self.sample,
            "list_roots_callback": self.list_roots,
        }

    async def elicit(self, _context, params):
        self.heard["elicited"].append(params.message)
        await asyncio.sleep(self.after)
        return types.ElicitResult(**self.elicitation)

    async def sample(self, _context, params):
        self.heard["sampled"].append(params.messages[0].content.text)
        await asyncio.sleep(self.after)
        content = types.TextContent(type="text", text=f"sampled by {self.name}")
        return types.CreateMessageResult(role="assistant", model=self.name, content=content)

    async def list_roots(self, _context):
        self.heard["rootsAsked"] += 1
        await asyncio.sleep(self.after)
        return types.ListRootsResult(roots=[types.Root(uri="file:///work", name=self.name)])
