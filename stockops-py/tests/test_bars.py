"""Bars from files and frames of every library, and back."""

import datetime
import gzip
import pickle

import numpy as np
import pytest
import stockops
from hypothesis import given, settings
from hypothesis import strategies as st

ROW = "date,open,high,low,close,volume\n2024-05-01,10,11,9,10.5,1000\n2024-05-02,10.5,12,10,11,2000\n"


def test_files_of_three_kinds_hold_the_same_bars(tmp_path, bars):
    frame = bars.to_frame().reset_index()
    frame.to_csv(tmp_path / "a.csv", index=False)
    (tmp_path / "b.csv").write_bytes(gzip.compress((tmp_path / "a.csv").read_bytes()))
    frame.to_parquet(tmp_path / "c.parquet")
    for name in ("a.csv", "b.csv"):
        assert stockops.Bars.from_csv(tmp_path / name, "msft") == bars
    assert stockops.Bars.from_parquet(tmp_path / "c.parquet", "MSFT") == bars
    assert stockops.Bars.from_parquet(str(tmp_path / "c.parquet"), "MSFT") == bars


def pandas_index(bars):
    return bars.to_frame()


def pandas_column(bars):
    return bars.to_frame().reset_index()


def pandas_capital(bars):
    return bars.to_frame().rename_axis("Date").rename(columns=str.title)


def pandas_unnamed(bars):
    return bars.to_frame().rename_axis(None)


def pandas_text(bars):
    frame = bars.to_frame().reset_index()
    return frame.assign(date=frame["date"].astype(str))


def pandas_utc(bars):
    return bars.to_frame().tz_localize("UTC")


def pandas_new_york(bars):
    """As yfinance gives it: midnight in the exchange's zone."""
    return bars.to_frame().tz_localize("America/New_York")


def pandas_two_levels(bars):
    import pandas

    frame = bars.to_frame().rename(columns=str.title)
    return frame.set_axis(pandas.MultiIndex.from_product([frame.columns, ["MSFT"]]), axis=1)


def pandas_two_tickers(bars):
    """As yfinance gives two tickers."""
    import pandas

    own, other = pandas_two_levels(bars), stockops.load_bars("GOOGL").to_frame().rename(columns=str.title)
    other.columns = pandas.MultiIndex.from_product([other.columns, ["GOOGL"]])
    return pandas.concat([other, own], axis=1).dropna()


def pandas_by_ticker(bars):
    """As yfinance gives it with ``group_by="ticker"``."""
    return pandas_two_levels(bars).swaplevel(axis=1)


def pandas_tokyo(bars):
    """Midnight in Tokyo is the day as written."""
    return bars.to_frame().tz_localize("Asia/Tokyo")


def pandas_reversed(bars):
    return bars.to_frame()[::-1]


def pandas_shuffled(bars):
    """A column of days, and an index that means nothing any more."""
    return pandas_column(bars).sample(frac=1, random_state=1)


def pandas_event(bars):
    return pandas_shuffled(bars).rename(columns={"date": "event_timestamp"})


def pandas_both(bars):
    return pandas_column(bars).set_index("date", drop=False)


def polars(bars):
    return bars.to_frame("polars")


def polars_capsule(bars):
    import polars

    return polars.DataFrame(bars)


def polars_lazy(bars):
    return bars.to_frame("polars").lazy().collect()


def pyarrow(bars):
    return bars.to_frame("pyarrow")


def pyarrow_capsule(bars):
    import pyarrow

    return pyarrow.table(bars)


def pyarrow_reader(bars):
    import pyarrow

    return pyarrow.RecordBatchReader.from_stream(bars)


def duckdb(bars):
    import duckdb

    sessions = bars.to_frame("pyarrow")  # found by its name
    return duckdb.sql("select * from sessions order by date")


def itself(bars):
    return bars


def mapping(bars):
    return {"date": bars.dates, **{name: getattr(bars, name) for name in ("open", "high", "low", "close", "volume")}}


FRAMES = [
    pandas_index, pandas_column, pandas_capital, pandas_unnamed, pandas_text, pandas_utc, pandas_new_york,
    pandas_two_levels, pandas_by_ticker, pandas_tokyo, pandas_reversed, pandas_shuffled, pandas_event, pandas_both, polars, polars_capsule, polars_lazy, pyarrow, pyarrow_capsule, pyarrow_reader,
    duckdb, itself, mapping,
]  # fmt: skip


