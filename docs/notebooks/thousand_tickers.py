# %% [markdown]
# # A thousand tickers
#
# Children are independent of each other, so any executor can train them: a process pool here, Dask or Ray on several
# machines. An order and its answer are bytes, and the result does not depend on who worked.
#
# The tickers here are pieces of 300 days of the shipped series. `TICKERS` in the environment says how many.

# %%
import os
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

import stockops

count = int(os.environ.get("TICKERS", 1000))
shipped = [stockops.load_bars(ticker) for ticker in stockops.builtin_tickers()]


def piece(number):
    series = shipped[number % len(shipped)]
    start = number * 7 % (len(series) - 300)
    frame = series[start : start + 300].to_frame()
    return stockops.Bars.from_dataframe(frame, f"P{number}")


pieces = [piece(number) for number in range(count)]
len(pieces), pieces[0]

# %%
trainer = stockops.TransferTrainer(n_epochs=3)
with ProcessPoolExecutor(mp_context=get_context("spawn")) as executor:
    children = stockops.train_children(pieces, executor, trainer=trainer, allow_parent_leak=True)
children

# %% [markdown]
# `allow_parent_leak` is here because some pieces lie before 2017, where the shipped parent has seen them. Such children
# are marked, and their skill is not to be believed.

# %%
sum(child.about["leaked"] for child in children.values())

# %%
registry = stockops.ModelRegistry()
for child in children.values():
    registry.publish(child)
registry
