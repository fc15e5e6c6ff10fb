"""A server of S3 for tests/buckets.sh: moto with one empty bucket, `models`. It prints its address and ends with its standard
input.

moto looks for an object and then writes it, and two requests may do that at once. Here one request is answered at a time, so
that its condition holds as that of a real store does. What it is asked is counted by method in the file that is named.
"""

import collections
import json
import os
import sys
import threading

import boto3
from moto.server import DomainDispatcherApplication, create_backend_app
from werkzeug.serving import WSGIRequestHandler, make_server

lock = threading.Lock()
counts = collections.Counter()
moto = DomainDispatcherApplication(create_backend_app)


def one_at_a_time(environ, start_response):
    # A body that is not read to its end would be the next request.
    with lock:
        counts[environ["REQUEST_METHOD"]] += 1
        with open(sys.argv[1], "w") as file:
            json.dump(counts, file)
        return list(moto(environ, start_response))


class Quiet(WSGIRequestHandler):
    def log(self, *_):
        pass


server = make_server("127.0.0.1", 0, one_at_a_time, threaded=True, request_handler=Quiet)
address = f"http://127.0.0.1:{server.server_port}"
threading.Thread(target=server.serve_forever, daemon=True).start()
played = {"aws_access_key_id": "name", "aws_secret_access_key": "played", "region_name": "us-east-1"}
boto3.client("s3", endpoint_url=address, **played).create_bucket(Bucket="models")
print(address, flush=True)
sys.stdin.read()
os._exit(0)
