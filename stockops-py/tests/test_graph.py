"""Graphs of Python functions: how they are built and how they run."""

import asyncio
import contextvars
import gc
import math
import os
import signal
import subprocess
import sys
import threading
import time
import weakref
from pathlib import Path

import pytest
import stockops
from stockops import AgentGraph

STATE = {"seen": "append", "count": "sum", "last": "last"}


def line(*functions, state=STATE, **options):
    """A graph of nodes one after the other, named as their functions, that may write all fields."""
    builder, names = AgentGraph.builder("test", 1, state), []
    for function in functions:
        names.append(function.__name__)
        builder.node(names[-1], function, writes=state, **options)
    for start, to in zip(["start", *names], [*names, "end"]):
        builder.edge(start, to)
    return builder


def step(name):
    return lambda state, context: {"seen": [name]}


def astep(name):
    async def work(state, context):
        await asyncio.sleep(0)
        return {"seen": [name]}

    return work


def test_functions_and_coroutines_share_a_state():
    def one(state, context):
        assert state == {"seen": ["start"], "count": 0, "last": None}
        return {"seen": ["one"], "count": 2}

    async def two(state, context):
        return {"seen": ["two"], "count": 0.5, "last": {"a": [1, None, True, "x"]}}

    def three(state, context):
        return None

    outcome = line(one, two, three).build().start({"seen": ["start"]}).finish()
    assert outcome.is_done and outcome.questions == ()
    assert outcome.state == {"seen": ["start", "one", "two"], "count": 2.5, "last": {"a": [1, None, True, "x"]}}


@pytest.mark.parametrize("step", [step, astep])
def test_a_join_runs_once_and_branches_are_in_the_order_of_the_graph(step):
    builder = AgentGraph.builder("test", 1, STATE)
    for name in "abcde":
        builder.node(name, step(name), writes=["seen"])
    builder.fan_out("start", ["a", "b"]).edge("b", "c").edge("c", "d").join(["a", "d"], "e").edge("e", "end")
    for _ in range(5):
        assert builder.build().start().finish().state["seen"] == ["a", "b", "c", "d", "e"]


def test_functions_side_by_side_overlap():
    both = threading.Barrier(2, timeout=30)

    def meets(state, context):
        both.wait()

    builder = AgentGraph.builder("test", 1, {}).node("a", meets).node("b", meets)
    builder.fan_out("start", ["a", "b"]).join(["a", "b"], "end").build().start().finish()


def test_coroutines_side_by_side_overlap_with_each_other_and_with_a_function():
    met, all_four = {}, threading.Barrier(4, timeout=30)

    def meets(state, context):
        all_four.wait()

    def meeting(name, other):
        async def work(state, context):
            met.setdefault(name, asyncio.Event()).set()
            await met.setdefault(other, asyncio.Event()).wait()
            await asyncio.to_thread(all_four.wait)

        return work

    builder = AgentGraph.builder("test", 1, {}).node("a", meeting("a", "b")).node("b", meeting("b", "a"))
    builder.node("c", meets).node("d", meets).fan_out("start", "abcd").join("abcd", "end").build().start().finish()


def test_a_loop_goes_round_until_its_choice_leaves_it():
    def add(state, context):
        return {"count": 1, "seen": [context.turn]}

    builder = AgentGraph.builder("test", 1, STATE).node("add", add, writes=["count", "seen"]).edge("start", "add")
    builder.choose("add", ["add", "end"], lambda state: "add" if state["count"] < 3 else "end")
    assert builder.build().start().finish().state["seen"] == [1, 2, 3]
    with pytest.raises(stockops.LimitError, match="it took 2 steps and is not at the end") as raised:
        builder.limits(steps=2).build().start().finish()
    assert raised.value.kind == "limit"


def test_several_may_be_chosen():
    builder = AgentGraph.builder("test", 1, STATE)
    for name in "abcd":
        builder.node(name, step(name), writes=["seen"])
    builder.edge("start", "a").choose_many("a", "bcd", lambda state: ["b", "d"]).join("bcd", "end")
    assert builder.build().start().finish().state["seen"] == ["a", "b", "d"]


