# %% [markdown]
# # A graph of functions
#
# `AgentGraph` runs functions that share a state: side by side, in loops, with retries, with questions to a person, and with
# checkpoints from which a run goes on. It knows nothing of stocks. Here two readers look at a text side by side, a critic sends it back,
# and a person has the last word.

# %%
import asyncio
import tempfile

import stockops

DRAFTS = ["The tide is very very high because the moon pulls.", "The tide is high because the moon pulls."]


async def write(state, context):
    text = DRAFTS[min(state["rounds"], 1)]
    for word in text.split():  # as a language model would
        context.token(word + " ")
        await asyncio.sleep(0.01)
    return {"text": text, "rounds": 1}


def style(state, context):
    return {"remarks": ["one `very` is enough"] if "very very" in state["text"] else []}


def facts(state, context):
    cause = context.once("lookup", lambda: "moon")  # not asked again when the node is tried again
    return {"remarks": [f"the cause is the {cause}: true"]}


graph = (
    stockops.AgentGraph.builder("review", 1, {"text": "last", "remarks": "append", "rounds": "sum", "approved": "last"})
    .node("write", write, writes=["text", "rounds"], tries=3, timeout=20)
    .node("style", style, writes=["remarks"])
    .node("facts", facts, writes=["remarks"], tries=2)
    .node("critic", lambda state, context: None)
    .ask("approve", "approved", lambda state: f"Publish this? {state['text']}")
    .edge("start", "write")
    .fan_out("write", ["style", "facts"])
    .join(["style", "facts"], "critic")
    .choose("critic", ["write", "approve"], lambda state: "write" if state["rounds"] < 2 else "approve")
    .edge("approve", "end")
    .build()
)
graph

# %% [markdown]
# Functions run on threads and coroutines on an event loop, so `style` and `facts` are side by side. A run is an iterator of events, and
# goes on as long as somebody asks for the next.

# %%
store = stockops.Checkpoints(tempfile.mkdtemp())
for event in graph.start(thread="tides", store=store):
    if event.kind == "token":
        print(event.text, end="")
    elif event.kind in ("finished", "interrupted"):
        print(f"[{event.node} {event.kind}]")

# %% [markdown]
# It waits for a person. What was done is kept in the folder: this program may end here, and another goes on.

# %%
store.look("tides")

# %% [markdown]
# A notebook has an event loop already, so a run may be awaited. `astart` and `aresume` put the coroutines of the graph on the loop of who
# waits; to cancel the one cancels the other.

# %%
outcome = await graph.aresume("tides", store=store, answers={"approve": True})
assert outcome.state["approved"] and outcome.state["remarks"].count("one `very` is enough") == 1
outcome.state

# %% [markdown]
# Mermaid draws it, here and at [mermaid.live](https://mermaid.live):

# %%
print(graph.to_mermaid())

# %% [markdown]
# What a node raises is the cause of what the run raises, and a graph that cannot come to its end is not built.


# %%
def fails(state, context):
    raise OSError("the line is dead")


builder = stockops.AgentGraph.builder("short", 1, {}).node("fails", fails, tries=2, pause=0.01).edge("start", "fails")
try:
    builder.build()
except stockops.GraphError as error:
    print(error)
try:
    builder.edge("fails", "end").build().start().finish()
except stockops.NodeError as error:
    print(error, "|", repr(error.__cause__))

# %% [markdown]
# # The analysts
#
# `analyze` writes a report on such a graph: facts first, then a verdict that is computed, then prose in which every number is checked
# against a fact. Without a language model a template writes. The bars that ship are old: the report is for learning the tool.

# %%
report = stockops.analyze(stockops.load_bars("AMZN"), question="what would change your mind?")
report

# %%
print(report.recommendation, report.action, report.confidence, "|", report.written_by)
report.answer

# %% [markdown]
# Each number of the text names its fact, and each fact where it comes from.

# %%
report.fact("last_close")

# %% [markdown]
# A language model writes where one is named, and the report says so. One that is not there is no error:
#
# ```python
# stockops.analyze(bars, llm="http://localhost:11434", model="llama3.1:8b", progress=print)
# ```
