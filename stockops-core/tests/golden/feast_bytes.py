"""Keys, fields, values and times as Feast 0.67 writes them in Redis (serialisation version 3), into feast_bytes.json.

It runs in the environment of tests/feast.sh, which also checks that the file is still what comes out.
"""

import importlib.metadata
import json
import pathlib
import sys
from datetime import datetime, timedelta, timezone

from feast.infra.online_stores.helpers import _mmh3, _redis_key
from feast.protos.feast.types.EntityKey_pb2 import EntityKey
from feast.protos.feast.types.Value_pb2 import Null, Value
from google.protobuf.timestamp_pb2 import Timestamp

FEATURES = ["Open", "High", "Low", "Close", "Volume", "RSI14", "MACD"]
VIEWS = ["stock_stats", "stock_stats_v1", "a"]
EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)
MICROSECONDS = [0, 1, 999_999, 1_000_000, 1_767_312_000_000_000, 1_767_387_600_123_456, 4_102_444_800_000_000]
MICROSECONDS += [-1, -1_000_000, -1_316_822_400_000_000, -(2**31) * 1_000_000, 2**31 * 1_000_000]


def key(project, ticker):
    proto = EntityKey(join_keys=["ticker"], entity_values=[Value(string_val=ticker)])
    return _redis_key(project, proto, entity_key_serialization_version=3).hex()


def time(micros):
    stamp = Timestamp()
    stamp.FromDatetime(EPOCH + timedelta(microseconds=micros))
    return stamp.SerializeToString().hex()


def value(proto):
    return proto.SerializeToString().hex()


versions = ", ".join(f"{name} {importlib.metadata.version(name)}" for name in ["feast", "protobuf", "mmh3"])
doubles = [0.0, -0.0, 1.0, 0.1, -2.5, 6858.47, 4184120000.0, 5e-324, 1.7976931348623157e308]
answer = {
    "made_by": f"feast_bytes.py with {versions}",
    "keys": [[p, t, key(p, t)] for p in ["stockops", "a-b_2"] for t in ["^GSPC", "GOOG", "BRK-B", "M&M.NS", "7203.T"]],
    "fields": [[v, f, _mmh3(f"{v}:{f}").hex()] for v in VIEWS for f in FEATURES],
    "times": [[m, time(m)] for m in MICROSECONDS],
    "doubles": [[d, value(Value(double_val=d))] for d in doubles],
    "read": [
        [None, value(Value())],
        [None, value(Value(null_val=Null.NULL))],
        [None, value(Value(double_val=float("nan")))],
        [315.32000732421875, value(Value(float_val=315.32))],
        [4184120000.0, value(Value(int64_val=4184120000))],
        [-7.0, value(Value(int64_val=-7))],
        [0.0, value(Value(int64_val=0))],
        [-7.0, value(Value(int32_val=-7))],
    ],
    "no_numbers": [value(Value(string_val="315.32")), value(Value(bool_val=True)), value(Value(unix_timestamp_val=7))],
}
lines = ",\n".join(f"{json.dumps(name)}: {json.dumps(part)}" for name, part in answer.items())
target = pathlib.Path(sys.argv[1]) if sys.argv[1:] else pathlib.Path(__file__).with_name("feast_bytes.json")
target.write_text("{\n" + lines + "\n}\n")
