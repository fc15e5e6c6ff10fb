"""The tools, by the official client: their shapes, their answers and their errors."""

import json

import pytest
from conftest import files
from jsonschema import Draft202012Validator
from mcp import MCPError

pytestmark = pytest.mark.anyio

READ_ONLY = ["check_bars", "forecast", "risk", "backtest", "drift", "report", "models"]


def stated(value, path=""):
    """Every number that is forecast, with where it stands."""
    if isinstance(value, dict):
        if "value" in value:
            yield path, value
        for key, inner in value.items():
            yield from stated(inner, f"{path}/{key}")
    elif isinstance(value, list):
        for inner in value:
            yield from stated(inner, path)


async def called(client, name, **arguments):
    """The text and the structured answer, held against the shape that the tool promised."""
    tools = {tool.name: tool for tool in (await client.list_tools()).tools}
    Draft202012Validator(tools[name].input_schema).validate(arguments)
    result = await client.call_tool(name, arguments)
    assert not result.is_error, result.content[0].text
    Draft202012Validator(tools[name].output_schema).validate(result.structured_content)
    return result.content[0].text, result.structured_content


async def refused(client, name, **arguments):
    """What a tool says where it has no answer."""
    result = await client.call_tool(name, arguments)
    assert result.is_error and result.structured_content is None
    return result.content[0].text


async def test_tools_are_few_and_their_shapes_are_ones_that_every_host_takes(connect):
    async with connect("--allow-training") as client:
        tools = (await client.list_tools()).tools
    assert [tool.name for tool in tools] == [*READ_ONLY, "train"]
    for tool in tools:
        assert tool.title and 40 < len(tool.description) < 1024
        assert tool.annotations.read_only_hint == (tool.name != "train")
        assert tool.annotations.destructive_hint is False
        for shape in [tool.input_schema, tool.output_schema]:
            Draft202012Validator.check_schema(shape)
            assert shape["type"] == "object" and shape["properties"]
            assert not any(word in json.dumps(shape) for word in ["$ref", "$defs", "definitions"])
        for field in tool.input_schema["properties"].values():
            assert field["type"] in ["string", "integer", "boolean", "array"], "flat"
            assert "null" not in json.dumps(field)


async def test_without_leave_there_is_no_training(connect, home):
    async with connect() as client:
        assert [tool.name for tool in (await client.list_tools()).tools] == READ_ONLY
        text = await refused(client, "train", ticker="AMZN")
    assert "--allow-training" in text and not home.exists()


async def test_every_number_that_is_forecast_has_its_interval_and_its_skill(connect, home):
    async with connect() as client:
        text, answer = await called(client, "forecast", ticker="AMZN")
    assert answer["model_version"] == "^GSPC@0" and len(answer["sessions"]) == 5
    numbers = list(stated(answer["sessions"]))
    assert len(numbers) == 5 * 5
    for path, number in numbers:
        for low, high in [number["interval_80"], number["interval_90"]]:
            assert low < number["value"] < high, path
        assert -1 < number["skill"] < 1 and number["best_rule"], path
    outlook = answer["outlook"]
    low, high = outlook["width_80"]
    assert 0 < low < outlook["width"] < high and outlook["usual_width"] > 0 and -1 < outlook["width_skill"] < 1
    assert answer["trust"]["judged_forecasts"] > 60
    assert {row["field"] for row in answer["trust"]["skill"]} == {"close", "volume", "range"}
    for word in ["90 % from", "How far to trust it", "Direction: "]:
        assert word in text, text
    assert not home.exists(), "a question leaves nothing behind"


async def test_risk_says_how_it_was_kept(connect):
    async with connect() as client:
        text, answer = await called(client, "risk", ticker="AMZN", levels=[3000, 3300.5], horizon=3)
        assert [until["sessions_ahead"] for until in answer["sessions"]] == [1, 2, 3]
        for until in answer["sessions"]:
            assert 0 < until["value_at_risk_95"] < until["value_at_risk_99"] < until["expected_shortfall_99"] < 1
            assert 0 <= until["kept"]["exceeded_95"] < 0.2 and until["kept"]["judged_forecasts"] > 20
        assert [level["price"] for level in answer["levels"]] == [3000, 3300.5]
        assert all(level["touch"] >= 0 and level["touch_skill"] is not None for level in answer["levels"])
        assert "held-out days" in text
        assert "must be a price above 0, got -5" in await refused(client, "risk", ticker="AMZN", levels=[-5])
        assert "horizon" in await refused(client, "risk", ticker="AMZN", horizon=99)


async def test_drift_report_and_models_answer_with_trust_beside(connect, home):
    async with connect() as client:
        text, answer = await called(client, "drift", ticker="AMZN")
        assert answer["health"] in ["Healthy", "Degraded", "Critical"] and answer["tests"]
        assert answer["trust"]["skill"] and "retrain" in text
        text, answer = await called(client, "report", ticker="AMZN")
        assert answer["markdown"] == text and text.startswith("# AMZN") and "## The model's record" in text
        assert answer["chart"] == "stockops://forecast/AMZN.svg" and answer["trust"]["skill"]
        text, answer = await called(client, "models")
        assert answer["shipped"] == answer["parent"] == "^GSPC@0" and answer["versions"] == []
        assert "train one" in await refused(client, "models", ticker="AMZN")
    assert not home.exists(), "a look at drift keeps nothing here"