@pytest.mark.parametrize("make", FRAMES, ids=lambda make: make.__name__)
def test_every_frame_comes_in(bars, make):
    assert stockops.Bars.from_dataframe(make(bars), "MSFT") == bars


def test_of_two_tickers_the_named_one_is_taken(bars):
    both = pandas_two_tickers(bars)
    own = stockops.Bars.from_dataframe(both, "MSFT")
    assert own == bars.between(own.first_day, own.last_day)
    assert stockops.Bars.from_dataframe(both, "GOOGL").close[0] == stockops.load_bars("GOOGL").between(own.first_day, None).close[0]


class Protocol:
    """An object with the DataFrame protocol and nothing else: pandas without pyarrow, or an older library."""

    def __init__(self, frame):
        self._frame = frame

    def __dataframe__(self, nan_as_null=False, allow_copy=True):
        return self._frame.__dataframe__(allow_copy=allow_copy)


def pyarrow_time(bars):
    """pyarrow's own protocol knows times, and no dates."""
    table = bars.to_frame("pyarrow")
    return table.set_column(0, "date", table["date"].cast("timestamp[ms]"))


@pytest.mark.filterwarnings("ignore:.*interchange.*", "ignore:.*__dataframe__.*")
@pytest.mark.parametrize("make", [pandas_column, pandas_text, polars, pyarrow_time], ids=lambda make: make.__name__)
def test_the_dataframe_protocol_is_enough(bars, make):
    frame = make(bars)
    if not hasattr(frame, "__dataframe__"):
        pytest.skip("this version of the library has no DataFrame protocol")
    assert stockops.Bars.from_dataframe(Protocol(frame), "MSFT") == bars


@pytest.mark.filterwarnings("ignore:.*interchange.*", "ignore:.*__dataframe__.*")
def test_pandas_without_pyarrow_comes_in_by_the_protocol(bars, monkeypatch):
    import pandas

    def missing(self, requested_schema=None):
        raise ImportError("pyarrow")

    monkeypatch.setattr(pandas.DataFrame, "__arrow_c_stream__", missing)
    if not hasattr(pandas.DataFrame, "__dataframe__"):
        pytest.skip("this pandas has no DataFrame protocol")
    for make in (pandas_index, pandas_text, pandas_utc, pandas_new_york):
        assert stockops.Bars.from_dataframe(make(bars), "MSFT") == bars


def test_one_ticker_of_a_long_frame(bars):
    import polars as pl

    long = pl.concat([
        bars.to_frame("polars").with_columns(ticker=pl.lit("MSFT")),
        stockops.load_bars("IBM").to_frame("polars").with_columns(ticker=pl.lit("IBM")),
    ])  # fmt: skip
    assert stockops.Bars.from_dataframe(long, "MSFT") == bars
    with pytest.raises(stockops.FileError, match="no row of AMZN; the frame|no row of AMZN; the file has IBM, MSFT"):
        stockops.Bars.from_dataframe(long, "AMZN")


@pytest.mark.parametrize(
    ("change", "text"),
    [
        ({"close": None}, "no column"),
        ({"close": [10.5, float("nan")]}, "row 2: .*NaN, not a finite number|row 2: Close is empty"),
        ({"close": ["a", "b"]}, "row 1: Close is `a`, not a number"),
        ({"close": [10.5, -1.0]}, "row 2: 2024-05-02: "),
        ({"date": ["2024-05-01", "yesterday"]}, "row 2: the date is `yesterday`"),
        ({"date": ["2024-05-01", "2024-05-01"], "close": [10.5, 21.0], "high": [11.0, 21.0]}, "two rows of 2024-05-01 are far apart"),
        ({"date": ["2024-05-01", None]}, "row 2: the date is empty"),
    ],
)
@pytest.mark.parametrize("library", ["pandas", "polars", "mapping"])
def test_what_is_wrong_with_a_frame_is_named(library, change, text):
    frame = {"date": ["2024-05-01", "2024-05-02"], "open": [10.0, 10.5], "high": [11.0, 12.0], "low": [9.0, 10.0]}
    frame |= {"close": [10.5, 11.0], "volume": [1e3, 2e3]} | change
    frame = {name: values for name, values in frame.items() if values is not None}
    if library != "mapping":
        frame = pytest.importorskip(library).DataFrame(frame)
    with pytest.raises(stockops.FileError) as error:
        stockops.Bars.from_dataframe(frame, "GOOG")
    error.match(text if change != {"close": None} else "(?i)close")


