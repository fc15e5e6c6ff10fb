"""The REST paths of Qdrant that the cache of answers uses, over Qdrant's own engine (qdrant-edge-py).

usage: server.py FOLDER KEY     It prints its address, and ends with its standard input.
"""

import json
import os
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from uuid import UUID

import qdrant_edge as q

FOLDER, KEY = Path(sys.argv[1]), sys.argv[2]
shards: dict[str, tuple[q.EdgeShard, int]] = {}
lock = threading.Lock()


class Refused(Exception):
    def __init__(self, status: int, problem: str):
        super().__init__(problem)
        self.status = status


def word(value):
    """The engine's Python takes true for 1 and then finds nothing; Qdrant's server does not. So truths are words inside."""
    return f"truth:{value}" if isinstance(value, bool) else value


def payload_in(payload: dict):
    return {key: word(value) for key, value in payload.items()}


def payload_out(payload: dict):
    truths = {"truth:True": True, "truth:False": False}
    return {key: truths[value] if isinstance(value, str) and value in truths else value for key, value in payload.items()}


def condition(said: dict):
    """A condition as the engine has it; what the cache does not use is refused."""
    if "has_id" in said:
        return q.HasIdCondition({UUID(point) for point in said["has_id"]})
    match, bounds = said.get("match"), said.get("range")
    if match is not None and set(match) == {"value"}:
        return q.FieldCondition(key=said["key"], match=q.MatchValue(word(match["value"])))
    if bounds is not None and set(bounds) <= {"gte", "gt", "lte", "lt"}:
        return q.FieldCondition(key=said["key"], range=q.RangeFloat(**{k: float(v) for k, v in bounds.items()}))
    raise Refused(400, f"Format error in JSON body: {said}")


def filter_of(said: dict | None):
    said = said or {}
    if not set(said) <= {"must", "must_not"}:
        raise Refused(400, f"Format error in JSON body: {said}")
    return q.Filter(**{key: [condition(one) for one in conditions] for key, conditions in said.items()})


def create(name: str, body: dict):
    if name in shards:
        raise Refused(409, f"Wrong input: Collection `{name}` already exists!")
    vectors = body["vectors"]
    if vectors["distance"] != "Cosine":
        raise Refused(400, "this server has the cosine alone")
    config = q.EdgeConfig(vectors={"": q.EdgeVectorParams(size=vectors["size"], distance=q.Distance.Cosine)})
    folder = FOLDER / name
    folder.mkdir()
    shards[name] = (q.EdgeShard.create(str(folder), config), vectors["size"])
    return True


def upsert(name: str, body: dict):
    shard, size = shards[name]
    for point in body["points"]:
        if len(point["vector"]) != size:
            problem = f"Wrong input: Vector dimension error: expected dim: {size}, got {len(point['vector'])}"
            raise Refused(400, problem)
    points = [q.Point(UUID(point["id"]), point["vector"], payload_in(point["payload"])) for point in body["points"]]
    shard.update(q.UpdateOperation.upsert_points(points))
    return {"operation_id": 0, "status": "completed"}


def query(name: str, body: dict):
    shard, _ = shards[name]
    request = q.SearchRequest(
        query=q.Query.Nearest(body["query"]),
        filter=filter_of(body.get("filter")),
        limit=body["limit"],
        with_payload=body["with_payload"],
    )
    found = [{"id": str(p.id), "version": 0, "score": p.score, "payload": payload_out(p.payload)} for p in shard.search(request)]
    return {"points": found}


def count(name: str, body: dict):
    return {"count": shards[name][0].count(q.CountRequest(exact=body["exact"], filter=filter_of(body.get("filter"))))}


def delete(name: str, body: dict):
    shards[name][0].update(q.UpdateOperation.delete_points_by_filter(filter_of(body["filter"])))
    return {"operation_id": 0, "status": "completed"}


def scroll(name: str, body: dict):
    offset = body.get("offset")
    request = q.ScrollRequest(
        offset=None if offset is None else UUID(offset),
        limit=body["limit"],
        filter=filter_of(body.get("filter")),
        with_payload=body["with_payload"],
    )
    records, following = shards[name][0].scroll(request)
    points = [{"id": str(record.id), "payload": payload_out(record.payload)} for record in records]
    return {"points": points, "next_page_offset": None if following is None else str(following)}


PATHS = {
    ("PUT", ""): create,
    ("GET", ""): lambda name, body: {"status": "green", "config": {"params": {"vectors": {"size": shards[name][1]}}}},
    ("PUT", "/points"): upsert,
    ("POST", "/points/query"): query,
    ("POST", "/points/count"): count,
    ("POST", "/points/delete"): delete,
    ("POST", "/points/scroll"): scroll,
}


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def answer(self):
        body = self.rfile.read(int(self.headers.get("content-length") or 0))
        try:
            status, said = 200, {"result": self.result(json.loads(body or b"{}")), "status": "ok", "time": 0.0}
        except Refused as refused:
            status, said = refused.status, {"status": {"error": str(refused)}, "time": 0.0}
        except Exception as problem:  # noqa: BLE001 (a server answers)
            status, said = 500, {"status": {"error": repr(problem)}, "time": 0.0}
        said = json.dumps(said).encode()
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(said)))
        self.end_headers()
        self.wfile.write(said)

    def result(self, body: dict):
        if self.headers.get("api-key") != KEY:
            raise Refused(401, "Invalid API key or JWT")
        path = self.path.partition("?")[0]
        root, collections, name, *rest = path.split("/", 3)
        rest = "/" + rest[0] if rest else ""
        work = PATHS.get((self.command, rest))
        if (root, collections) != ("", "collections") or work is None:
            raise Refused(404, f"no path {self.command} {path}")
        # The engine is called by one thread at a time.
        with lock:
            if name not in shards and work is not create:
                raise Refused(404, f"Not found: Collection `{name}` doesn't exist!")
            return work(name, body)

    do_GET = do_PUT = do_POST = answer

    def log_message(self, *_):
        pass


server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
print(f"http://127.0.0.1:{server.server_port}", flush=True)
threading.Thread(target=server.serve_forever, daemon=True).start()
sys.stdin.read()
os._exit(0)
