"""Graphs of Python functions: what is kept, what is asked, and that nothing is done twice."""

import asyncio
import collections
import os
import re
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
import stockops
from stockops import AgentGraph, Checkpoints

STATE = {"seen": "append", "count": "sum"}


@pytest.fixture(params=["memory", "folder"])
def store(request, tmp_path):
    return Checkpoints() if request.param == "memory" else Checkpoints(tmp_path / "home", "graphs")


def counted(counts, name, is_async):
    """A node of which each turn is counted, and that does something once."""

    def effect():
        counts[f"effect of {name}"] += 1

    def work(state, context):
        counts[name, context.turn] += 1
        context.once("effect", effect)
        return {"seen": [name]}

    async def awork(state, context):
        counts[name, context.turn] += 1
        await context.once("effect", effect)
        await asyncio.sleep(0)
        return {"seen": [name]}

    return awork if is_async else work


def four(counts, is_async=False):
    """a, then b and c side by side, b twice, then d."""
    builder = AgentGraph.builder("test", 1, STATE)
    for name in "abcd":
        builder.node(name, counted(counts, name, is_async), writes=["seen"])
    builder.edge("start", "a").fan_out("a", "bc").edge("c", "d").edge("d", "end")
    return builder.choose("b", ["b", "d"], lambda state: "b" if len(state["seen"]) < 3 else "d").limits(at_once=1).build()


TURNS = [("a", 1), ("b", 1), ("b", 2), ("c", 1), ("d", 1)]
EFFECTS = {"effect of a": 1, "effect of b": 2, "effect of c": 1, "effect of d": 1}
ONCE = EFFECTS | dict.fromkeys(TURNS, 1)


# The three classic bugs of such engines.


@pytest.mark.parametrize("is_async", [False, True])
@pytest.mark.parametrize("stop", range(1, 6))
def test_what_a_checkpoint_holds_is_not_done_again(store, stop, is_async):
    counts = collections.Counter()
    graph, kept, done = four(counts, is_async), 0, []
    with graph.start(thread="t", store=store) as run:
        for event in run:
            kept += event.kind == "checkpointed"
            done += [(event.node, event.turn)] if event.kind == "finished" else []
            if kept == stop:
                break
    state = graph.resume("t", store=store).finish().state
    assert sorted(state["seen"]) == ["a", "b", "b", "c", "d"]
    assert len(done) == stop and all(counts[turn] == 1 for turn in done)
    # One that is under way runs again, and what it did stays done.
    assert all(counts[turn] in (1, 2) for turn in TURNS)
    assert {name: counts[name] for name in EFFECTS} == EFFECTS


def test_a_run_keeps_the_same_whether_somebody_listens_or_not(store):
    looked = []
    for listens in (False, True):
        counts = collections.Counter()
        run = four(counts).start(thread=f"t{listens}", store=store)
        kept = sum(event.kind == "checkpointed" for event in run) if listens else 5
        assert kept == 5 and run.finish().is_done
        assert counts == ONCE
        looked.append(store.look(f"t{listens}"))
    assert looked[0] == looked[1] and looked[0]["steps"] == 5 and looked[0]["at"] == ["end"]


def test_a_thread_that_is_done_runs_nothing_again(store):
    counts = collections.Counter()
    graph = four(counts)
    state = graph.start(thread="t", store=store).finish().state
    again = graph.resume("t", store=store)
    assert [event.kind for event in again] == ["done"]
    assert again.finish().state == state and counts == ONCE


# Effects.


def one(function, **options):
    builder = AgentGraph.builder("one", 1, STATE).node("a", function, writes=STATE, **options)
    return builder.edge("start", "a").edge("a", "end").build()


@pytest.mark.parametrize("is_async", [False, True])
def test_an_effect_is_not_repeated_by_a_retry_unless_it_failed(is_async):
    counts = collections.Counter()

    def works():
        counts["works"] += 1
        return 7

    def fails_first():
        counts["fails first"] += 1
        if counts["fails first"] < 2:
            raise OSError("not yet")

    def a(state, context):
        number = context.once("works", works)
        context.once("fails first", fails_first)
        if context.attempt < 3:
            raise OSError("once more")
        return {"count": number}

    async def aworks():
        return works()

    async def aa(state, context):
        number = await context.once("works", aworks)
        await context.once("fails first", fails_first)
        if context.attempt < 3:
            raise OSError("once more")
        return {"count": number}

    assert one(aa if is_async else a, tries=3, pause=0.01).start().finish().state["count"] == 7
    assert counts == {"works": 1, "fails first": 2}


