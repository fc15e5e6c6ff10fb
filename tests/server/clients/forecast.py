"""A forecast by a client in Python that was generated from the document alone. It prints its close."""

import sys

from stockops_client import AuthenticatedClient
from stockops_client.api.forecasts import forecast, predict_child
from stockops_client.models import Detail, Forecasts, OfTickerRequest


def main(url: str, key: str) -> None:
    with AuthenticatedClient(base_url=url, token=key) as client:
        # Of many tickers in one call.
        many = forecast.sync(client=client, tickers="AMZN")
        assert isinstance(many, Forecasts), many
        one = many.forecasts[0]
        close = one.predictions.next_day.close
        low, high = one.intervals["90"][0].close
        assert low < close < high, (low, close, high)

        # Of one, whose model may have to be trained first.
        child = predict_child.sync_detailed(client=client, body=OfTickerRequest(ticker="AMZN"))
        assert child.status_code in (200, 202), child

        # What does not fit is told in the form that the document states.
        wrong = predict_child.sync_detailed(client=client, body=OfTickerRequest(ticker="../etc"))
        assert wrong.status_code == 422 and isinstance(wrong.parsed, Detail), wrong
        print(close)


main(*sys.argv[1:])
