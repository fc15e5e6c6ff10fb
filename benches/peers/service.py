"""A stand-in for the stack of the original: FastAPI under uvicorn, Redis before it, an LSTM of its size in PyTorch, batch 1.

usage: uvicorn service:app --port N     env: REDIS_PORT, BARS (CSV.gz of bars)

`POST /predict-child {"ticker"}` looks into Redis for 24 hours, and else makes 60 rows of 7 features out of the bars that are in
memory, scales them, runs the network, and writes the answer to Redis. `?cache=no` goes round Redis. It trains nothing, keeps no
record and states no skill: so it does less than ours.
"""

import gzip
import json
import os

import numpy as np
import redis
import torch
from fastapi import FastAPI
from pydantic import BaseModel

torch.set_num_threads(1)
kept = redis.Redis(port=int(os.environ["REDIS_PORT"]))
app = FastAPI()


class Network(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.lstm = torch.nn.LSTM(7, 128, 3, dropout=0.2, batch_first=True)
        self.fc = torch.nn.Linear(128, 35)

    def forward(self, rows):
        return self.fc(self.lstm(rows)[0][:, -1]).view(-1, 5, 7)


network = Network().eval()
with gzip.open(os.environ["BARS"], "rt") as file:
    names = next(file).strip().split(",")
    table = [line.strip().split(",") for line in file]
days = [row[0] for row in table]
bars = np.array([[float(cell) for cell in row[1:6]] for row in table])


def averaged(values, span):
    out, alpha = np.empty_like(values), 2 / (span + 1)
    out[0] = values[0]
    for i in range(1, len(values)):
        out[i] = alpha * values[i] + (1 - alpha) * out[i - 1]
    return out


def features():
    close = bars[-200:, 3]
    step = np.diff(close, prepend=close[0])
    gain = np.convolve(np.maximum(step, 0), np.ones(14) / 14, "full")[: len(close)]
    loss = np.convolve(np.maximum(-step, 0), np.ones(14) / 14, "full")[: len(close)]
    rsi = 100 - 100 / (1 + gain / np.maximum(loss, 1e-12))
    macd = averaged(close, 12) - averaged(close, 26)
    return np.column_stack([bars[-200:], rsi, macd])


mean, deviation = features().mean(0), features().std(0)


class Asked(BaseModel):
    ticker: str


def forecast(ticker):
    rows = torch.tensor((features()[-60:] - mean) / deviation, dtype=torch.float32)[None]
    with torch.inference_mode():
        out = network(rows)[0].numpy() * deviation + mean
    keys = ["open", "high", "low", "close", "volume"]
    full = [{"date": days[-1]} | {key: float(value) for key, value in zip(keys, day)} for day in out]
    week = {"high": max(day["high"] for day in full), "low": min(day["low"] for day in full)}
    history = [{"date": day, "close": float(bar[3])} for day, bar in zip(days[-30:], bars[-30:])]
    predictions = {"next_day": full[0], "next_week": week, "full_forecast": full}
    return {"ticker": ticker, "last_date": days[-1], "predictions": predictions, "history": history}


@app.post("/predict-child")
def predict_child(asked: Asked, cache: str = "yes"):
    key = f"predict_child:{asked.ticker}"
    if cache == "yes" and (found := kept.get(key)):
        return json.loads(found)
    answer = {"result": forecast(asked.ticker)}
    kept.setex(key, 86400, json.dumps(answer))
    return answer


@app.get("/health")
def health():
    return {"status": "healthy"}