@pytest.mark.parametrize("library", ["pandas", "polars", "pyarrow"])
def test_an_empty_frame_is_refused(library, bars):
    frame = bars.to_frame(library)
    with pytest.raises(stockops.FileError, match="the table has no row"):
        stockops.Bars.from_dataframe(frame[:0], "MSFT")


@pytest.mark.parametrize("thing", [None, 3, "text", [1, 2], np.zeros((3, 6))])
def test_what_is_no_frame_is_refused(thing):
    with pytest.raises(stockops.DtypeError, match="is no frame; give one with the Arrow C stream"):
        stockops.Bars.from_dataframe(thing, "MSFT")


def test_a_day_in_the_future_is_refused(tmp_path):
    path = tmp_path / "goog.csv"
    path.write_text(ROW)
    with pytest.raises(stockops.FileError, match="line 3: 2024-05-02: it lies in the future, today is 2024-05-01"):
        stockops.Bars.from_csv(path, "GOOG", today="2024-05-01")
    assert len(stockops.Bars.from_csv(path, "GOOG", today=datetime.date(2024, 5, 2))) == 2


def test_adjustment_is_a_word(tmp_path):
    path = tmp_path / "goog.csv"
    path.write_text("date,open,high,low,close,adj close,volume\n2024-05-01,10,11,9,10,5,1\n2024-05-02,5,6,4,5,5,1\n")
    assert stockops.Bars.from_csv(path, "GOOG").close[0] == 5.0
    assert stockops.Bars.from_csv(path, "GOOG", adjust="none").close[0] == 10.0
    with pytest.raises(stockops.ConfigError, match="unknown word `split`, expected `auto` or `none`"):
        stockops.Bars.from_csv(path, "GOOG", adjust="split")


def test_columns_are_read_only_views_of_one_buffer(bars):
    first, second = bars.close, bars.close
    assert np.shares_memory(first, second)
    assert not first.flags.writeable
    with pytest.raises(ValueError, match="read-only"):
        first[0] = 1.0
    import pyarrow

    exported = pyarrow.table(bars)["close"].chunk(0).to_numpy(zero_copy_only=True)
    assert np.shares_memory(exported, first)


def test_a_view_outlives_its_bars():
    close = stockops.load_bars("IBM").tail(10).close
    copy = close.copy()
    filler = [stockops.load_bars("IBM").tail(10).close for _ in range(20)]
    assert (close == copy).all() and len(filler) == 20


def test_slices_are_bars_and_items_are_records(bars):
    assert bars[-5:] == bars.tail(5)
    assert bars[:] == bars
    assert len(bars[5:2]) == 0
    assert bars[0].date == bars.first_day == datetime.date(2015, 4, 1)
    assert [bar.close for bar in bars.tail(3)] == bars.close[-3:].tolist()
    with pytest.raises(IndexError, match="session 1511 of 1511"):
        bars[1511]
    with pytest.raises(ValueError, match="without a step"):
        bars[::2]


@pytest.mark.parametrize("day", ["2020-01-02", datetime.date(2020, 1, 2), np.datetime64("2020-01-02")])
def test_days_come_in_as_people_write_them(bars, day):
    import pandas

    assert bars.between(day).first_day == datetime.date(2020, 1, 2)
    assert bars.between(pandas.Timestamp(day)).first_day == datetime.date(2020, 1, 2)


@pytest.mark.parametrize("day", ["2020", "2020-13-01", "tomorrow", 3, ""])
def test_what_is_no_day_is_refused(bars, day):
    with pytest.raises(stockops.ConfigError, match="a day must be a date or text as YYYY-MM-DD"):
        bars.between(day)


prices = st.floats(1.0, 50.0)  # a last price a hundred times another is refused as another unit


@settings(max_examples=50, deadline=None)
@given(rows=st.lists(st.tuples(prices, prices, prices, prices, st.floats(0, 1e12)), min_size=1, max_size=30))
@pytest.mark.parametrize("library", ["pandas", "polars", "pyarrow"])
def test_out_and_in_again_changes_nothing(library, rows):
    """Any possible bars survive a journey through any library, bit for bit."""
    day = datetime.date(2024, 1, 1)
    columns = {"date": [day + datetime.timedelta(days=i) for i in range(len(rows))]}
    columns["open"] = [row[0] for row in rows]
    columns["close"] = [row[1] for row in rows]
    columns["high"] = [max(row[:3]) for row in rows]
    columns["low"] = [min(row[0], row[1], row[3]) for row in rows]
    columns["volume"] = [row[4] for row in rows]
    bars = stockops.Bars.from_dataframe(columns, "BTC-USD")
    assert bars.open.tolist() == columns["open"]
    assert stockops.Bars.from_dataframe(bars.to_frame(library), "BTC-USD") == bars