def test_an_effect_that_is_asked_for_twice_at_once_is_done_once():
    done = []

    async def effect():
        done.append(1)
        await asyncio.sleep(0.05)
        return len(done)

    async def a(state, context):
        return {"seen": await asyncio.gather(*(context.once("e", effect) for _ in range(3)))}

    assert one(a).start().finish().state["seen"] == [1, 1, 1]
    assert done == [1]


def test_an_effect_that_is_cancelled_before_it_begins_holds_up_nobody():
    async def slow():
        await asyncio.sleep(0.05)
        return "slow"

    async def a(state, context):
        first = asyncio.create_task(context.once("e", slow))
        await asyncio.sleep(0)
        second = asyncio.create_task(context.once("e", slow))
        await asyncio.sleep(0.01)
        second.cancel()
        return {"seen": [await first, await context.once("e", slow), await context.once("other", slow)]}

    assert one(a).start().finish().state["seen"] == ["slow"] * 3


def test_an_effect_that_has_no_json_is_an_error():
    def a(state, context):
        context.once("e", lambda: {1})

    with pytest.raises(stockops.NodeError) as raised:
        one(a).start().finish()
    assert str(raised.value.__cause__) == "the result of `e` does not fit: set is no JSON value; convert it first"


def test_an_effect_that_is_under_way_when_the_run_is_left_is_noted(store):
    begun, goes_on, counts = threading.Event(), threading.Event(), collections.Counter()

    def effect():
        counts["effect"] += 1
        begun.set()
        assert goes_on.wait(30)
        return counts["effect"]

    def a(state, context):
        counts["a"] += 1
        return {"count": context.once("e", effect)}

    graph = one(a)
    run = graph.start(thread="t", store=store)
    next(run)
    assert begun.wait(30)
    run.close()
    threading.Timer(0.2, goes_on.set).start()
    assert graph.resume("t", store=store).finish().state["count"] == 1
    assert counts == {"a": 2, "effect": 1}


def test_what_a_node_gives_away_does_not_hold_its_thread(store):
    given = []

    def a(state, context):
        first, second = context.reserve(5), context.reserve(5)
        first.spent(2)
        given.extend([context, first, second])
        return {"count": context.ask("how many?")}

    graph = one(a)
    graph.start(thread="t", store=store).finish()
    assert graph.resume("t", store=store, answers={"a": 3}).finish().state["count"] == 3
    assert store.look("t")["tokens"] == 2 * (2 + 5)
    context = given[0]
    assert (context.node, context.turn, context.attempt, context.thread, context.cancelled) == ("a", 1, 1, "t", True)
    assert context.key("k") == given[3].key("k") == "one/t/a.1/a/k"
    for word in (lambda: context.token("x"), lambda: context.emit(1)):
        with pytest.raises(asyncio.CancelledError):
            word()
    for wait in (lambda: context.once("e", print), lambda: context.ask("x"), lambda: context.reserve(1)):
        with pytest.raises((stockops.CancelledError, asyncio.CancelledError)):
            wait()


def test_two_runs_do_not_have_one_thread(store):
    def a(state, context):
        context.token("x")
        while not context.cancelled:
            time.sleep(0.01)

    graph = one(a)
    with graph.start(thread="t", store=store) as run:
        next(run)
        with pytest.raises(stockops.BusyError):
            graph.resume("t", store=store).finish()


# Questions.