def test_a_reducer_of_ones_own():
    state = {"best": (max, 0)}
    builder = AgentGraph.builder("test", 1, state)
    for name, value in (("a", 3), ("b", 7), ("c", 5)):
        builder.node(name, lambda state, context, value=value: {"best": value}, writes=["best"])
    builder.fan_out("start", "abc").join("abc", "end")
    assert builder.build().start().finish().state == {"best": 7}
    builder = AgentGraph.builder("test", 1, state).node("a", lambda state, context: {"best": "x"}, writes=["best"])
    with pytest.raises(stockops.NodeError) as raised:
        builder.edge("start", "a").edge("a", "end").build().start().finish()
    assert "the update of `best` does not fit: TypeError: '>' not supported" in str(raised.value.__cause__)


def two_writers():
    builder = AgentGraph.builder("g", 1, STATE).node("a", step("a"), writes=["last"]).node("b", step("b"), writes=["last"])
    return builder.fan_out("start", ["a", "b"]).join(["a", "b"], "end")


def one(**options):
    return AgentGraph.builder("g", 1, STATE).node("a", step("a"), **options).edge("start", "a").edge("a", "end")


@pytest.mark.parametrize(
    ("builder", "name", "text"),
    [
        (lambda: one().edge("a", "b"), "GraphError", "graph `g`: the edge from `a` to `b` names `b`, and there is no such node"),
        (lambda: one().node("b", step("b")).edge("b", "end"), "GraphError", "graph `g`: no path from the start comes to `b`"),
        (lambda: one().node("b", step("b")).edge("a", "b"), "GraphError", "graph `g`: no path from `b` comes to the end"),
        (lambda: one().node("a", step("a")), "GraphError", "graph `g`: there are two of node `a`"),
        (lambda: one(writes=["x"]), "GraphError", "graph `g`: node `a` names the field `x`, and the state has count, last, seen"),
        (two_writers, "GraphError", "graph `g`: `a` and `b` both write `last`, which keeps the last value"),
        (lambda: one(tries=4), "ConfigError", "`tries` must be 1 to 3, got 4"),
        (lambda: one(timeout=0), "ConfigError", "`timeout` must be longer than nothing, got 0 s"),
        (lambda: one(pause=math.nan), "ConfigError", "`pause` must be seconds from 0 on, got NaN"),
        (lambda: one().limits(at_once=0), "ConfigError", "`at_once` must be at least 1, got 0"),
        (lambda: one().settings({1, 2}), "GraphError", "the settings does not fit: set is no JSON value"),
        (lambda: AgentGraph.builder("g", 1, {"a": "most"}), "ConfigError", "the reducer of `a` must be last, append, sum, or"),
    ],
)
def test_a_wrong_graph_is_not_built(builder, name, text):
    with pytest.raises(stockops.StockopsError) as raised:
        builder().build()
    assert type(raised.value).__name__ == name
    assert str(raised.value).startswith(text)


class OutOfPaper(Exception):
    pass


@pytest.mark.parametrize("is_async", [False, True])
def test_what_a_node_raises_is_the_cause(is_async):
    error, tries = OutOfPaper("no paper"), []

    def prints(state, context):
        tries.append(context.attempt)
        raise error

    async def aprints(state, context):
        prints(state, context)

    run = line(aprints if is_async else prints, tries=2, pause=0.01).build().start()
    events = []
    with pytest.raises(stockops.NodeError, match="failed in each of 2 tries") as raised:
        for event in run:
            events.append(event)
    assert raised.value.__cause__ is error
    assert (raised.value.kind, raised.value.tries, tries) == ("node", 2, [1, 2])
    assert [event.kind for event in events] == ["started", "retried", "started", "failed"]
    assert (events[1].problem, events[1].wait_s, events[1].attempt) == ("OutOfPaper: no paper", 0.01, 1)
    with pytest.raises(stockops.CancelledError):
        run.finish()


