# %% [markdown]
# # Does transfer help?
#
# A parent knows many years of the index, a child a few hundred days of its own. A backtest walks over the last 40 % of the
# days, fold by fold; each child learned from days before its fold alone, and so did its parent. The ablation makes the
# same child in four ways, with 150 days of history and with all, and judges all of them on the same days.

# %%
import stockops

bars = stockops.load_bars("MSFT")
walked = stockops.backtest(bars, n_folds=2, ablation=True, histories=[150], n_epochs=5, progress=True)
walked.plot("ablation")

# %% [markdown]
# Skill against the best simple rule, as a share of its error; below zero the rule is better. `dm_p` is the p-value of the
# difference (Diebold and Mariano).

# %%
arms = walked.to_frame("ablation")
ends = arms[arms["horizon"].isin([1, 5]) & arms["field"].isin(["close", "volume", "range"])]
ends = ends.assign(history=[f"{bars:.0f}" if bars > 0 else "all" for bars in ends["history"]])
ends.pivot(index=["strategy", "history"], columns=["field", "horizon"], values="skill_vs_best_rule").round(3)

# %%
walked.to_frame()[["field", "horizon", "skill_vs_best_rule", "best_rule", "dm_p", "coverage_90"]].round(3)

# %% [markdown]
# One walk and one seed are one draw: small differences mean nothing, and `n_seeds=3` shows how far they depend on the seed.
# What transfer gives is often what it does not lose: compare `scratch` with few days of history.

# %%
walked.notes