def asking(is_async=False):
    def ask(name):
        def work(state, context):
            return {"seen": [f"{name} {context.ask({'which': name})}", context.ask("why", about="more")]}

        async def awork(state, context):
            return {"seen": [f"{name} {await context.ask({'which': name})}", await context.ask("why", about="more")]}

        return awork if is_async else work

    builder = AgentGraph.builder("asking", 1, STATE)
    builder.node("a", ask("a"), writes=["seen"]).node("b", ask("b"), writes=["seen"])
    builder.node("c", lambda state, context: {"count": 1}, writes=["count"])
    return builder.fan_out("start", "abc").join("abc", "end").build()


@pytest.mark.parametrize("is_async", [False, True])
@pytest.mark.parametrize("order", [("a", "b"), ("b", "a")])
def test_two_questions_are_answered_in_either_order_and_asked_once(store, order, is_async):
    graph = asking(is_async)
    run = graph.start(thread="t", store=store)
    asked = [event.question.id for event in run if event.kind == "interrupted"]
    assert sorted(asked) == ["a", "b"]
    outcome = run.finish()
    assert not outcome.is_done and outcome.state is None
    assert [(question.id, question.question) for question in outcome.questions] == [("a", {"which": "a"}), ("b", {"which": "b"})]
    assert [one["id"] for one in store.look("t")["questions"]] == ["a", "b"]
    first = graph.resume("t", store=store, answers={order[0]: 1})
    assert [event.question.id for event in first if event.kind == "interrupted"] == [f"{order[0]}/more"]
    rest = {order[1]: 2, f"{order[0]}/more": "because"}
    outcome = graph.resume("t", store=store, answers=rest).finish()
    assert [question.id for question in outcome.questions] == [f"{order[1]}/more"]
    state = graph.resume("t", store=store, answers={f"{order[1]}/more": None}).finish().state
    answers = {order[0]: ["1", "because"], order[1]: ["2", None]}
    assert state == {"count": 1, "seen": ["a " + answers["a"][0], answers["a"][1], "b " + answers["b"][0], answers["b"][1]]}


def test_a_node_that_only_asks(store):
    builder = AgentGraph.builder("ask", 1, {"text": "last", "yes": "last"})
    builder.ask("approve", "yes", lambda state: f"Publish {state['text']}?").edge("start", "approve").edge("approve", "end")
    graph = builder.build()
    assert 'n0[/"approve"/]' in graph.to_mermaid()
    (question,) = graph.start({"text": "it"}, thread="t", store=store).finish().questions
    assert question == ("approve", "approve", "Publish it?")
    with pytest.raises(stockops.GraphError, match="nobody asks `other`; open are `approve`") as raised:
        graph.resume("t", store=store, answers={"other": 1}).finish()
    assert raised.value.kind == "thread"
    assert graph.resume("t", store=store, answers={"approve": True}).finish().state == {"text": "it", "yes": True}


def test_who_asks_needs_a_store():
    with pytest.raises(stockops.NodeError) as raised:
        asking().start().finish()
    assert "give it a thread and a store" in str(raised.value.__cause__)


def test_awaited_runs_keep_and_ask_alike(store):
    async def main():
        graph = asking(True)
        outcome = await graph.astart(thread="t", store=store)
        answers = {question.id: 1 for question in outcome.questions}
        outcome = await graph.aresume("t", store=store, answers=answers)
        answers = {question.id: 2 async for question in each(outcome.questions)}
        return (await graph.aresume("t", store=store, answers=answers)).state

    async def each(things):
        for thing in things:
            yield thing

    assert asyncio.run(main()) == {"count": 1, "seen": ["a 1", 2, "b 1", 2]}


# Threads.


def test_a_thread_belongs_to_its_graph(store):
    def graph(version=1, state=STATE, settings=None):
        builder = AgentGraph.builder("g", version, state).node("a", lambda state, context: None)
        return builder.edge("start", "a").edge("a", "end").settings(settings).build()

    graph().start(thread="t", store=store).finish()
    others = [graph(2), graph(state=STATE | {"more": "last"}), graph(state=STATE | {"count": (max, 0)}), graph(settings={"prompt": 2})]
    for other in others:
        with pytest.raises(stockops.GraphError, match="the thread `t` was kept with another") as raised:
            other.resume("t", store=store).finish()
        assert raised.value.kind == "thread"
    with pytest.raises(stockops.GraphError, match="the thread `t` is there; resume it, forget it, or choose another name"):
        graph().start(thread="t", store=store).finish()
    with pytest.raises(stockops.NotFoundError, match="no thread named u"):
        graph().resume("u", store=store).finish()
    with pytest.raises(stockops.ConfigError, match="`thread` must be 1 to 150 letters"):
        graph().start(thread="../t", store=store).finish()
    store.forget("t")
    assert store.threads() == [] and store.look("t") is None
    assert graph().start(thread="t", store=store).finish().is_done


