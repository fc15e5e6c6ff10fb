# %% [markdown]
# # Intervals and possible paths
#
# Split conformal intervals: their half-widths come from errors on calibration days, which lie after training and before
# the test, in units of today's volatility. As outcomes come in they adapt.

# %%
import numpy as np
import stockops

bars = stockops.load_bars("AMZN")
child = stockops.TransferTrainer().fit(bars, compare=False)
forecast = child.predict(bars)
forecast.plot(bars)

# %%
forecast.to_frame(90)[["close_lower", "close", "close_upper", "range_lower", "range_upper"]]

# %% [markdown]
# How often do they hold what they promise? Forecast from each of the last 60 days but five, and look what came.

# %%
inside = []
for end in range(len(bars) - 60, len(bars) - 5):
    lower, upper = child.predict(bars[:end]).interval(90).T
    came = bars.close[end : end + 5]
    inside.append((lower <= came) & (came <= upper))
print("share inside of the 90 % interval, by days ahead:", np.mean(inside, axis=0).round(2))

# %% [markdown]
# Paths answer other questions: how likely is a low 5 % under the last close within the week? How wide is the week?

# %%
lows = forecast.samples(5000, "low").min(axis=1)
highs = forecast.samples(5000, "high").max(axis=1)
print("a low 5 % under the last close:", (lows < 0.95 * forecast.last_price).mean())
print("width of the week, 80 % interval:", np.quantile(highs / lows - 1, [0.1, 0.9]).round(3))

# %% [markdown]
# ## Drift
#
# Two questions. Have the data changed? And does the model still keep its promises: does the interval hold, is it better
# than a 20-day mean? Only the second is a reason to train again. The child's past forecasts are made anew and scored.

# %%
report = stockops.DriftMonitor(child).report(bars)
report

# %%
report.to_frame()[["name", "statistic", "threshold", "alarm", "words"]]

# %% [markdown]
# A monitor needs no model: bars alone say what is usual. Here it learns that before 2018 and looks at the crash of 2020.

# %%
index = stockops.load_bars("^GSPC")
crash = stockops.DriftMonitor(index.between(None, "2017-12-31")).report(index)
print(crash.summary)
crash.plot()

# %% [markdown]
# A registry does all of it in one call: it scores what came of its forecasts, reports, and where the model has lost skill or
# coverage it trains a challenger, which takes over only where it is not worse.

# %%
registry = stockops.ModelRegistry()
registry.publish(child)
report, decision = registry.monitor(bars, retrain=True)
print(decision["verdict"], "|", decision["reason"])
