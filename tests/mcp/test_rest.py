"""Resources, prompts, progress and cancelling, by the official client."""

import base64
import xml.etree.ElementTree as xml

import anyio
import pytest
from mcp import MCPError

pytestmark = pytest.mark.anyio

KINDS = [
    "report.md", "report.html", "forecast.svg", "forecast.png", "forecast.json", "risk.svg", "risk.png", "drift.svg", "drift.png", "drift.json",
    "quality.md",
]


def address(kind, ticker):
    name, end = kind.split(".")
    return f"stockops://{name}/{ticker}.{end}"


async def test_every_kind_of_resource_can_be_read(connect, home):
    async with connect() as client:
        templates = (await client.list_resource_templates()).resource_templates
        assert [template.uri_template for template in templates] == [address(kind, "{ticker}") for kind in KINDS]
        mimes = {template.uri_template: template.mime_type for template in templates}
        for kind in KINDS:
            [content] = (await client.read_resource(address(kind, "AMZN"))).contents
            assert content.mime_type == mimes[address(kind, "{ticker}")], kind
            if kind.endswith("png"):
                picture = base64.b64decode(content.blob, validate=True)
                assert picture.startswith(b"\x89PNG\r\n\x1a\n") and int.from_bytes(picture[16:20], "big") == 1720, kind
                continue
            assert "AMZN" in content.text, kind
            if kind.endswith("svg"):
                assert xml.fromstring(content.text).tag.endswith("svg")
        [content] = (await client.read_resource("stockops://quality/%5EGSPC.md")).contents
        assert "^GSPC" in content.text
        [models] = (await client.list_resources()).resources
        assert models.uri == "stockops://models.json" and "^GSPC@0" in (await client.read_resource(models.uri)).contents[0].text
    assert not home.exists()


async def test_an_unknown_address_is_told(connect):
    async with connect() as client:
        for uri in ["stockops://forecast/AMZN.gif", "file:///etc/passwd"]:
            with pytest.raises(MCPError) as error:
                await client.read_resource(uri)
            assert error.value.error.code in [-32002, -32602] and "no resource" in error.value.error.message
        with pytest.raises(MCPError) as error:
            await client.read_resource("stockops://report/NOBODY.md")
        assert "bars named NOBODY" in error.value.error.message


async def test_prompts_are_filled_in(connect):
    async with connect() as client:
        prompts = (await client.list_prompts()).prompts
        assert [prompt.name for prompt in prompts] == ["brief", "check_file"]
        asked = {"ticker": "GOOG", "question": "will it fall?"}
        text = (await client.get_prompt("brief", asked)).messages[0].content.text
        assert text.startswith("Brief me on GOOG.") and "will it fall?" in text and "skill" in text
        with pytest.raises(MCPError):
            await client.get_prompt("brief", {})
        assert "Numbers that no tool gave are not known" in client.instructions


async def test_progress_is_told_where_it_is_asked_for(connect):
    told = []

    async def listen(progress, total, message):
        told.append((progress, message))

    async with connect() as client:
        await client.call_tool("report", {"ticker": "AMZN"}, progress_callback=listen)
    assert [message for _, message in told] == ["bars", "forecast", "report"]
    assert [progress for progress, _ in told] == [1, 2, 3]


async def test_what_the_client_takes_back_is_stopped_and_the_server_goes_on(connect):
    async with connect() as client:
        with anyio.move_on_after(1) as scope:
            await client.call_tool("backtest", {"ticker": "AMZN", "strategy": "scratch"})
        assert scope.cancelled_caught
        with anyio.fail_after(30):
            answer = (await client.call_tool("backtest", {"task": "backtest-1"})).structured_content
        assert answer["task"]["state"] == "stopped", answer
        assert not (await client.call_tool("forecast", {"ticker": "IBM"})).is_error


async def test_many_questions_at_once_are_all_answered(connect):
    tickers = ["AMZN", "IBM", "MSFT", "GOOGL", "^GSPC"] * 3
    answers = {}

    async def ask(client, place, ticker):
        answers[place] = (await client.call_tool("forecast", {"ticker": ticker})).structured_content

    async with connect() as client:
        async with anyio.create_task_group() as group:
            for place, ticker in enumerate(tickers):
                group.start_soon(ask, client, place, ticker)
    assert [answers[place]["ticker"] for place in range(len(tickers))] == tickers
    assert answers[0] == answers[5] == answers[10]
