"""The same over HTTP: by the official client, and by hand what a page of somebody else would send."""

import http.client
import json
import subprocess
import threading

import anyio
import pytest
from conftest import PROGRAM, arguments
from mcp import Client

LIST = json.dumps({"jsonrpc": "2.0", "id": 1, "method": "tools/list", "params": {}})
HEADERS = {"Content-Type": "application/json", "Accept": "application/json, text/event-stream"}


@pytest.fixture
def port(home, root):
    """A server on a port that the system chose."""
    call = [PROGRAM, *arguments(home, "--root", root, "--http", "127.0.0.1:0", "--allowed-host", "stockops.example")]
    process = subprocess.Popen(call, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    yield int(process.stderr.readline().rsplit(":", 1)[1])
    process.kill()
    out, _ = process.communicate()
    assert out == ""


def send(port, body=LIST, method="POST", **headers):
    """Status and body of one request, with these headers over the right ones; None leaves one out."""
    headers = {**HEADERS, "Host": f"127.0.0.1:{port}", **{name.replace("_", "-"): value for name, value in headers.items()}}
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    connection.putrequest(method, "/mcp", skip_host=True, skip_accept_encoding=True)
    for name, value in headers.items():
        if value is not None:
            connection.putheader(name, value)
    body = body.encode()
    connection.putheader("Content-Length", str(len(body)))
    connection.endheaders(body)
    reply = connection.getresponse()
    return reply.status, reply.read().decode()


def test_a_request_by_hand_is_answered_with_json(port):
    status, body = send(port)
    assert status == 200 and len(json.loads(body)["result"]["tools"]) == 7
    for host in ["localhost", f"LOCALHOST:{port}", "[::1]", "stockops.example"]:
        assert send(port, Host=host)[0] == 200, host


def test_a_name_that_is_not_ours_and_a_page_of_somebody_else_are_refused(port):
    for host in ["evil.example", f"evil.example:{port}", "127.0.0.1.evil.example"]:
        assert send(port, Host=host)[0] == 403, host
    assert send(port, Host=None)[0] == 400
    for origin in ["http://evil.example", "null"]:
        assert send(port, Origin=origin)[0] == 403, origin
    assert send(port, Origin=f"http://127.0.0.1:{port}")[0] == 200


def test_what_is_no_message_is_told(port):
    for method in ["GET", "DELETE", "PUT"]:
        assert send(port, method=method)[0] == 405
    assert send(port, Content_Type="text/plain")[0] == 415
    assert send(port, Accept="application/json")[0] == 406
    status, body = send(port, body="{")
    assert status == 400 and json.loads(body)["error"]["code"] == -32700
    assert send(port, body=json.dumps({"jsonrpc": "2.0", "method": "notifications/initialized"})) == (202, "")
    assert send(port, body="x" * (2 << 20))[0] == 413
    assert send(port, Mcp_Protocol_Version="1999-01-01")[0] == 400
    status, body = send(port, Mcp_Method="tools/call")
    assert status == 400 and json.loads(body)["error"]["code"] == -32020
    unknown = json.dumps({"jsonrpc": "2.0", "id": 9, "method": "no/such", "params": {}})
    status, body = send(port, body=unknown)
    assert status == 200 and json.loads(body) == {"jsonrpc": "2.0", "id": 9, "error": {"code": -32601, "message": "no/such"}}


@pytest.mark.anyio
@pytest.mark.parametrize("mode", ["legacy", "auto"])
async def test_the_official_client_gets_the_same_answers(port, mode):
    told = []

    async def listen(progress, total, message):
        told.append(message)

    async with Client(f"http://127.0.0.1:{port}/mcp", mode=mode) as client:
        assert [tool.name for tool in (await client.list_tools()).tools][0] == "check_bars"
        answer = await client.call_tool("risk", {"ticker": "AMZN"}, progress_callback=listen)
        assert not answer.is_error and answer.structured_content["sessions"][0]["kept"]
        assert told == ["bars", "forecast", "risk"]
        answer = await client.call_tool("check_bars", {"file": "../beside.csv"})
        assert answer.is_error
        chart = (await client.read_resource("stockops://forecast/AMZN.svg")).contents[0].text
        assert chart.startswith("<svg")
        assert (await client.get_prompt("brief", {"ticker": "AMZN"})).messages


@pytest.mark.anyio
async def test_a_client_that_leaves_ends_its_backtest(port):
    async with Client(f"http://127.0.0.1:{port}/mcp") as client:
        with anyio.move_on_after(2):
            await client.call_tool("backtest", {"ticker": "AMZN", "strategy": "scratch"})
    async with Client(f"http://127.0.0.1:{port}/mcp") as client:
        with anyio.fail_after(30):
            answer = await client.call_tool("backtest", {"task": "backtest-1"})
        assert answer.structured_content["task"]["state"] == "stopped"


def test_many_at_once_are_answered(port):
    call = json.dumps({"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": "forecast", "arguments": {"ticker": "IBM"}}})
    replies = []
    threads = [threading.Thread(target=lambda: replies.append(send(port, body=call))) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    # What took longer came as an event.
    answers = {body.removeprefix("event: message\ndata: ").strip() for status, body in replies if status == 200}
    assert len(replies) == 20 and len(answers) == 1