def test_a_node_stands_in():
    def fails(state, context):
        raise OutOfPaper

    builder = AgentGraph.builder("test", 1, STATE).node("a", fails, otherwise="b").node("b", step("b"), writes=["seen"])
    run = builder.edge("start", "a").edge("a", "end").build().start()
    assert [(event.node, event.kind, event.to) for event in run][1] == ("a", "fell_back", "b")
    assert run.finish().state["seen"] == ["b"]


def test_an_attempt_that_takes_too_long_is_given_up():
    ended = threading.Event()

    async def sleeps(state, context):
        try:
            await asyncio.sleep(60)
        finally:
            ended.set()

    with pytest.raises(stockops.NodeError) as raised:
        line(sleeps, timeout=0.05).build().start().finish()
    assert isinstance(raised.value.__cause__, TimeoutError)
    assert ended.is_set()


def test_a_function_that_takes_too_long_ends_at_its_next_word():
    ended, others = threading.Event(), []

    def talks(state, context):
        if context.attempt == 2:
            assert ended.wait(30)
            return {"seen": ["in time"]}
        try:
            while True:
                time.sleep(0.01)
                if context.cancelled:
                    context.token("too late")
        except Exception as error:
            others.append(error)
        finally:
            ended.set()

    run = line(talks, timeout=0.1, tries=2, pause=0.01).build().start()
    assert "token" not in [event.kind for event in run]
    assert run.finish().state["seen"] == ["in time"]
    assert others == []


@pytest.mark.parametrize(
    ("given", "text"),
    [
        ({"seen": [{1}]}, "the update of `gives` does not fit: set is no JSON value; convert it first"),
        ({"last": math.inf}, "the update of `gives` does not fit: NaN and infinities are no JSON values; give None"),
        ({"last": 2**64}, "the update of `gives` does not fit: an integer has more than 64 bits"),
        ({"last": {1: 2}}, "the update of `gives` does not fit: a key must be a str, got 1"),
        ({"last": "\ud800"}, "the update of `gives` does not fit: a text is no Unicode"),
        ([1], "the update does not fit: it must be a dict of fields or None, got [1]"),
        ({"seen": 3}, "the update of `seen` does not fit: "),
        ({"other": 3}, "`gives` wrote `other`, which is not among the fields that it writes"),
    ],
)
def test_an_update_that_does_not_fit_is_not_tried_again(given, text):
    def gives(state, context):
        return given

    with pytest.raises(stockops.NodeError, match="each of 1 tries") as raised:
        line(gives, tries=3).build().start().finish()
    assert isinstance(raised.value.__cause__, stockops.GraphError)
    assert str(raised.value.__cause__).startswith(text) and raised.value.__cause__.kind == "update"


def test_what_is_nested_for_ever_is_refused():
    def gives(state, context):
        endless = []
        endless.append(endless)
        return {"last": endless}

    with pytest.raises(stockops.NodeError) as raised:
        line(gives).build().start().finish()
    assert "nested more than 100 times" in str(raised.value.__cause__)


def test_numbers_come_back_as_they_were():
    numbers = [0, -1, 2**63, -(2**63), 2**64 - 1, 0.1, -0.0, 1e300, True]

    def gives(state, context):
        return {"last": numbers}

    got = line(gives).build().start().finish().state["last"]
    assert got == numbers and [type(number) for number in got] == [type(number) for number in numbers]


def test_a_choice_that_fails_or_chooses_what_there_is_not():
    def a(state, context):
        return None

    def fails(state):
        raise OutOfPaper

    builder = AgentGraph.builder("test", 1, {}).node("a", a, tries=3).edge("start", "a")
    with pytest.raises(stockops.NodeError, match="each of 1 tries") as raised:
        builder.choose("a", ["a", "end"], fails).build().start().finish()
    assert isinstance(raised.value.__cause__, OutOfPaper)
    builder = AgentGraph.builder("test", 1, {}).node("a", a).edge("start", "a").choose("a", ["a", "end"], lambda state: "b")
    with pytest.raises(stockops.NodeError) as raised:
        builder.build().start().finish()
    assert "the choice after `a` chose b, and may choose" in str(raised.value.__cause__)


