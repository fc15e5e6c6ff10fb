"""What a collector got: one trace from a request over the graph to the forecast, another over the queue, ids as in the log.

usage: spans.py SPANS LOGS      the collector's lines of JSON, the folder of the log
"""

import json
import sys
from pathlib import Path

from load import READ, TRACE


def main(spans, logs):
    spans = [json.loads(line) for line in Path(spans).read_text().splitlines()]
    by_id = {span["id"]: span for span in spans}

    def way(span):
        """Names from the root to the span."""
        above = by_id.get(span["parent"])
        return (way(above) if above else []) + [span["name"]]

    ways = {" > ".join(way(span)) for span in spans}
    wanted = {
        "POST /predict-child > forecast": "a forecast within its request",
        "POST /analyze > node performance_analyst > llm": "a call of the language model within its node and its request",
        "POST /train-child > job > forecast": "a job in the trace of who asked for it",
    }
    missing = [what for path, what in wanted.items() if path not in ways]
    if missing:
        sys.exit(f"missing: {missing}; there are {sorted(ways)}")
    calls = [span["fields"] for span in spans if span["name"] == "llm"]
    if {(call["gen_ai.request.model"], call.get("gen_ai.usage.input_tokens")) for call in calls} != {("silent", READ)}:
        sys.exit(f"what the calls of the language model took is not told: {calls}")
    if any(span["service"] != "stockops-test" for span in spans):
        sys.exit("a span of another service")
    if any(route in span["name"] for span in spans for route in ("/metrics", "/health")):
        sys.exit("probes and scrapes are traced")
    mine = [span for span in spans if span["trace"] == TRACE and span["name"] == "POST /analyze"]
    if not mine or mine[0]["fields"]["request_id"] != "load-1" or mine[0]["parent"] != "00f067aa0ba902b7":
        sys.exit(f"the trace of the client does not go on: {mine}")
    lines = [json.loads(line) for file in Path(logs).iterdir() for line in file.read_text().splitlines()]
    if not any(span.get("request_id") == "load-1" for line in lines for span in line.get("spans", [])):
        sys.exit("no line of the log has the id of the request")
    asked = [line for line in lines if line["fields"].get("message") == "a job was asked for"]
    if not asked or not all(line["fields"]["task"] and line["spans"][0]["request_id"] for line in asked):
        sys.exit(f"request and task do not stand in one line: {asked}")
    print(f"{len(spans)} spans in {len({span['trace'] for span in spans})} traces")


if __name__ == "__main__":
    main(*sys.argv[1:])
