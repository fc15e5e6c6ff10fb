# %% [markdown]
# # A first forecast
#
# Bars that ship with the package, the parent that ships with it, a child for one stock, and its forecast. The bars are
# old: they are for learning the tool, not for trading.

# %%
import stockops

bars = stockops.load_bars("AMZN")
child = stockops.TransferTrainer(strategy="freeze").fit(bars)
forecast = child.predict(bars)
forecast

# %% [markdown]
# The bands are calibrated on days that nothing was learned from. The table below the chart says what the forecast is
# worth: 1 - RMSE / RMSE of a simple rule, in percent. Around zero there is no skill.

# %%
forecast.to_frame(90)[["low", "close", "high", "close_lower", "close_upper"]]

# %%
child.skill_frame().pivot(index="horizon", columns="field", values="vs_best_rule").round(3)

# %% [markdown]
# Your own bars come from a file or from any frame:
#
# ```python
# bars = stockops.Bars.from_csv("goog.csv", "GOOG")
# bars = stockops.Bars.from_dataframe(yfinance.download("GOOG", period="max"), "GOOG")
# ```
