"""What a run of a graph tells, and how it ends."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple


class Question(NamedTuple):
    """What a node asks a person.

    >>> import stockops
    >>> graph = stockops.AgentGraph.builder("ask", 1, {"yes": "last"}).ask("approve", "yes", lambda state: "Publish?")
    >>> graph = graph.edge("start", "approve").edge("approve", "end").build()
    >>> graph.start(thread="t", store=stockops.Checkpoints()).finish().questions
    (Question(id='approve', node='approve', question='Publish?'),)
    """

    id: str
    """What an answer is given under: the name of the node, or ``node/about``. A node that stands in for another asks under
    ``other/node`` or ``other/node/about``."""
    node: str
    """The node that asks."""
    question: Any
    """What it asks: a text, or any JSON that a page may show."""


class GraphEvent(NamedTuple):
    """One thing that happened in a run. What an event does not have is None.

    >>> import stockops
    >>> def speak(state, context):
    ...     context.token("moo")
    >>> graph = stockops.AgentGraph.builder("cow", 1, {}).node("speak", speak).edge("start", "speak").edge("speak", "end").build()
    >>> [(event.sequence, event.kind, event.text) for event in graph.start()]
    [(1, 'started', None), (2, 'token', 'moo'), (3, 'finished', None), (4, 'done', None)]
    """

    sequence: int
    """Its number in this run, from 1, without gaps."""
    turn: int
    """Which run of the node it is, from 1: a loop gives a node several turns. 0 where no node is named."""
    attempt: int
    """Which try of this turn it is, from 1; 0 where no node is named. What an earlier attempt told is void."""
    kind: str
    """``started``, ``token``, ``emitted``, ``retried``, ``fell_back``, ``finished``, ``failed``, ``interrupted``,
    ``checkpointed``, ``waiting`` or ``done``."""
    node: str | None = None
    """The node that it is about, a fallback under its own name; None where it is about the run."""
    text: str | None = None
    """The piece of a ``token``, before anyone has checked it."""
    value: Any = None
    """What was ``emitted``."""
    problem: str | None = None
    """Why it was ``retried``, ``fell_back`` or ``failed``."""
    wait_s: float | None = None
    """Pause before it is ``retried``, in seconds."""
    to: str | None = None
    """The node that stands in where it ``fell_back``."""
    question: Question | None = None
    """What is asked where it was ``interrupted``."""


@dataclass(frozen=True)
class Outcome:
    """How a run ended: with a state, or before questions that nobody has answered.

    >>> import stockops
    >>> graph = stockops.AgentGraph.builder("one", 1, {"n": "sum"}).node("add", lambda state, context: {"n": 1}, writes=["n"])
    >>> outcome = graph.edge("start", "add").edge("add", "end").build().start({"n": 4}).finish()
    >>> outcome.is_done, outcome.state
    (True, {'n': 5})
    """

    state: dict[str, Any] | None
    """The state at the end; None while it waits."""
    questions: tuple[Question, ...] = ()
    """What is asked, in order of ids. Resume the thread with answers."""

    @property
    def is_done(self) -> bool:
        """Whether it came to the end."""
        return self.state is not None


def event_of(told: dict[str, Any]) -> GraphEvent:
    """An event from its JSON."""
    question = told.pop("question", None)
    return GraphEvent(**told, question=question and Question(**question))


def outcome_of(told: dict[str, Any]) -> Outcome:
    """An outcome from its JSON."""
    return Outcome(told.get("state"), tuple(Question(**question) for question in told.get("questions", ())))
