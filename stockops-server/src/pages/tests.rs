//! What both pages promise, whatever they are given.

use stockops_core::forecast::Forecast;

use super::*;

fn forecast() -> Forecast {
    serde_json::from_str(include_str!("tests/forecast.json")).unwrap()
}

/// What a strict policy forbids, and what would lead elsewhere.
fn strict(html: &str) {
    for forbidden in ["<style", " style=", "<script>", " onclick", "http://", "https://", "javascript:"] {
        let html = html.replace("http://www.w3.org/2000/svg", "");
        assert!(!html.contains(forbidden), "{forbidden} in {html}");
    }
}

#[test]
fn an_empty_page_has_its_form_and_nothing_else() {
    let html = index(&IndexView::default());
    strict(&html);
    assert!(html.contains("action=\"/app\"") && !html.contains("class=\"card\""));
}

#[test]
fn a_forecast_is_told_in_cards_words_chart_and_table() {
    let forecast = forecast();
    let html = index(&IndexView { ticker: "AMZN".into(), forecast: Some(forecast.clone()), ..IndexView::default() });
    strict(&html);
    for wanted in ["3,164.68", "31 Jul 2020", "tomorrow equals today", "<desc>Closes of the last", "2020-08-07", "95 %"]
    {
        assert!(html.contains(wanted), "{wanted}");
    }
    // What is not there is said to be unknown, and no number is made up for it.
    assert!(html.contains("not checked yet") && html.contains("Answered from the cache: <span id=\"cache\">not known"));
    let unjudged = Forecast { skill: None, intervals: Default::default(), outlook: None, ..forecast };
    let html = index(&IndexView { forecast: Some(unjudged), ..IndexView::default() });
    assert!(html.contains("No skill is claimed") && html.contains("no interval"));
}

#[test]
fn a_forecast_without_skill_says_so_before_its_chart() {
    let html = index(&IndexView { forecast: Some(forecast()), ..IndexView::default() });
    let verdict = html.find("The forecast of the close shows no skill").unwrap();
    assert!(verdict < html.find("<svg").unwrap());
    assert!(html.contains("What it can tell is how wide the next days will be"));
}

#[test]
fn words_of_strangers_stay_words() {
    let nasty = "\"><script>alert(1)</script>";
    let mut forecast = forecast();
    forecast.notes = vec![nasty.into()];
    let notice = Some(nasty.to_owned());
    let one = index(&IndexView {
        ticker: nasty.into(),
        notice: notice.clone(),
        forecast: Some(forecast),
        ..IndexView::default()
    });
    let job = JobRow { id: nasty.into(), work: nasty.into(), detail: nasty.into(), open: true, ..JobRow::default() };
    let output = OutputRow { name: nasty.into(), ..OutputRow::default() };
    let two = monitor(&MonitorView {
        ticker: nasty.into(),
        notice,
        jobs: vec![job],
        outputs: vec![output],
        ..MonitorView::default()
    });
    for html in [one, two] {
        strict(&html);
        assert!(!html.contains("alert(1)</script>") && html.contains("alert(1)"));
    }
}

#[test]
fn files_stand_under_their_plain_name_and_under_that_of_their_content() {
    let html = index(&IndexView::default());
    let (_, rest) = html.split_once("src=\"/assets/").unwrap();
    let (hashed, _) = rest.split_once('"').unwrap();
    let (kept, plain) = (asset(hashed).unwrap(), asset("app.js").unwrap());
    assert_eq!((&kept.bytes, &kept.etag), (&plain.bytes, &plain.etag));
    assert!(kept.cache_control.contains("immutable") && plain.cache_control == "no-cache");
    // A module names the others by their content too, so that a new one is never mixed with an old one.
    let text = String::from_utf8(kept.bytes.to_vec()).unwrap();
    let imports: Vec<&str> =
        text.lines().filter_map(|line| line.split_once(" from './")?.1.split_once('\'').map(|name| name.0)).collect();
    assert_eq!(imports.len(), 3);
    assert!(
        imports.iter().all(|name| asset(name).is_some_and(|file| file.cache_control.contains("immutable"))),
        "{imports:?}"
    );
    assert!(asset("app.js/../app.css").is_none() && asset("").is_none());
}
