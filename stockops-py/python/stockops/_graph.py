"""Graphs of functions that share a state: :class:`AgentGraph` and its builder."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import Any

from ._host import Host
from ._runs import AsyncGraphRun, GraphRun
from ._stockops import Checkpoints, _AgentGraph

State = dict[str, Any]
Node = Callable[[State, Any], Any]
Rule = str | tuple[Callable[[Any, Any], Any], Any]


class AgentGraph:
    """A graph of functions that share a state: branches side by side, loops with a bound, retries, questions to a person, and checkpoints.

    It knows nothing of stocks. Nodes are functions of the state, a dict of JSON, and of a context, sync or async; what they return is an
    update of some fields. It is built once and run often, also at the same time.

    >>> import stockops
    >>> def taste(state, context):
    ...     return {"verdict": f"{', '.join(state['herbs'])}, {state['salt']} g of salt"}
    >>> graph = (
    ...     stockops.AgentGraph.builder("soup", 1, {"herbs": "append", "salt": "sum", "verdict": "last"})
    ...     .node("garden", lambda state, context: {"herbs": ["thyme"]}, writes=["herbs"])
    ...     .node("season", lambda state, context: {"salt": 2}, writes=["salt"])
    ...     .node("taste", taste, writes=["verdict"])
    ...     .fan_out("start", ["garden", "season"])
    ...     .join(["garden", "season"], "taste")
    ...     .choose("taste", ["season", "end"], lambda state: "season" if state["salt"] < 4 else "end")
    ...     .build()
    ... )
    >>> graph.start().finish().state["verdict"]
    'thyme, 4 g of salt'
    """

    def __init__(self, inner: _AgentGraph, name: str, host: Callable[..., Host]) -> None:
        self._inner, self._name, self._host = inner, name, host

    @staticmethod
    def builder(name: str, version: int, state: Mapping[str, Rule]) -> GraphBuilder:
        """Begin a graph. A thread is resumed by a graph of the same name and version alone: raise the version where what nodes do, or
        what is inside the fields, changes its meaning.

        `state` has the fields with what becomes of them when a node writes them: ``"last"`` keeps the last value (None before the first),
        ``"append"`` is a list that what is written is added to, ``"sum"`` a sum from 0. A pair ``(function, first)`` is a reducer of
        your own: the function makes the new value of the value and the update. It has to give the same for the same, and may be called
        more than once for one update.
        """
        return GraphBuilder(name, version, state)

    @property
    def name(self) -> str:
        """The name by which a thread knows it."""
        return self._name

    def start(self, state: Mapping[str, Any] | None = None, *, thread: str | None = None, store: Checkpoints | None = None) -> GraphRun:
        """A run from the start, with the fields of `state`; others are as never written.

        With a `store` a checkpoint is kept after each step under the name `thread`, or a word that no other run has.
        """
        return GraphRun(lambda host: self._inner.start(dict(state or {}), thread, store, host), self._host)

    def resume(self, thread: str, *, store: Checkpoints, answers: Mapping[str, Any] | None = None) -> GraphRun:
        """A run that goes on with a thread from its last checkpoint: what was done is not done again.

        `answers` are by ids of questions; others may stay open and are not asked again. A thread that is done gives its state.
        """
        return GraphRun(lambda host: self._inner.resume(thread, store, dict(answers or {}), host), self._host)

    def astart(
        self, state: Mapping[str, Any] | None = None, *, thread: str | None = None, store: Checkpoints | None = None
    ) -> AsyncGraphRun:
        """:meth:`start` for an event loop: await it, or go through its events with ``async for``."""
        return AsyncGraphRun(lambda host: self._inner.start(dict(state or {}), thread, store, host), self._host)

    def aresume(self, thread: str, *, store: Checkpoints, answers: Mapping[str, Any] | None = None) -> AsyncGraphRun:
        """:meth:`resume` for an event loop."""
        return AsyncGraphRun(lambda host: self._inner.resume(thread, store, dict(answers or {}), host), self._host)

    def to_mermaid(self) -> str:
        """The graph as a flowchart in Mermaid: choices dotted, nodes that ask slanted."""
        return self._inner.to_mermaid()

    def _repr_mimebundle_(self, **_: Any) -> dict[str, str]:
        return {"text/plain": repr(self), "text/vnd.mermaid": self.to_mermaid()}

    def __repr__(self) -> str:
        return f"AgentGraph({self._name!r})"


class GraphBuilder:
    """A graph before it is checked. Each method gives the builder back, so that they can be written as a chain.

    The first edges come from ``"start"``, the last go to ``"end"``.

    >>> import stockops
    >>> builder = stockops.AgentGraph.builder("two", 1, {"n": "sum"})
    >>> builder = builder.node("add", lambda state, context: {"n": 1}, writes=["n"]).edge("start", "add")
    >>> try:
    ...     builder.build()
    ... except stockops.GraphError as error:
    ...     print(error)
    graph `two`: no path from `add` comes to the end; add an edge from it
    >>> builder.edge("add", "end").build()
    AgentGraph('two')
    """

    def __init__(self, name: str, version: int, state: Mapping[str, Rule]) -> None:
        self._name, self._version, self._state = name, version, dict(state)
        self._nodes: list[dict[str, Any]] = []
        self._functions: list[Node] = []
        self._edges: list[tuple[str, str]] = []
        self._choices: list[tuple[str, list[str], bool]] = []
        self._choosers: list[Callable[[State], Any]] = []
        self._limits: tuple[int, int | None, int] = (40, None, 4)
        self._settings: Any = None

    def node(
        self,
        name: str,
        function: Node,
        *,
        writes: Iterable[str] = (),
        tries: int = 1,
        pause: float = 0.5,
        timeout: float | None = None,
        otherwise: str | None = None,
    ) -> GraphBuilder:
        """Add a node: a function of state and context, sync (with a :class:`NodeContext`, on a thread) or async (with an
        :class:`AsyncNodeContext`, on the event loop), that returns a dict of what it writes, or None.

        `writes` are the fields that it may write. It is tried 1 to 3 times, after `pause` seconds and twice as many, each within
        `timeout` seconds; `otherwise` is the node that stands in when the last try has failed. GraphError and LimitError are not tried
        again. An attempt of a function that takes too long is given up, and its thread ends at the next word it has with its context.
        """
        return self._add(function, name=name, writes=list(writes), tries=tries, pause=pause, timeout=timeout, otherwise=otherwise, asks=False)

    def ask(self, name: str, writes: str, question: Callable[[State], Any]) -> GraphBuilder:
        """Add a node that asks a person what `question` gives, a text or any JSON, and writes the answer to a field.

        The question's id is the node's name. The run needs a store.
        """

        async def asks(state: State, context: Any) -> State:
            return {writes: await context.ask(question(state))}

        return self._add(asks, name=name, writes=[writes], tries=1, pause=0.0, timeout=None, otherwise=None, asks=True)

    def edge(self, start: str, to: str) -> GraphBuilder:
        """After `start` comes `to`: always, and beside all else that follows."""
        self._edges.append((start, to))
        return self

    def fan_out(self, start: str, to: Iterable[str]) -> GraphBuilder:
        """After `start` come all of `to`, side by side."""
        self._edges += [(start, one) for one in to]
        return self

    def join(self, starts: Iterable[str], to: str) -> GraphBuilder:
        """After each of `starts` comes `to`, once: when all of them that run at all are done."""
        self._edges += [(one, to) for one in starts]
        return self

    def choose(self, start: str, targets: Iterable[str], function: Callable[[State], str]) -> GraphBuilder:
        """After `start` comes the one of `targets` that `function` names, from the state as `start` left it.

        The function has to give the same for the same state. What it raises is the failure of `start`.
        """
        return self._choose(start, targets, function, False)

    def choose_many(self, start: str, targets: Iterable[str], function: Callable[[State], Iterable[str]]) -> GraphBuilder:
        """After `start` come those of `targets` that `function` names, one at least, side by side."""
        return self._choose(start, targets, function, True)

    def limits(self, *, steps: int = 40, tokens: int | None = None, at_once: int = 4) -> GraphBuilder:
        """What a thread may use up over all its runs: turns of nodes, and tokens that nodes reserve; and how many nodes run at once."""
        self._limits = (steps, tokens, at_once)
        return self

    def settings(self, settings: Any) -> GraphBuilder:
        """Settings that a thread is bound to, such as prompts and the name of a model: with others it is not resumed."""
        self._settings = settings
        return self

    def build(self) -> AgentGraph:
        """Check the graph.

        GraphError names what is wrong: a name that is none or is there twice, an unknown node or field, a node that nothing leads to or
        from which nothing leads to the end, a circle without a way out, two writers of a field that takes one. ConfigError for tries,
        timeouts and limits that are none.
        """
        reducers: list[Callable[[Any, Any], Any]] = []
        fields: list[tuple[str, str, int | None, Any]] = []
        for name, rule in self._state.items():
            if isinstance(rule, tuple) and len(rule) == 2 and callable(rule[0]):
                fields.append((name, getattr(rule[0], "__name__", type(rule[0]).__name__), len(reducers), rule[1]))
                reducers.append(rule[0])
            else:
                fields.append((name, str(rule), None, None))
        inner = _AgentGraph(
            self._name, self._version, fields, self._nodes, self._edges, self._choices, self._limits, self._settings
        )
        return AgentGraph(inner, self._name, partial(Host, tuple(self._functions), tuple(self._choosers), tuple(reducers)))

    def _add(self, function: Node, **spec: Any) -> GraphBuilder:
        self._nodes.append(spec)
        self._functions.append(function)
        return self

    def _choose(self, start: str, targets: Iterable[str], function: Callable[[State], Any], many: bool) -> GraphBuilder:
        self._choices.append((start, list(targets), many))
        self._choosers.append(function)
        return self
