"""Dashboards and alerts: the rules of Grafana's linter, every query, and that none comes back empty.

usage: dashboards.py lint                 the files alone
       dashboards.py rules                every query as a recording rule, for promtool check rules
       dashboards.py typed                nothing is lost or changed by the types of grafana-foundation-sdk
       dashboards.py ask URL JOB WINDOW   every query and every selector of the rules to a Prometheus
"""

import json
import math
import re
import sys
import time
import urllib.parse
import urllib.request
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
DEPLOY = ROOT / "deploy"
BOARDS = sorted((DEPLOY / "grafana/dashboards").glob("*.json"))
UNITS = {"short", "none", "s", "bytes", "percent", "percentunit", "reqps", "ops"}
SELECTOR = re.compile(r"([a-zA-Z_:][a-zA-Z0-9_:]*)\{([^}]*)\}")
FUNCTIONS = {"histogram_quantile", "count_values", "label_replace"}
RANGE = re.compile(r"\[([^\]]+)\]")


def board(path):
    return json.loads(path.read_text())


def queries(one):
    """Every query of a dashboard, with where it stands."""
    for panel in one["panels"]:
        for target in panel.get("targets", []):
            yield panel["title"], target["expr"]
    for mark in one["annotations"]["list"]:
        yield mark["name"], mark["expr"]


def lint_board(path):
    one = board(path)
    variables = {variable["name"]: variable for variable in one["templating"]["list"]}
    says = lambda problem: f"{path.name}: {problem}"
    if variables.get("datasource", {}).get("type") != "datasource":
        yield says("no variable `datasource`")
    job = variables.get("job", {})
    if not (job.get("multi") and job.get("includeAll") and job.get("allValue") == ".+"):
        yield says("the variable `job` must take several, all, and `.+` for all")
    if not {"Promoted", "Rolled back"} <= {mark["name"] for mark in one["annotations"]["list"]}:
        yield says("no marks at promote and rollback")
    panels = one["panels"]
    ids = [panel["id"] for panel in panels]
    if len(ids) != len(set(ids)):
        yield says("two panels have one id")
    taken = {}
    for panel in panels:
        at = panel["gridPos"]
        for cell in ((x, y) for x in range(at["x"], at["x"] + at["w"]) for y in range(at["y"], at["y"] + at["h"])):
            if cell in taken or cell[0] > 23:
                yield says(f"`{panel['title']}` lies over `{taken.get(cell, 'the edge')}`")
                break
            taken[cell] = panel["title"]
        if panel["type"] == "row":
            continue
        where = f"`{panel['title']}`"
        if not panel.get("title") or not panel.get("description"):
            yield says(f"{where} has no title or no description")
        if panel["fieldConfig"]["defaults"].get("unit") not in UNITS:
            yield says(f"{where} has no unit that is known here")
        sources = [panel["datasource"], *(target["datasource"] for target in panel["targets"])]
        if any(source != {"type": "prometheus", "uid": "${datasource}"} for source in sources):
            yield says(f"{where} names a data source that is not the variable's")
        if not all(target.get("legendFormat") for target in panel["targets"]):
            yield says(f"{where} has no legend")
    for where, expr in queries(one):
        selectors = SELECTOR.findall(expr)
        if not selectors or any('job=~"$job"' not in labels for _, labels in selectors):
            yield says(f"`{where}` does not ask for the job: {expr}")
        if any(window != "$__rate_interval" for window in RANGE.findall(expr)):
            yield says(f"`{where}` has a window of its own: {expr}")
        for counter in re.findall(r"[a-z_]+(?:_total|_bucket|_count|_sum)\{[^}]*\}(?!\[)", expr):
            if not counter.startswith("redis_keys_total"):
                yield says(f"`{where}` shows a counter without its rate: {expr}")


# What Grafana's Prometheus reads of a mark, and what its editor writes, is in no type.
UNTYPED = {"step", "titleFormat", "textFormat", "tagKeys", "definition"}


def changed(ours, theirs, where):
    """What is other after it went through the types."""
    if isinstance(ours, dict) and isinstance(theirs, dict):
        for name in ours.keys() - UNTYPED:
            yield from changed(ours[name], theirs.get(name), f"{where}.{name}")
    elif isinstance(ours, list) and isinstance(theirs, list) and len(ours) == len(theirs):
        for number, pair in enumerate(zip(ours, theirs)):
            yield from changed(*pair, f"{where}[{number}]")
    elif ours != theirs:
        yield f"{where}: {ours!r} becomes {theirs!r}"


def lint_types(path):
    from grafana_foundation_sdk.cog.encoder import JSONEncoder
    from grafana_foundation_sdk.models.dashboard import Dashboard

    ours = board(path)
    yield from changed(ours, json.loads(JSONEncoder().encode(Dashboard.from_json(ours))), path.name)


def alerts():
    """Name, and the lines from it to the next rule."""
    text = (DEPLOY / "prometheus/rules/alerts.yml").read_text()
    parts = re.split(r"^ +- alert: ", text, flags=re.M)[1:]
    return [(part.split("\n", 1)[0].strip(), part) for part in parts]