def test_a_start_names_fields_that_there_are(store):
    with pytest.raises(stockops.GraphError, match="the start names the field `x`, and the state has count, seen"):
        one(lambda state, context: None).start({"x": 1}).finish()


def test_an_error_can_be_pickled():
    import pickle

    def a(state, context):
        raise OSError("x")

    with pytest.raises(stockops.NodeError) as raised:
        one(a).start().finish()
    copy = pickle.loads(pickle.dumps(raised.value))
    assert (type(copy), str(copy), copy.node, copy.tries) == (stockops.NodeError, str(raised.value), "a", 1)


def test_the_lines_of_the_docs_run(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (block,) = re.findall(r"```python\n(.*?)```", (Path(__file__).parents[2] / "docs/graph.md").read_text(), re.DOTALL)
    lines = {}
    exec(compile(block, "graph.md", "exec"), lines)
    assert lines["outcome"].state == {"best": 0, "remarks": ["moon", "moon"], "rounds": 2, "text": "high tide!"}


# Processes.

OTHER = """
import sys, time
import stockops

home, waits = sys.argv[1:]

def happened(what):
    with open(f"{home}/happened", "a") as file:
        print(what, file=file)

def node(name):
    def work(state, context):
        happened(f"{name} runs")
        context.once("first", lambda: happened(f"first of {name}"))
        if waits == name:
            happened(f"{name} waits")
            time.sleep(600)
        context.once("second", lambda: happened(f"second of {name}"))
        return {"seen": [name]}
    return work

builder = stockops.AgentGraph.builder("four", 1, {"seen": "append"})
for name in "abcd":
    builder.node(name, node(name), writes=["seen"])
graph = builder.edge("start", "a").fan_out("a", "bc").join("bc", "d").edge("d", "end").build()
store = stockops.Checkpoints(f"{home}/kept")
run = graph.resume("t", store=store) if store.threads() else graph.start(thread="t", store=store)
try:
    happened("done with " + " ".join(run.finish().state["seen"]))
except KeyboardInterrupt:
    happened("interrupted")
"""


def happenings(home):
    return collections.Counter((home / "happened").read_text().splitlines() if (home / "happened").exists() else [])


def wait_for(condition):
    for _ in range(6000):
        if condition():
            return
        time.sleep(0.01)
    raise AssertionError("it did not happen")


@pytest.mark.parametrize("sent", [signal.SIGKILL, signal.SIGINT])
def test_a_process_that_ends_leaves_a_thread_that_another_goes_on_with(tmp_path, sent):
    other = tmp_path / "other.py"
    other.write_text(OTHER)
    store = Checkpoints(tmp_path / "kept")

    def process(waits):
        path = os.pathsep.join([str(Path(stockops.__file__).parents[1]), os.environ.get("PYTHONPATH", "")])
        return subprocess.Popen([sys.executable, other, tmp_path, waits], env=os.environ | {"PYTHONPATH": path})

    for place in ("a", "c", "d"):
        child = process(place)
        wait_for(lambda: happenings(tmp_path)[f"{place} waits"])
        if place == "c":
            wait_for(lambda: "d" in store.look("t")["at"])
        child.send_signal(sent)
        assert child.wait(60) == (-9 if sent == signal.SIGKILL else 0)
    assert process("-").wait(60) == 0
    happened = happenings(tmp_path)
    assert happened["done with a b c d"] == 1
    assert happened["interrupted"] == (0 if sent == signal.SIGKILL else 3)
    for name in "abcd":
        assert (happened[f"first of {name}"], happened[f"second of {name}"]) == (1, 1), name
        assert happened[f"{name} runs"] == (1 if name == "b" else 2), name
