"""A walk over the past: its tables, charts and settings."""

import re

import numpy as np
import pytest
import stockops


@pytest.fixture(scope="module")
def walked(bars):
    return stockops.backtest(
        bars, strategy="zero-shot", n_folds=2, ablation=True, strategies=["zero-shot", "freeze"], histories=[150],
        n_epochs=1,
    )  # fmt: skip


def test_its_tables_are_frames_of_the_same_numbers(walked):
    document = walked.to_dict()
    fields = walked.to_frame()
    assert set(fields["horizon"]) == {1, 2, 3, 4, 5} and {"close", "volume", "range"} <= set(fields["field"])
    close = fields[(fields["field"] == "close") & (fields["horizon"] == 5)].iloc[0]
    assert close["rmse"] == document["fields"]["close"]["h5"]["rmse"]
    assert close["direction_accuracy"] == document["fields"]["close"]["h5"]["direction"]["accuracy"]
    folds = walked.to_frame("folds")
    assert folds["forecasts"].sum() == document["forecasts"]
    arms = walked.to_frame("ablation")[["strategy", "history"]].drop_duplicates()
    assert len(arms) == len(document["ablation"]) == 3  # zero-shot learns from no history
    assert walked.to_frame("seeds").empty
    for backend in ("polars", "pyarrow"):
        assert len(walked.to_frame(backend=backend)) == len(fields)
    with pytest.raises(stockops.ConfigError, match="`table` must be one of fields, folds, seeds, ablation, errors, got all"):
        walked.to_frame("all")


def test_errors_of_each_forecast_give_the_scores_again(bars):
    walked = stockops.backtest(bars, strategy="zero-shot", n_folds=2, errors=True)
    errors = walked.to_frame("errors")
    own = errors[(errors["field"] == "volume") & (errors["horizon"] == 5)]
    score = walked.to_dict()["fields"]["volume"]["h5"]
    assert len(own) == score["n"]
    for column, rmse in [("error", score["rmse"]), ("error_har_calendar", score["rules"]["har_calendar"])]:
        assert np.sqrt((own[column] ** 2).mean()) == pytest.approx(rmse, rel=1e-12)
    assert (own["made"] < own["day"]).all()
    assert errors[errors["field"] == "close"]["error_har"].isna().all()
    assert walked.to_frame("errors", backend="polars").height == len(errors)


def test_without_asking_no_errors_are_kept(walked):
    assert walked.to_frame("errors").empty


def test_no_fold_knows_its_own_days(walked):
    folds = walked.to_frame("folds")
    assert (folds["parent_last_seen_day"] < folds["from"]).all()
    assert (np.array(folds["to"][:-1]) < np.array(folds["from"][1:])).all()


def test_it_shows_itself(walked):
    assert sorted(walked.charts) == ["ablation.svg", "coverage.svg", "skill.svg"]
    assert str(walked.plot("coverage")) == str(walked.charts["coverage.svg"])
    assert re.fullmatch(r"Backtest\('MSFT', zero-shot, 2 folds, \d+ forecasts of \S+ to \S+\)", repr(walked))
    assert walked._repr_html_().count("<svg") == 3
    with pytest.raises(stockops.NotFoundError, match="no chart named gains; there are ablation, coverage, skill"):
        walked.plot("gains")


def test_what_cannot_be_judged_is_told(bars):
    with pytest.raises(stockops.ConfigError, match="`n_folds` must be at least 1, got 0"):
        stockops.backtest(bars, n_folds=0)
    with pytest.raises(stockops.LeakError, match="IBM: the judged days begin on"):
        stockops.backtest(stockops.load_bars("IBM"))
    with pytest.raises(stockops.TooShortError):
        stockops.backtest(bars.tail(100))


def test_a_parent_is_trained_from_the_index_where_the_known_one_saw_too_much(parent):
    index = stockops.load_bars("^GSPC").between("2000-01-01", "2012-12-31").tail(1500)
    walked = stockops.backtest(
        stockops.load_bars("IBM").tail(800), index=index, strategy="zero-shot", n_folds=1, n_epochs=1
    )
    assert walked.to_dict()["folds"][0]["parent"].startswith("^GSPC trained on days up to ")
