"""A forked child of a process that has a home in a bucket: it has none of its parent's threads, and connects anew."""

import http.server
import os
import select
import signal
import threading

import pytest
import stockops

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here")


class Empty(http.server.BaseHTTPRequestHandler):
    """An S3 with an empty bucket, whose connections stay open."""

    protocol_version = "HTTP/1.1"

    def do_GET(self):
        is_list = "list-type=2" in self.path
        body = b"<ListBucketResult></ListBucketResult>" if is_list else b"<Error><Code>NoSuchKey</Code></Error>"
        self.send_response(200 if is_list else 404)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command == "GET":
            self.wfile.write(body)

    do_HEAD = do_GET

    def log_message(self, *_):
        pass


@pytest.fixture
def bucket(monkeypatch):
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Empty)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    surroundings = {
        "AWS_ENDPOINT_URL": f"http://127.0.0.1:{server.server_port}",
        "AWS_ALLOW_HTTP": "true",
        "AWS_ACCESS_KEY_ID": "name",
        "AWS_SECRET_ACCESS_KEY": "played",
        "AWS_REGION": "us-east-1",
        "NO_PROXY": "127.0.0.1",
        "no_proxy": "127.0.0.1",
    }
    for name, value in surroundings.items():
        monkeypatch.setenv(name, value)
    yield f"s3://forked/{server.server_port}"
    server.shutdown()


def in_a_child(work, patience=60):
    """What `work` says in a forked child; None where nothing comes."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            answer = repr(work())
        except BaseException as error:
            answer = repr(error)
        os.write(writing, answer.encode())
        os._exit(0)
    os.close(writing)
    try:
        said = select.select([reading], [], [], patience)[0]
        return os.read(reading, 10_000).decode() if said else None
    finally:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        os.close(reading)


@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_a_forked_child_goes_on_with_a_home_in_a_bucket(bucket):
    registry = stockops.ModelRegistry(bucket)
    assert registry.versions("GOOG") == [], "and the connection is open now"
    assert in_a_child(lambda: registry.versions("GOOG")) == "[]"
    assert in_a_child(lambda: in_a_child(lambda: registry.versions("GOOG"))) == repr("[]")
    assert in_a_child(lambda: stockops.ModelRegistry(bucket + "/other").versions("GOOG")) == "[]"
    assert registry.versions("GOOG") == []
