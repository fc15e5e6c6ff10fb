"""The service under load, so that every metric of the dashboards has something to say; and what a collector of traces gets.

usage: load.py URL KEY SECONDS      bars that grow, two trainings, a promotion and a rollback, drift, reports, many forecasts
       load.py collector PORT FILE  a collector of OTLP that writes each span as a line of JSON (wanted: opentelemetry-proto), and
                                    a language model that has nothing to say
"""

import concurrent.futures
import json
import sys
import time
import urllib.error
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

TICKER = "AMZN"
# Those of the client, as a service before this one would send it.
# Tokens that the language model says to have read: more than a prompt has, for fewer would mean that it was cut.
READ = 5000
TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"


class Service:
    def __init__(self, url, key):
        self.url, self.key = url, key

    def call(self, method, path, body=None, kind="application/json", headers=None):
        data = json.dumps(body).encode() if isinstance(body, dict) else body
        headers = {"X-API-Key": self.key, "Content-Type": kind, **(headers or {})}
        request = urllib.request.Request(self.url + path, data, headers, method=method)
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                return answer.status, answer.read()
        except urllib.error.HTTPError as error:
            return error.code, error.read()

    def json(self, method, path, body=None, **more):
        status, text = self.call(method, path, body, **more)
        if status not in (200, 202):
            sys.exit(f"{method} {path} answers {status}: {text[:300]!r}")
        return json.loads(text)

    def train(self, **body):
        """Train a child, wait for its end; its result."""
        task = self.json("POST", "/train-child", {"ticker": TICKER, "epochs": 2, **body})["task_id"]
        end = time.monotonic() + 120
        while time.monotonic() < end:
            status = self.json("GET", f"/status/{task}")
            if status["status"] != "running":
                return status
            time.sleep(0.3)
        sys.exit(f"{task} does not end")


def csv(rows):
    columns = ("date", "open", "high", "low", "close", "volume")
    lines = [",".join(str(row[column]) for column in columns) for row in rows]
    return "\n".join([",".join(columns), *lines]).encode()


def busy(service, until):
    calls = [("POST", "/predict-child", {"ticker": TICKER}), ("POST", "/predict-parent", {}), ("GET", "/health", None),
             ("GET", f"/forecast?tickers={TICKER},GOOG", None), ("GET", f"/risk/{TICKER}", None), ("GET", "/nowhere", None),
             ("GET", f"/chart/{TICKER}", None)]
    count = 0
    while time.monotonic() < until:
        service.call(*calls[count % len(calls)])
        count += 1
    return count


def load(url, key, seconds):
    service = Service(url, key)
    rows = service.json("GET", f"/bars/{TICKER}?days=1200")["bars"]
    # A forecast of yesterday, and then the bar of today: an outcome to judge.
    for end in (-3, -2, -1, None):
        service.json("POST", f"/bars/{TICKER}?name=bars.csv", csv(rows[:end]), kind="text/csv")
        if end == -3:
            print("first training:", service.train()["status"])
        elif end is None:
            # Prometheus looks once a second, and has to see the counts of the first training before those of the second.
            time.sleep(3)
            print("second training:", service.train(seed=7)["status"])
        service.json("POST", "/predict-child", {"ticker": TICKER})
    service.json("POST", f"/monitor/{TICKER}")
    versions = [one["version"] for one in service.json("GET", f"/models/{TICKER}")["versions"]]
    for version in versions:
        service.json("POST", f"/models/{TICKER}/promote", {"version": version})
    service.json("POST", f"/models/{TICKER}/rollback")
    service.json("POST", "/analyze", {"ticker": TICKER}, headers={"traceparent": f"00-{TRACE}-00f067aa0ba902b7-01", "x-request-id": "load-1"})
    # What is refused before its route: a browser's request from another page.
    service.call("POST", "/predict-parent", {}, headers={"Origin": "https://elsewhere.example"})
    until = time.monotonic() + seconds
    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        counts = list(pool.map(lambda _: busy(service, until), range(4)))
    print(f"{sum(counts)} requests in {seconds:.0f} s")


def collector(port, path):
    from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

    class Collector(BaseHTTPRequestHandler):
        def do_POST(self):
            if self.path.endswith("/chat/completions"):
                return self.say_nothing()
            request = ExportTraceServiceRequest.FromString(self.rfile.read(int(self.headers["content-length"])))
            with open(path, "a") as lines:
                for resource in request.resource_spans:
                    service = {one.key: one.value.string_value for one in resource.resource.attributes}["service.name"]
                    for span in (span for scope in resource.scope_spans for span in scope.spans):
                        fields = {one.key: getattr(one.value, one.value.WhichOneof("value")) for one in span.attributes}
                        line = {"service": service, "trace": span.trace_id.hex(), "id": span.span_id.hex(),
                                "parent": span.parent_span_id.hex(), "name": span.name, "fields": fields}
                        lines.write(json.dumps(line) + "\n")
            self.send_response(200)
            self.end_headers()

        def say_nothing(self):
            self.rfile.read(int(self.headers["content-length"]))
            choice = {"index": 0, "message": {"role": "assistant", "content": "Nothing."}, "finish_reason": "stop"}
            body = json.dumps({"choices": [choice], "usage": {"prompt_tokens": READ, "completion_tokens": 3}}).encode()
            self.send_response(200)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_):
            pass

    ThreadingHTTPServer(("127.0.0.1", port), Collector).serve_forever()


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["collector", port, path]:
            collector(int(port), path)
        case [url, key, seconds]:
            load(url, key, float(seconds))
        case _:
            sys.exit(__doc__)
