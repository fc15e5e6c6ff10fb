"""The wire itself, without the client's help: what stands on standard output, and how the server ends."""

import json
import os
import subprocess
import time

import pytest
from conftest import PROGRAM, arguments

INITIALIZE = {
    "protocolVersion": "2025-06-18",
    "capabilities": {},
    "clientInfo": {"name": "test", "version": "1"},
}


class Wire:
    """A server, spoken to line by line."""

    def __init__(self, home, cwd, *more):
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
        environment = {**os.environ, "RUST_BACKTRACE": "1", "RUST_LOG": "trace"}
        call = [PROGRAM, *arguments(home, *more)]
        self.process = subprocess.Popen(call, cwd=cwd, text=True, env=environment, **pipes)
        self.count = 0

    def write(self, line):
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()

    def ask(self, method, **params):
        """The answer to a request; every line on the way must be a message."""
        self.count += 1
        self.write(json.dumps({"jsonrpc": "2.0", "id": self.count, "method": method, "params": params}))
        while True:
            message = json.loads(self.process.stdout.readline())
            assert message["jsonrpc"] == "2.0"
            if message.get("id") == self.count:
                return message

    def begin(self):
        answer = self.ask("initialize", **INITIALIZE)
        self.write(json.dumps({"jsonrpc": "2.0", "method": "notifications/initialized"}))
        return answer["result"]

    def call(self, name, **arguments):
        return self.ask("tools/call", name=name, arguments=arguments)["result"]

    def end(self):
        """Close, and what was still on the way."""
        out, err = self.process.communicate(timeout=30)
        return self.process.returncode, out, err


@pytest.fixture
def wire(home, tmp_path):
    started = []

    def start(*more):
        started.append(Wire(home, tmp_path, *more))
        return started[-1]

    yield start
    for one in started:
        one.process.kill()
        one.process.wait()


def test_nothing_but_messages_stands_on_standard_output(wire):
    server = wire("--verbose", "--allow-training")
    info = server.begin()
    assert info["serverInfo"]["name"] == "stockops" and info["protocolVersion"] == "2025-06-18"
    server.call("forecast", ticker="AMZN")
    server.call("forecast", ticker="NOBODY")
    server.call("train", ticker="MSFT", strategy="zero-shot")
    while server.call("train", task="train-1")["structuredContent"]["task"]["state"] == "running":
        pass
    assert server.ask("no/such/method")["error"]["code"] == -32601
    code, out, _ = server.end()
    assert code == 0 and out == ""


def test_lines_that_are_no_messages_break_nothing(wire):
    server = wire()
    server.begin()
    for line in ["", "no json", "{", "[]", '{"jsonrpc": "2.0"}', '{"id": 7}', "\x00", '{"jsonrpc":"2.0","id":1e400,"method":"x"}']:
        server.write(line)
    answer = server.call("models")
    assert not answer["isError"]
    code, out, _ = server.end()
    assert code == 0 and all(json.loads(line)["jsonrpc"] == "2.0" for line in out.splitlines())


def test_the_server_ends_with_its_client_also_in_the_middle_of_a_training(wire, home):
    server = wire("--allow-training")
    server.begin()
    server.call("train", ticker="AMZN", strategy="scratch")
    code, out, _ = server.end()
    assert (code, out) == (0, "")
    assert versions(home) == []


def test_who_closes_before_a_word_gets_a_quiet_end(wire):
    code, out, _ = wire().end()
    assert (code, out) == (0, "")


def test_a_server_that_is_killed_in_a_training_leaves_no_half_version(wire, home):
    server = wire("--allow-training")
    server.begin()
    server.call("train", ticker="MSFT", strategy="scratch")
    time.sleep(0.5)
    server.process.kill()
    server.process.wait()
    assert versions(home) == []
    server = wire("--allow-training")
    server.begin()
    server.call("train", ticker="MSFT", strategy="zero-shot")
    while server.call("train", task="train-1")["structuredContent"]["task"]["state"] == "running":
        pass
    assert versions(home) == [1]


def versions(home):
    listed = subprocess.run([PROGRAM, "models", "list", "--home", home, "--json"], capture_output=True, text=True, check=True)
    return [version["version"] for version in json.loads(listed.stdout)["versions"]]


def test_a_folder_that_is_not_there_is_told_at_the_start(home, tmp_path):
    call = [PROGRAM, *arguments(home, "--root", tmp_path / "nowhere")]
    done = subprocess.run(call, capture_output=True, text=True, stdin=subprocess.DEVNULL)
    assert done.returncode == 2 and done.stdout == "" and "name a folder" in done.stderr
