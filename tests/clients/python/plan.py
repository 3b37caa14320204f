"""A client with a PLAN lists all that the server offers, page by page, and then does what the plan says; ../plan.mjs
tells what a plan can have.

Everything is read as the JSON it was on the wire, where both SDKs have the same names.
"""

import asyncio


async def perform(client, capabilities, plan):
    """`capabilities` are the server's."""
    listed = await list_all(client, capabilities)
    calls, prompts, reads = (plan.get(part, []) for part in ("calls", "prompts", "reads"))
    called = dict(await each(calls, lambda name, args: call(client, name, args), plan.get("together", False)))
    messages = dict(await each(prompts, lambda name, args: get_prompt(client, name, args)))
    contents = dict(await each([[uri] for uri in reads], lambda uri: read(client, uri)))
    found = {uri: result["contents"][0] for uri, result in contents.items()}
    return listed | {
        "called": {name: first_text(result) for name, result in called.items()},
        "isError": {name: result.get("isError") or False for name, result in called.items()},
        "links": {name: links(result) for name, result in called.items()},
        "got": {name: prompt["messages"][0]["content"].get("text") for name, prompt in messages.items()},
        "read": {uri: {key: content.get(key) for key in ("uri", "text")} for uri, content in found.items()},
    }


async def list_all(client, capabilities):
    """What the server does not have is an empty list."""
    tools, prompts, resources = capabilities.tools, capabilities.prompts, capabilities.resources
    return {
        "tools": await every_page(client.list_tools, "tools", "name") if tools else [],
        "prompts": await every_page(client.list_prompts, "prompts", "name") if prompts else [],
        "resources": await every_page(client.list_resources, "resources", "uri") if resources else [],
        "templates": await every_page(client.list_resource_templates, "resourceTemplates", "uriTemplate")
        if resources
        else [],
    }


async def every_page(list_page, key, identifier):
    items, cursor = [], None
    while True:
        page = await on_the_wire(list_page.__name__, list_page(cursor=cursor))
        items += [item[identifier] for item in page[key]]
        cursor = page.get("nextCursor")
        if cursor is None:
            return items


async def call(client, name, arguments):
    return name, await on_the_wire(f"tools/call {name}", client.call_tool(name, arguments))


async def get_prompt(client, name, arguments):
    return name, await on_the_wire(f"prompts/get {name}", client.get_prompt(name, arguments))


async def read(client, uri):
    return uri, await on_the_wire(f"resources/read {uri}", client.read_resource(uri))


async def each(items, act, together=False):
    """The results of `act` on every item, in the order of the items."""
    if together:
        return await asyncio.gather(*(act(*item) for item in items))
    return [await act(*item) for item in items]


async def on_the_wire(what, request):
    """An error says what was being done."""
    try:
        return (await request).model_dump(by_alias=True, mode="json", exclude_none=True)
    except Exception as error:
        raise RuntimeError(f"{what}: {error}") from error


def first_text(result):
    return next((block["text"] for block in result["content"] if block["type"] == "text"), None)


def links(result):
    """The URIs that the content leads to."""
    where = {"resource_link": lambda block: block["uri"], "resource": lambda block: block["resource"]["uri"]}
    return [where[block["type"]](block) for block in result["content"] if block["type"] in where]
