"""What may be lost and reached: one ticker and a portfolio, against numpy on the losses themselves."""

import numpy as np
import pickle

import pytest
import stockops


@pytest.fixture(scope="module")
def forecast():
    return stockops.shipped_parent().predict(stockops.load_bars("^GSPC"))


def test_measures_are_those_of_the_losses(forecast):
    risk = forecast.risk()
    for horizon in (1, 5):
        losses = risk.losses(horizon)
        assert losses.shape == (risk.paths,) and (np.diff(losses) <= 0).all()
        for level in (0.95, 0.99):
            at_risk = risk.value_at_risk(level, horizon=horizon)
            assert at_risk == np.quantile(losses, level, method="inverted_cdf")
            assert at_risk == forecast.value_at_risk(level, horizon=horizon)
            worst = losses[: round(risk.paths * (1 - level))]
            assert risk.expected_shortfall(level, horizon=horizon) == pytest.approx(worst.mean(), rel=1e-12)
            assert forecast.expected_shortfall(level, horizon=horizon) >= at_risk


def test_probabilities_are_shares_of_paths(forecast):
    risk, floor = forecast.risk(), 0.97 * forecast.last_price
    below = forecast.probability(close_below=floor, horizon=3)
    assert below == (risk.losses(3) > 0.03).mean()
    assert below + forecast.probability(close_above=floor, horizon=3) == pytest.approx(1)
    assert forecast.probability(touch=floor, horizon=3) >= below
    assert forecast.probability(touch=forecast.last_price) == 1
    assert risk.probability(any_wider=0.02, horizon=5) >= risk.probability(wider=0.02, horizon=5)
    assert risk.expected_low(5) <= risk.expected_low(1) <= risk.expected_high(1) <= risk.expected_high(5)


def test_exactly_one_event_is_asked_about(forecast):
    for events in ({}, {"touch": 1.0, "wider": 0.1}):
        with pytest.raises(stockops.ConfigError, match="name exactly one of `close_above`"):
            forecast.probability(**events)
    with pytest.raises(stockops.ConfigError, match="`horizon` must be a session that is forecast, got 6"):
        forecast.value_at_risk(0.99, horizon=6)
    with pytest.raises(stockops.ConfigError, match="a share between 0 and 1"):
        forecast.value_at_risk(99)


def test_the_statement_has_the_names_of_the_command(forecast):
    risk = forecast.risk()
    stated = risk.to_dict(levels=[2500.0])
    assert stated["value_at_risk"]["99"]["h5"] == risk.value_at_risk(0.99, horizon=5)
    assert stated["probability"]["touch"]["2500"]["h5"] == risk.probability(touch=2500, horizon=5)
    assert stated["expected_high"]["h1"] == risk.expected_high()
    assert "2,500.00: touched" in str(risk.plot([2500.0]))


def test_a_forecast_from_a_pickle_says_what_is_missing(forecast):
    with pytest.raises(stockops.NotFoundError, match="no record of past errors named"):
        pickle.loads(pickle.dumps(forecast)).risk()


def test_a_portfolio_of_one_is_the_ticker_and_parts_add_up():
    parent = stockops.shipped_parent()
    # Bars of a portfolio end together.
    bars = {ticker: stockops.load_bars(ticker).between(end="2020-07-31") for ticker in ("MSFT", "AMZN")}
    made = {ticker: parent.predict(one) for ticker, one in bars.items()}
    alone = stockops.Portfolio({"MSFT": 1.0}).risk([made["MSFT"]])
    assert alone.value_at_risk(0.99, horizon=5) == made["MSFT"].value_at_risk(0.99, horizon=5)
    both = stockops.Portfolio({"MSFT": 3, "AMZN": -2}, holding="shares")
    risk = both.risk([made[ticker] for ticker in both.positions])
    assert risk.values == {"MSFT": 3 * made["MSFT"].last_price, "AMZN": -2 * made["AMZN"].last_price}
    parts = risk.contributions(0.95, horizon=5)
    assert sum(parts.values()) == pytest.approx(risk.expected_shortfall(0.95, horizon=5), rel=1e-12)
    with pytest.raises(stockops.ConfigError, match="one of each position, in their order"):
        both.risk([made["AMZN"], made["MSFT"]])


def test_a_portfolio_is_read_and_pickled(tmp_path):
    file = tmp_path / "mine.csv"
    file.write_text("ticker,weight\nmsft,0.5\nIBM,-0.25\n")
    portfolio = stockops.Portfolio.from_csv(file)
    assert portfolio == stockops.Portfolio({"MSFT": 0.5, "IBM": -0.25})
    assert pickle.loads(pickle.dumps(portfolio)) == portfolio and portfolio.holding == "weight"
    file.write_text("ticker,price\nMSFT,1\n")
    with pytest.raises(stockops.FileError, match="either `weight` or `shares`"):
        stockops.Portfolio.from_csv(file)
    with pytest.raises(stockops.ConfigError, match="`holding` must be `weight` or `shares`"):
        stockops.Portfolio({"MSFT": 1}, holding="pounds")


def test_skill_is_stated_on_held_out_days(bars, child):
    skill = child.risk_skill(bars)
    assert set(skill["h1"]["tail"]) == {"95", "99"}
    assert 0 <= skill["h1"]["tail"]["99"]["value_at_risk"]["kupiec_p"] <= 1
    assert skill["h5"]["touch"]["n"] == 8 * skill["h5"]["n"]