def lint_alerts():
    page = (ROOT / "docs/observability.md").read_text()
    headings = {heading.strip().lower() for heading in re.findall(r"^#+ (.*)$", page, flags=re.M)}
    tests = "".join(path.read_text() for path in sorted((DEPLOY / "prometheus/tests").glob("*.yml")))
    for name, part in alerts():
        if f"/docs/observability.md#{name.lower()}\n" not in part or name.lower() not in headings:
            yield f"{name}: its runbook is no heading of docs/observability.md"
        if not re.search(r"severity: (page|ticket)[ ,]", part):
            yield f"{name}: whether somebody is called is not said"
        checks = re.findall(rf"ALERTS\{{alertname=\"{name}\",alertstate=\"firing\"\}}'.*?exp_samples: \[(.?)", tests, flags=re.S)
        if "{" not in checks or "]" not in checks:
            yield f"{name}: no test where it fires, or none where it is silent"


def lint_names():
    """Every metric that is asked for is one that the server has, or one that the rules record."""
    source = "".join(path.read_text() for path in sorted((ROOT / "stockops-server/src").glob("metrics*/**/*.rs")))
    source += (ROOT / "stockops-server/src/metrics.rs").read_text()
    recorded = re.findall(r"record: (\S+)", (DEPLOY / "prometheus/rules/recording.yml").read_text())
    known = set(re.findall(r'"([a-z][a-z0-9_]+)"', source)) | set(recorded) | {"up"}
    asked = {name for path in BOARDS for _, expr in queries(board(path)) for name, _ in SELECTOR.findall(expr)}
    asked |= {selector.split("{")[0] for selector in selectors_of_rules()} - FUNCTIONS
    for name in sorted(asked):
        if name not in known and re.sub("_(bucket|count|sum)$", "", name) not in known:
            yield f"{name}: the server has no such metric, and no rule records it"


def windows(expr, job, window):
    """The query as Grafana would send it, with all jobs, instances and tickers."""
    expr = expr.replace("$__rate_interval", window).replace("$job", job)
    return expr.replace("$instance", ".+").replace("$ticker", ".+")


def ask(url, expr):
    query = urllib.parse.urlencode({"query": expr})
    with urllib.request.urlopen(f"{url}/api/v1/query?{query}", timeout=30) as answer:
        result = json.load(answer)["data"]["result"]
    return [one for one in result if not math.isnan(float(one["value"][1]))]


def selectors_of_rules():
    """What alerts and recordings read: each metric with its labels."""
    for path in sorted((DEPLOY / "prometheus/rules").glob("*.yml")):
        for expr in re.findall(r"expr: (?:\|\n((?: {10,}.*\n)+)|(.*)\n)", path.read_text()):
            text = "".join(expr)
            yield from re.findall(r"[a-z][a-z0-9_:]*_[a-z0-9_:]+(?:\{[^}]*\})?", re.sub(r"\b(?:by|on) \([^)]*\)", "", text))


def ask_all(url, job, window):
    wanted = [(f"{path.name}: {where}", windows(expr, job, window)) for path in BOARDS for where, expr in queries(board(path))]
    wanted += [("rules", selector) for selector in sorted(set(selectors_of_rules()) - FUNCTIONS)]
    end = time.monotonic() + 30
    empty = wanted
    while empty and time.monotonic() < end:
        time.sleep(0 if empty is wanted else 1)
        empty = [(where, expr) for where, expr in empty if not ask(url, expr)]
    for where, expr in empty:
        print(f"nothing comes back: {where}: {expr}", file=sys.stderr)
    print(f"{len(wanted) - len(empty)} of {len(wanted)} queries come back with numbers")
    return bool(empty)


def main(words):
    match words:
        case ["lint"]:
            problems = [problem for path in BOARDS for problem in lint_board(path)]
            problems += [*lint_alerts(), *lint_names()]
            uids = [board(path)["uid"] for path in BOARDS]
            problems += ["two dashboards have one uid"] * (len(uids) != len(set(uids)))
            print("\n".join(problems) or f"{len(BOARDS)} dashboards and {len(alerts())} alerts keep the rules")
            return bool(problems)
        case ["typed"]:
            problems = [problem for path in BOARDS for problem in lint_types(path)]
            print("\n".join(problems) or "the types of Grafana know all of it")
            return bool(problems)
        case ["rules"]:
            rules = [windows(expr, "stockops", "1m") for path in BOARDS for _, expr in queries(board(path))]
            named = [{"record": f"query:{number}", "expr": expr} for number, expr in enumerate(rules)]
            print(json.dumps({"groups": [{"name": "queries", "rules": named}]}))
            return False
        case ["ask", url, job, window]:
            return ask_all(url, job, window)
    print(__doc__, file=sys.stderr)
    return 2


if __name__ == "__main__":
    sys.exit(int(main(sys.argv[1:])))
