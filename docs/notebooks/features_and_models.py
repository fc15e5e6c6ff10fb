# %% [markdown]
# # Features, runs and models that are kept
#
# What was known of a ticker and when, what a training was given and what came of it, which version of a model forecasts, and
# a network that other programs compute. All of it lies in one folder, which the command `stockops` uses too, and nothing has to
# be started for it.

# %%
import tempfile
from datetime import datetime, timezone
from pathlib import Path

import numpy as np
import pandas as pd
import stockops

folder = tempfile.TemporaryDirectory()  # it goes with the notebook; give a folder of your own to keep it
home = Path(folder.name)
bars = stockops.load_bars("MSFT")
bars

# %% [markdown]
# ## Features
#
# A view says which features are kept; here the seven that models see. Bars go in, and a row of features is kept for each
# session.
#
# Sources correct what they said. To show it, the last close that goes in first is a wrong one.

# %%
store = stockops.FeatureStore(home)
store.apply()

first_said = bars.to_frame()
first_said.loc[first_said.index[-1], "close"] = bars.low[-1]
store.ingest([stockops.Bars.from_dataframe(first_said, "MSFT"), stockops.load_bars("AMZN")])["written"]

# %%
before_the_correction = datetime.now(timezone.utc)
store.ingest(bars)["written"]

# %% [markdown]
# One row is new: that of the corrected session. The old one stays beside it, so the history can be asked as it is known now, and
# as it was known then.

# %%
now = store.history("MSFT")
then = store.history("MSFT", known=before_the_correction)
assert len(now) == len(then) == len(bars)
assert now["Close"].iloc[-1] == bars.close[-1] and then["Close"].iloc[-1] == bars.low[-1]
pd.concat({"then": then.tail(2), "now": now.tail(2)})[["event_timestamp", "Close", "RSI14", "MACD"]]

# %% [markdown]
# A table for training is a join: for each ticker and time the row of the last session that had closed by then. At noon that
# is the session of the day before.

# %%
asked = pd.DataFrame({
    "ticker": ["MSFT", "MSFT", "AMZN"],
    "event_timestamp": pd.to_datetime(["2020-03-16 12:00", "2020-03-16 23:00", "2020-03-16 23:00"], utc=True),
})  # fmt: skip
joined = store.get_historical_features(asked)
assert joined["Close"].iloc[1] == bars.between("2020-03-16", "2020-03-16").close[0]
joined[["ticker", "event_timestamp", "feature_timestamp", "Close", "RSI14"]]

# %% [markdown]
# The newest row of each ticker is what a model is served with. Its status is that of Feast: these bars are old, so their rows are
# older than the 14 days for which the view calls a row valid, and of IBM nothing was ever kept. With `redis="redis://..."` the
# newest rows are in Redis.

# %%
newest = store.get(["MSFT", "AMZN", "IBM"])
pd.DataFrame([
    {"ticker": row["ticker"], "close": row["values"]["Close"], "status": row["statuses"]["Close"]} for row in newest
])  # fmt: skip

# %% [markdown]
# The files are Parquet, which pandas, polars, DuckDB and Feast read. All versions of a row are in them.

# %%
files = pd.read_parquet(home / "features/rows/stock_stats")
assert len(files) == len(bars) + 1 + len(stockops.load_bars("AMZN"))
files.groupby("ticker", observed=True).size()

# %% [markdown]
# ## Runs
#
# A tracker keeps what each training was given and what came of it; with `tracking_uri="http://..."` a server of MLflow has it
# too. Skill is the part of a simple rule's error that is gone, on days that nothing was learned from.

# %%
tracker = stockops.Tracker(home)
registry = stockops.ModelRegistry(home, tracker=tracker)
for strategy in ("zero-shot", "freeze", "fine-tune", "scratch"):
    child = stockops.TransferTrainer(strategy, n_epochs=5).fit(bars, compare=False, tracker=tracker)
    registry.publish(child)

runs = tracker.runs("MSFT")
shown = ["train_time", "val_loss", "skill_range_h1", "skill_volume_h1"]
pd.DataFrame([{"run": run["name"], "status": run["status"], **run["metrics"]} for run in runs])[["run", "status", *shown]]

# %%
points = pd.DataFrame(tracker.run(runs[0]["run_id"])["points"])
losses = points[points["metric"].isin(["train_loss", "val_loss"])]
losses.pivot(index="step", columns="metric", values="value").round(4)

# %% [markdown]
# ## Versions
#
# Each published model is a version of its ticker. The champion forecasts; a later version takes its place only where it is not
# worse on days that neither saw.

# %%
pd.DataFrame(registry.versions("MSFT"))[["version", "alias", "strategy", "reason"]]

# %% [markdown]
# Versions that nobody needs can be removed. A dry run says which they are, and removes nothing. Champion and challenger stay in
# any case, and so does the version that a rollback would bring back.

# %%
dry = registry.gc(keep=0, dry_run=True)
assert len(registry.versions("MSFT")) == 4
dry

# %% [markdown]
# ## Export
#
# ONNX is a format that many runtimes compute. The file takes scaled rows and gives scaled rows; its metadata say how bars
# become rows. onnxruntime gives what we give.

# %%
import onnxruntime

champion = registry.load("MSFT")
champion.export(home / "msft.onnx")
windows, _ = stockops.Dataset(bars, scaler=champion.scaler).windows("test")

session = onnxruntime.InferenceSession(home / "msft.onnx")
theirs = session.run(None, {"scaled_rows": windows})[0]
ours = champion.model(windows)
assert np.abs(theirs - ours).max() < 1e-5
print(ours.shape, "largest difference:", np.abs(theirs - ours).max())

# %%
card = session.get_modelmeta().custom_metadata_map
{name: card[name] for name in ("ticker", "version", "columns", "context", "horizon", "last_seen_day")}