def test_an_async_function_that_hides_is_named():
    async def a(state, context):
        return None

    with pytest.raises(stockops.NodeError) as raised:
        AgentGraph.builder("g", 1, {}).node("a", lambda *given: a(*given)).edge("start", "a").edge("a", "end").build().start().finish()
    assert "make it a function of `async def`" in str(raised.value.__cause__)


def test_what_is_told_comes_in_order():
    def tells(state, context):
        context.token("a")
        context.emit({"b": [1]})

    async def atells(state, context):
        context.token("c")
        context.emit(None)

    events = list(line(tells, atells).build().start())
    assert [event.sequence for event in events] == list(range(1, len(events) + 1))
    told = [(event.node, event.text, event.value) for event in events if event.kind in ("token", "emitted")]
    assert told == [("tells", "a", None), ("tells", None, {"b": [1]}), ("atells", "c", None), ("atells", None, None)]


@pytest.mark.parametrize("is_async", [False, True])
def test_tokens_are_reserved_before_they_are_spent(is_async):
    def first(state, context):
        context.reserve(60).spent(50)
        with pytest.raises(stockops.LimitError, match="60 tokens were to be reserved and 50 are left"):
            context.reserve(60)
        context.reserve(50)
        context.reserve(1)

    async def afirst(state, context):
        (await context.reserve(60)).spent(50)
        with pytest.raises(stockops.LimitError, match="60 tokens were to be reserved and 50 are left"):
            await context.reserve(60)
        await context.reserve(50)
        await context.reserve(1)

    with pytest.raises(stockops.NodeError, match="each of 1 tries") as raised:
        line(afirst if is_async else first, tries=3).limits(tokens=100).build().start().finish()
    assert isinstance(raised.value.__cause__, stockops.LimitError)


def test_nodes_see_the_contextvars_of_who_began():
    who = contextvars.ContextVar("who", default="nobody")

    def a(state, context):
        return {"seen": [who.get()]}

    async def b(state, context):
        return {"seen": [who.get()]}

    graph = line(a, b).build()
    who.set("me")
    assert graph.start().finish().state["seen"] == ["me", "me"]


# --- event loops


def test_awaited_coroutines_are_tasks_of_the_loop_that_waits():
    loops = []

    async def a(state, context):
        loops.append(asyncio.get_running_loop())

    def b(state, context):
        return {"seen": [threading.current_thread() is threading.main_thread()]}

    async def main():
        loops.append(asyncio.get_running_loop())
        run = line(a, b).build().astart()
        kinds = [event.kind async for event in run]
        return kinds, (await run).state["seen"]

    assert asyncio.run(main()) == (["started", "finished", "started", "finished", "done"], [False])
    assert loops[0] is loops[1]


def test_a_run_without_await_works_where_a_loop_runs_already():
    async def a(state, context):
        await asyncio.sleep(0.01)
        return {"seen": ["a"]}

    async def cell():
        return line(a).build().start().finish().state["seen"]

    assert asyncio.run(cell()) == ["a"]


@pytest.mark.parametrize("listens", [False, True])
def test_to_cancel_who_waits_stops_the_nodes(listens):
    told = []

    async def a(state, context):
        try:
            told.append("begun")
            await asyncio.sleep(60)
        except asyncio.CancelledError:
            await asyncio.sleep(0.01)
            told.append("ended")
            raise

    async def waits():
        run = line(a).build().astart()
        if not listens:
            return await run
        async for _ in run:
            pass

    async def main():
        task = asyncio.create_task(waits())
        while not told:
            await asyncio.sleep(0.01)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        return list(told), len(asyncio.all_tasks())

    assert asyncio.run(main()) == (["begun", "ended"], 1)


def test_many_awaited_runs_go_side_by_side():
    async def a(state, context):
        return {"count": await asyncio.to_thread(lambda: 1)}

    async def main():
        graph = line(a).build()
        return sum(outcome.state["count"] for outcome in await asyncio.gather(*(graph.astart() for _ in range(50))))

    assert asyncio.run(main()) == 50


