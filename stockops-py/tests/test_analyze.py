"""The analysts' report, without a network."""

import datetime

import pytest
import stockops

KEYS = ("messages", "ticker", "predictions", "news_sentiment", "final_report", "recommendation", "confidence", "last_price")


@pytest.fixture(scope="module")
def report(bars):
    return stockops.analyze(bars)


def test_a_report_has_the_keys_of_the_contract_and_its_facts(report, bars):
    document = report.to_dict()
    assert all(key in document for key in KEYS)
    assert (report.ticker, report.last_price, report.written_by) == ("MSFT", bars[-1].close, "template")
    assert report.recommendation in ("BULLISH", "BEARISH", "NEUTRAL")
    assert (report.action in ("Buy", "Sell", "Hold"), report.confidence in ("High", "Medium", "Low")) == (True, True)
    assert (document["recommendation"], document["final_report"]) == (report.recommendation, report.final_report)
    assert report.summary and report.answer is None
    ids = {fact["id"] for fact in document["facts"]}
    assert document["numbers"] and all(number["fact"] in ids for number in document["numbers"])
    assert report.fact("last_close")["id"] == "last_close"
    with pytest.raises(stockops.NotFoundError, match="no fact named moon"):
        report.fact("moon")


def test_it_shows_itself(report):
    assert "<svg" in report._repr_html_() and "MSFT" in report._repr_html_()
    assert report.to_html().startswith("<!doctype html>") or "<html" in report.to_html()
    assert report.charts and all(str(chart).startswith("<svg") for chart in report.charts.values())
    assert repr(report).startswith("AnalystReport(MSFT, ")


def test_the_same_bars_give_the_same_report(report, bars):
    again = stockops.analyze(bars)
    assert (again.summary, again.recommendation, again.confidence) == (report.summary, report.recommendation, report.confidence)


def test_progress_hears_of_each_node(bars):
    events = []
    stockops.analyze(bars, progress=events.append)
    assert [event["sequence"] for event in events] == list(range(1, len(events) + 1))
    assert {"facts", "verdict", "template"} <= {event.get("node") for event in events}
    assert events[-1]["kind"] == "done"


@pytest.mark.parametrize("error", [OSError, KeyboardInterrupt])
def test_what_progress_raises_stops_it(bars, error):
    def raises(event):
        raise error("enough")

    with pytest.raises(error, match="enough"):
        stockops.analyze(bars, progress=raises)


def test_a_thread_is_a_conversation(bars, tmp_path):
    registry = stockops.ModelRegistry(tmp_path)
    question = "what would change your mind?"
    first = stockops.analyze(bars, registry, thread="t", question=question)
    second = stockops.analyze(bars, registry, thread="t", question=question)
    assert first.answer and second.answer
    assert second.to_dict()["thread"] == "t" and first.to_dict()["run"] != second.to_dict()["run"]


def test_a_question_that_was_asked_is_answered_from_what_is_kept(bars, tmp_path):
    registry = stockops.ModelRegistry(tmp_path)
    first = stockops.analyze(bars, registry, question="How sure are you?").to_dict()
    again = stockops.analyze(bars, registry, question="how sure are you").to_dict()
    assert first["kept_answer"] is None and first["agent_eval"]["trustworthiness"] == 1.0
    assert again["kept_answer"]["question"] == "How sure are you?" and again["kept_answer"]["run"] == first["run"]
    fresh = stockops.analyze(bars, registry, question="How sure are you?", fresh=True)
    assert fresh.to_dict()["kept_answer"] is None


def test_the_name_of_the_company_is_a_fact(bars):
    report = stockops.analyze(bars, name="Microsoft Corporation")
    assert report.fact("company")["value"]["value"] == "Microsoft Corporation"


def test_headlines_of_a_file_are_in_it(bars, tmp_path):
    news = tmp_path / "news.csv"
    # What is older than a week is no news.
    lately = bars.last_day - datetime.timedelta(days=3)
    rows = f"{lately},Cloud growth beats,Reuters,MSFT\n2010-01-04,Old growth,Reuters,MSFT\n"
    news.write_text(f"date,title,publisher,ticker\n{rows}")
    headlines = stockops.analyze(bars, news=news, as_of=bars.last_day).to_dict()["headlines"]
    assert [headline["title"] for headline in headlines] == ["Cloud growth beats"]


def test_a_server_that_is_not_there_ends_in_the_template(bars, report):
    dead = stockops.analyze(bars, llm="http://127.0.0.1:9", model="none")
    assert dead.written_by == "template" and dead.recommendation == report.recommendation
    assert "template" in dead.to_dict()["written_by"]["by"]


@pytest.mark.parametrize(
    ("options", "error", "text"),
    [
        ({"llm": "http://127.0.0.1:9"}, stockops.ConfigError, "`model` must be given with `llm`"),
        ({"language": "klingon"}, stockops.ConfigError, "`language`"),
        ({"thread": "t"}, stockops.ConfigError, "`registry` must be one with a folder"),
        ({"tokens": 0}, stockops.ConfigError, "`tokens` must be at least 1, got 0"),
    ],
)
def test_what_cannot_be_meant_is_said(bars, options, error, text):
    with pytest.raises(error, match=text):
        stockops.analyze(bars, **options)


def test_too_few_bars_are_said(bars):
    with pytest.raises(stockops.TooShortError):
        stockops.analyze(bars.tail(20))
