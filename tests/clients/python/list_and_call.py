"""What a client does with a server unless it has a PLAN: list the tools, call `echo`."""

SENT = "through the gateway"


async def list_and_call(client):
    tools = (await client.list_tools()).model_dump(by_alias=True)["tools"]
    echo = next((tool for tool in tools if tool["name"] == "echo"), None)
    assert echo, f"no tool named echo among {[tool['name'] for tool in tools]}"

    argument = next(iter(echo["inputSchema"]["properties"]))
    result = (await client.call_tool("echo", {argument: SENT})).model_dump(by_alias=True)
    text = result["content"][0]["text"]
    assert not result["isError"] and SENT in text, f"echo answered {result}"
    return {"tools": len(tools), "text": text}