def test_a_run_is_stopped_from_another_thread():
    async def a(state, context):
        await asyncio.sleep(60)

    run = line(a).build().start()
    threading.Timer(0.05, run.cancel).start()
    with pytest.raises(stockops.CancelledError, match="a thread with a store can be resumed") as raised:
        run.finish()
    assert raised.value.kind == "cancelled"


def test_to_leave_early_ends_the_nodes():
    ended = threading.Event()

    async def a(state, context):
        try:
            context.token("x")
            await asyncio.sleep(60)
        finally:
            ended.set()

    with line(a).build().start() as run:
        for event in run:
            if event.kind == "token":
                break
    assert ended.is_set()


@pytest.mark.parametrize("way", ["function", "coroutine", "awaited"])
def test_ctrl_c_stops_a_run(way):
    ended = threading.Event()

    def interrupt():
        signal.pthread_kill(threading.main_thread().ident, signal.SIGINT)

    async def acoroutine(state, context):
        try:
            interrupt()
            await asyncio.sleep(60)
        finally:
            ended.set()

    def function(state, context):
        interrupt()
        while not context.cancelled:
            time.sleep(0.01)
        ended.set()

    graph = line(function if way == "function" else acoroutine).build()
    with pytest.raises(KeyboardInterrupt):
        if way == "awaited":
            asyncio.run(graph.astart().finish())
        graph.start().finish()
    assert ended.wait(30)


ABANDONED = """
import sys, time, asyncio, stockops

def function(state, context):
    context.token("x")
    context.once("e", lambda: time.sleep(600))

async def coroutine(state, context):
    context.token("x")
    await asyncio.sleep(600)

def asks(state, context):
    context.token("x")
    context.ask("?")

def late(state, context):
    context.token("x")
    time.sleep(0.02)
    context.token("y")

builder = stockops.AgentGraph.builder("g", 1, {}).node("a", globals()[sys.argv[1]]).edge("start", "a").edge("a", "end")
run = builder.build().start(thread="t", store=stockops.Checkpoints())
for event in run:
    if event.kind == "token":
        break
print("end")
"""


@pytest.mark.parametrize("node", ["function", "coroutine", "asks", "late"])
def test_a_run_that_is_left_holds_up_no_end_of_the_program(node):
    path = os.pathsep.join([str(Path(stockops.__file__).parents[1]), os.environ.get("PYTHONPATH", "")])
    command = [sys.executable, "-c", ABANDONED, node]
    ended = subprocess.run(command, env=os.environ | {"PYTHONPATH": path}, capture_output=True, text=True, timeout=120)
    assert (ended.returncode, ended.stdout, ended.stderr) == (0, "end\n", "")


def test_what_a_node_must_not_raise_ends_neither_loop_nor_thread():
    async def exits(state, context):
        raise SystemExit(3)

    with pytest.raises(stockops.NodeError, match="each of 1 tries") as raised:
        line(exits, tries=3).build().start().finish()
    assert isinstance(raised.value.__cause__, SystemExit)


def test_a_hundred_runs_leave_nothing_behind():
    class Kept:
        pass

    kept = []

    async def a(state, context):
        context.token("x")

    def b(state, context):
        one = Kept()
        kept.append(weakref.ref(one))
        return {"seen": [context.once("e", lambda: str(one)[:1])]}

    def run(number):
        run = line(a, b).build().start()
        if number % 3 == 0:
            next(run)
            run.close()
        elif number % 3 == 1:
            list(run)
        else:
            run.finish()

    def counted():
        gc.collect()
        return len(os.listdir("/proc/self/task")), len(os.listdir("/proc/self/fd"))

    for number in range(6):
        run(number)
    before = counted()
    for number in range(100):
        run(number)
    for _ in range(200):
        if counted()[0] <= before[0] and counted()[1] <= before[1]:
            break
        time.sleep(0.1)
    after = counted()
    assert after[0] <= before[0] and after[1] <= before[1], (before, after)
    assert not [one for one in kept if one() is not None]
