"""MLflow's own client sees each version of a home's registry once, with its names and its bundle.

usage: mlflow_models.py EXPERIMENT HOME     (MLFLOW_TRACKING_URI says where the server is)
"""

import hashlib
import json
import pathlib
import sys

import mlflow
from mlflow import MlflowClient

experiment, home = sys.argv[1], pathlib.Path(sys.argv[2])
client = MlflowClient()


def newest(folder):
    """The value of a sequence."""
    files = sorted(folder.glob("*.json"))
    return json.loads(files[-1].read_text())["value"] if files else None


parent = newest(home / "registry/_parent") or {}
shelves = [shelf for shelf in (home / "registry").iterdir() if (shelf / "manifest").is_dir()]
assert shelves
for shelf in shelves:
    manifest, model = newest(shelf / "manifest"), f"{experiment}.{shelf.name}"
    ours = {version["version"]: version for version in manifest["versions"]}
    found = {}
    for there in client.search_model_versions(f"name='{model}'"):
        ticker, _, number = there.tags["stockops.version"].rpartition("@")
        assert ticker == shelf.name and int(number) not in found, there.tags
        found[int(number)] = there
    assert sorted(found) == sorted(ours), (shelf.name, sorted(found), sorted(ours))
    for number, there in found.items():
        assert there.tags["sha256"] == ours[number]["sha256"]
        assert client.get_run(there.run_id).data.tags["stockops.run_id"] == there.tags["stockops.run_id"]
    names = {"champion": manifest["champions"][-1], "challenger": manifest["challenger"]}
    if parent.get("ticker") == shelf.name and parent["version"] > 0:
        names["parent"] = parent["version"]
    names = {alias: number for alias, number in names.items() if number is not None}
    aliases = client.get_registered_model(model).aliases
    wanted = {alias: found[number].version for alias, number in names.items()}
    assert dict(aliases) == wanted, (shelf.name, aliases, names)
    bundle = pathlib.Path(mlflow.artifacts.download_artifacts(f"models:/{model}@champion"), "bundle.safetensors")
    assert hashlib.sha256(bundle.read_bytes()).hexdigest() == ours[names["champion"]]["sha256"]
    print(f"{model}: {len(found)} versions, {names}, the champion's bundle downloaded")
