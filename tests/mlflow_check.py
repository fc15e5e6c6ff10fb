"""Each run at home is at the server once, with the same parameters, tags, values and files.

usage: mlflow_check.py URI EXPERIMENT HOME
"""

import collections
import json
import pathlib
import sys
import urllib.parse
import urllib.request

uri, experiment, home = sys.argv[1:]
API = f"{uri}/api/2.0/mlflow"


def get(path, **query):
    with urllib.request.urlopen(f"{API}/{path}?{urllib.parse.urlencode(query)}", timeout=20) as answer:
        return json.load(answer)


def post(path, body):
    request = urllib.request.Request(f"{API}/{path}", json.dumps(body).encode(), {"content-type": "application/json"})
    with urllib.request.urlopen(request, timeout=20) as answer:
        return json.load(answer)


def points_at_home(folder):
    """All values in the lines and the single objects of a run's log."""
    batches = [json.loads(line)[1] for file in folder.glob("*.jsonl") for line in file.read_text().splitlines()]
    batches += [json.loads(file.read_text()) for file in folder.glob("*.json")]
    points = [point for batch in batches for point in batch.get("points", [])]
    return collections.Counter((p["metric"], p["step"], p["time"], float(p["value"])) for p in points)


number = get("experiments/get-by-name", experiment_name=experiment)["experiment"]["experiment_id"]
theirs = collections.defaultdict(list)
for run in post("runs/search", {"experiment_ids": [number], "max_results": 1000})["runs"]:
    tags = {tag["key"]: tag["value"] for tag in run["data"]["tags"]}
    theirs[tags.get("stockops.run_id")].append((run, tags))

ours = sorted(pathlib.Path(home, "runs").iterdir())
assert sorted(theirs) == [folder.name for folder in ours], (sorted(theirs), ours)
for folder in ours:
    run = json.loads((folder / "run.json").read_text())
    [(found, tags)] = theirs[folder.name]
    info = found["info"]
    assert info["status"] == run["status"].upper(), (info, run["status"])
    assert run["tags"].items() <= tags.items()
    # What is empty is left out of an answer.
    assert {param["key"]: param["value"] for param in found["data"].get("params", [])} == run["params"]
    there = collections.Counter()
    for metric in {metric["key"] for metric in found["data"].get("metrics", [])}:
        for value in get("metrics/get-history", run_id=info["run_id"], metric_key=metric)["metrics"]:
            there[metric, int(value["step"]), int(value["timestamp"]), float(value["value"])] += 1
    home_points = points_at_home(folder / "log")
    assert there == home_points, (folder.name, there - home_points, home_points - there)
    files = {file["path"] for file in get("artifacts/list", run_id=info["run_id"]).get("files", [])}
    assert files == {file.name for file in (folder / "artifacts").glob("*")}, files
    print(f"{folder.name} {run['name']}: {run['status']}, {sum(there.values())} values, {len(files)} files, once")