def test_what_was_found_is_told():
    weekend = {"date": ["2024-05-03", "2024-05-04"], "open": [10.0, 10.0], "high": [11.0, 11.0], "low": [9.0, 9.0]}
    weekend |= {"close": [10.5, 10.5], "volume": [1e3, 0.0]}
    bars = stockops.Bars.from_dataframe(weekend, "GOOG")
    assert len(bars) == 1
    assert bars.quality["findings"][0]["kind"] == "weekend"
    assert bars.quality["findings"][0]["action"] == "dropped"
    assert bars.quality["findings"][0]["text"] in bars._repr_html_().replace("&gt;", ">")


def test_frames_and_files_are_read_as_people_have_them(tmp_path):
    nan = float("nan")
    frame = {"date": [1714570200, 1714656600, 1714743000], "open": [10.0, nan, 10.5], "high": [10.499999999999998, nan, 11.0]}
    frame |= {"low": [9.0, nan, 10.0], "close": [10.5, nan, 10.8]}
    bars = stockops.Bars.from_dataframe(frame, "GOOG")
    assert [str(day) for day in bars.dates] == ["2024-05-01", "2024-05-03"]
    assert bars.high[0] == 10.5 and bars.volume.tolist() == [0.0, 0.0]
    assert {found["kind"] for found in bars.quality["findings"]} >= {"no_prices", "rounding", "zero_volume"}
    assert bars.understood["dates"] == "epoch seconds"
    path = tmp_path / "goog.csv"
    path.write_text("Datum;Open;High;Low;Close\n02.01.2024;10,00;11,00;9,00;10,50\n03.01.2024;10,00;9,00;9,00;10,60\n")
    with pytest.raises(stockops.FileError, match="set `dates` to dmy, mdy or ymd"):
        stockops.Bars.from_csv(path, "GOOG")
    with pytest.raises(stockops.FileError, match="line 3: 2024-01-03: high 9 is under"):
        stockops.Bars.from_csv(path, "GOOG", dates="dmy")
    bars = stockops.Bars.from_csv(path, "GOOG", dates="dmy", drop_bad_rows=True, calendar="XETR")
    assert bars.close.tolist() == [10.5]
    assert bars.understood["numbers"] == "decimal comma" and bars.understood["calendar"] == "XETR"


def test_the_index_and_events_stay_with_every_part_and_through_a_pickle():
    bars = stockops.load_bars("AMZN")
    both = bars.with_index(stockops.load_bars("^GSPC")).with_events([("2020-07-30", "Earnings"), (datetime.date(2020, 4, 30), "earnings")])
    assert both != bars and len(both) == len(bars)
    for part in (both, both.tail(300), both[-300:], both.between("2019-01-01")):
        assert pickle.loads(pickle.dumps(part)) == part
        assert part.with_index(None) != part and part.with_events(None) != part
    assert both.with_index(None).with_events(None) == bars
    with pytest.raises(stockops.ConfigError, match="kind of an event"):
        bars.with_events([("2020-07-30", "a/b")])


def test_a_child_learns_an_event_that_it_is_told_of():
    plain = stockops.load_bars("AMZN").tail(1500)
    days = [plain[i].date for i in range(40, 1500, 63)]
    frame = plain.to_frame("pandas")
    frame.loc[frame.index.isin([np.datetime64(day) for day in days]), "volume"] *= 5
    bars = stockops.Bars.from_dataframe(frame, "AMZN")
    parent = stockops.shipped_parent()
    told = bars.with_events([(day, "earnings") for day in [*days, bars.last_day + datetime.timedelta(days=3)]])
    child = stockops.TransferTrainer(n_epochs=1).fit(told, parent, compare=False)

    def volume(known):
        return child.predict(known).to_frame().volume.iloc[0]

    # The last bar is a Friday; the event is on the Monday after it.
    assert volume(told) > 2 * volume(told.with_events([]))
    assert any("no events were given" in note and "earnings" in note for note in child.predict(bars).notes)