async def test_bars_are_checked_by_file_and_by_ticker(connect, root):
    async with connect() as client:
        text, answer = await called(client, "check_bars", file="good.csv", ticker="TEST")
        assert answer["rows_read"] == 40 and answer["dates"] == "YYYY-MM-DD"
        assert "zero_volume" in [found["kind"] for found in answer["findings"]]
        assert "understood as" in text
        _, answer = await called(client, "check_bars", file=str(root / "good.csv"))
        assert answer["rows_kept"] == 40
        _, answer = await called(client, "check_bars", ticker="IBM")
        assert answer["ticker"] == "IBM" and answer["rows_kept"] > 3000
        assert "name a `file`, or a `ticker`" in await refused(client, "check_bars")


async def test_no_file_outside_is_read_and_none_is_told_to_exist(connect, root, tmp_path):
    async with connect() as client:
        texts = set()
        outside = ["../beside.csv", str(tmp_path / "beside.csv"), "link.csv", "/etc/passwd", "nothing.csv", ".", "/dev/zero"]
        for file in outside:
            texts.add((await refused(client, "check_bars", file=file)).replace(f"`{file}`", "*"))
    assert texts == {f"no file * below {root}; name one there, as a path from that folder"}


async def test_wrong_calls_are_errors_of_the_protocol_and_wrong_words_are_told_by_the_tool(connect):
    async with connect() as client:
        for name, arguments, words in [
            ("buy", {}, "no tool named `buy`; there are check_bars, forecast"),
            ("forecast", {}, "missing field `ticker`"),
            ("forecast", {"ticker": "AMZN", "days": 3}, "unknown field `days`"),
            ("forecast", {"ticker": ["AMZN"]}, "expected a string"),
            ("risk", {"ticker": "AMZN", "levels": "many"}, "expected a sequence"),
            ("backtest", {"ticker": "AMZN", "strategy": "deep"}, "expected one of"),
        ]:
            with pytest.raises(MCPError) as error:
                await client.call_tool(name, arguments)
            assert error.value.error.code == -32602 and words in error.value.error.message
        assert "is not a ticker" in await refused(client, "forecast", ticker="no such thing")
        assert "bars named NOBODY; there are ^GSPC, AMZN" in await refused(client, "forecast", ticker="NOBODY")
        assert "name a `ticker` to begin" in await refused(client, "backtest")
        assert "and not both" in await refused(client, "backtest", ticker="AMZN", task="backtest-1")
        assert "there is none yet" in await refused(client, "backtest", task="backtest-1")
        # And the server is as good as before.
        await called(client, "forecast", ticker="AMZN")


async def test_a_version_is_trained_by_a_task_and_forecasts_then(connect, home):
    async with connect("--allow-training") as client:
        text, answer = await called(client, "train", ticker="AMZN", epochs=1, history=600)
        assert answer["task"]["id"] == "train-1" and answer["task"]["state"] == "running" and answer["result"] is None
        assert '{"task": "train-1"}' in text
        while answer["task"]["state"] == "running":
            text, answer = await called(client, "train", task="train-1")
        assert answer["result"]["version"] == "AMZN@1" and answer["result"]["champion"], answer
        assert answer["result"]["trust"]["judged_forecasts"] > 0 and "AMZN@1 (freeze) forecasts from now on" in text
        _, answer = await called(client, "models", ticker="AMZN")
        assert answer["versions"][0]["version"] == "AMZN@1" and answer["versions"][0]["trust"]["skill"]
        before = files(home)
        _, answer = await called(client, "forecast", ticker="AMZN")
        assert answer["model_version"] == "AMZN@1"
        await called(client, "drift", ticker="AMZN")
        assert files(home) == before, "questions change nothing"


async def test_a_training_is_stopped_by_its_name(connect, home):
    async with connect("--allow-training") as client:
        await called(client, "train", ticker="AMZN", strategy="scratch")
        text, answer = await called(client, "train", task="train-1", stop=True)
        assert answer["task"]["state"] == "stopped" and "nothing was written" in text
        _, answer = await called(client, "models")
        assert answer["versions"] == []


async def test_a_backtest_answers_or_names_its_task(connect):
    async with connect() as client:
        text, answer = await called(client, "backtest", ticker="MSFT", strategy="zero-shot")
        while answer["task"]["state"] == "running":
            text, answer = await called(client, "backtest", task=answer["task"]["id"])
        result = answer["result"]
        assert result["judged_forecasts"] > 60 and result["folds"] == 4
        close = next(row for row in result["scores"] if (row["field"], row["sessions_ahead"]) == ("close", 1))
        assert close["skill"] is not None and 0.5 < close["coverage_90"] <= 1
        assert result["verdict"] in text
