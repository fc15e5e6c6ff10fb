"""Bars from Yahoo, played by a server on this machine, and from any callable."""

import datetime
import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, unquote, urlsplit

import numpy as np
import pytest
import stockops

DAYS = 120
NOT_FOUND = {"code": "Not Found", "description": "No data found, symbol may be delisted"}


def today():
    return datetime.datetime.now(datetime.timezone.utc).date()


def chart(symbol, first):
    """What Yahoo says of a coin, which trades every day; the row of today is not over."""
    midnight = datetime.datetime.combine(today(), datetime.time(), datetime.timezone.utc)
    times = [int(midnight.timestamp()) - 86400 * back for back in range(DAYS, -1, -1)]
    times = [time for time in times if time >= first]
    x = np.array(times) / 86400 - 15000
    close = np.float32(100 + 8 * np.sin(x / 17) + 3 * np.sin(x / 2.3)).astype(float)
    quote = {
        "open": (close - 0.3).tolist(),
        "high": (close + 0.9).tolist(),
        "low": (close - 0.8).tolist(),
        "close": close.tolist(),
        "volume": [1000 + i for i in range(len(times))],
    }
    meta = {"currency": "USD", "symbol": symbol, "exchangeTimezoneName": "UTC", "gmtoffset": 0, "dataGranularity": "1d"}
    result = {"meta": meta, "timestamp": times, "indicators": {"quote": [quote], "adjclose": [{"adjclose": close.tolist()}]}}
    return {"chart": {"result": [result], "error": None}}


class Yahoo(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    asked: list = []

    def do_GET(self):
        address = urlsplit(self.path)
        symbol = unquote(address.path.rsplit("/", 1)[1])
        Yahoo.asked.append(symbol)
        status, body = 404, {"chart": {"result": None, "error": NOT_FOUND}}
        if symbol.startswith("COIN"):
            status, body = 200, chart(symbol, int(parse_qs(address.query)["period1"][0]))
        text = b"Too Many Requests\r\n" if symbol == "BUSY" else json.dumps(body).encode()
        self.send_response(429 if symbol == "BUSY" else status)
        if symbol == "BUSY":
            self.send_header("Retry-After", "3600")
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def log_message(self, *words):
        pass


@pytest.fixture
def url():
    """An address of its own for each test, so that nothing is known there."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Yahoo)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    Yahoo.asked.clear()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()


def test_bars_come_from_yahoo_and_are_kept(url, tmp_path):
    bars = stockops.Bars.from_yahoo("COIN-USD", url=url, home=tmp_path)
    assert bars.last_day < today()
    assert len(bars) >= DAYS - 1
    assert bars.understood["source"].startswith("Yahoo, fetched ")
    assert stockops.Bars.from_yahoo("COIN-USD", url=url, home=tmp_path) == bars
    assert Yahoo.asked == ["COIN-USD"], "the second time it was known"
    assert stockops.Bars.from_yahoo("COIN-USD", url=url, home=tmp_path, as_of=today()) == bars
    assert stockops.Bars.from_yahoo("COIN-USD", url=url, home=tmp_path, refresh=True) == bars
    assert Yahoo.asked == ["COIN-USD", "COIN-USD"], "asked again, for it was told to"
    with pytest.raises(stockops.NotFoundError, match="no bars kept by that day named COIN-USD as of 2020-01-01"):
        stockops.Bars.from_yahoo("COIN-USD", url=url, home=tmp_path, as_of="2020-01-01")


def test_without_a_home_the_process_remembers(url):
    source = stockops.YahooSource(url=url)
    assert source("COIN-USD") == stockops.Bars.from_yahoo("COIN-USD", url=url)
    assert Yahoo.asked == ["COIN-USD"]
    partial = stockops.YahooSource(url=url, partial=True)("COIN-USD")
    assert partial.last_day == today()
    assert "unfinished" in [finding["kind"] for finding in partial.quality["findings"]]


def test_errors_have_their_class_and_kind(url, monkeypatch):
    monkeypatch.setenv("STOCKOPS_YAHOO_URL", url)
    source = stockops.YahooSource()
    with pytest.raises(stockops.NotFoundError, match="no ticker at Yahoo named NONE"):
        source("NONE")
    with pytest.raises(stockops.NetworkError, match="Yahoo for BUSY: asked too often") as raised:
        source("BUSY")
    assert raised.value.kind == "rate_limited"
    assert 3590 < raised.value.wait <= 3600
    assert isinstance(raised.value, ConnectionError)
    with pytest.raises(stockops.ConfigError, match="`url` must be an address"):
        stockops.YahooSource(url="finance.example")
    with pytest.raises(stockops.NetworkError) as raised:
        stockops.YahooSource(url="http://127.0.0.1:9")("GOOG")
    assert raised.value.kind == "offline"


def test_children_are_trained_from_it_and_from_any_callable(url, small):
    source = stockops.YahooSource(url=url)
    children = stockops.train_children(["COIN-USD"], source=source, trainer=small, parent=stockops.shipped_parent())
    assert list(children) == ["COIN-USD"], children.errors


def shop(ticker):
    """A source of one's own: a frame of any library."""
    import pandas

    frame = stockops.load_bars("MSFT").to_frame()
    return pandas.DataFrame(frame) if ticker == "SHOP" else stockops.load_bars(ticker)


def test_any_callable_that_gives_a_frame_is_a_source(small):
    bars = stockops.Bars.from_source(shop, "shop")
    assert bars.ticker == "SHOP"
    np.testing.assert_array_equal(bars.close, stockops.load_bars("MSFT").close)
    assert stockops.Bars.from_source(shop, "IBM") == stockops.load_bars("IBM")
    with pytest.raises(stockops.ConfigError, match="`bars` must be those of GOOG, got those of MSFT"):
        stockops.Bars.from_source(lambda ticker: stockops.load_bars("MSFT"), "GOOG")
    with pytest.raises(stockops.DtypeError, match="int is no frame"):
        stockops.Bars.from_source(lambda ticker: 3, "GOOG")
    children = stockops.train_children(["SHOP"], source=shop, trainer=small)
    assert list(children) == ["SHOP"], children.errors
