//! The service as a backend of OpenBB Workspace: what it finds, and that each endpoint which is named there answers in its form.

use serde_json::{Value, json};

use crate::server::Server;

#[test]
fn what_a_terminal_finds_answers_as_it_says() {
    let home = tempfile::tempdir().unwrap();
    let server = Server::start(home.path(), "--source builtin --workers 0", &[]);
    let widgets = server.get("/widgets.json").json();
    let named = |widget: &str| widgets[widget]["endpoint"].as_str().unwrap().to_owned();

    let rows = server.get(&format!("/{}?ticker=AMZN", named("stockops_forecast"))).json();
    let columns = widgets["stockops_forecast"]["data"]["table"]["columnsDefs"].as_array().unwrap();
    assert_eq!(rows.as_array().unwrap().len(), 5);
    for row in rows.as_array().unwrap() {
        for column in columns {
            let field = column["field"].as_str().unwrap();
            assert!(row.get(field).is_some(), "{field} in {row}");
        }
        let [low, close, high] = ["close_low_80", "close", "close_high_80"].map(|field| row[field].as_f64().unwrap());
        assert!(low < close && close < high, "{row}");
    }
    let report = server.get(&format!("/{}?ticker=AMZN", named("stockops_report"))).json();
    assert!(report.as_str().is_some_and(|text| text.contains("AMZN")), "{report}");

    let agents = server.get("/agents.json").json();
    let query = agents["stockops"]["endpoints"]["query"].as_str().unwrap().to_owned();
    for (question, wanted) in [("AMZN: what is the risk?", "99 %"), ("what is the risk?", "Name a ticker")] {
        let answer = server.post(&query, &json!({"messages": [{"role": "human", "content": question}]}));
        assert_eq!((answer.status, answer.header("content-type")), (200, Some("text/event-stream")), "{}", answer.body);
        let data = answer.body.lines().find_map(|line| line.strip_prefix("data: ")).unwrap();
        let said: Value = serde_json::from_str(data).unwrap();
        assert!(answer.body.starts_with("event: copilotMessageChunk\n"), "{}", answer.body);
        assert!(said["delta"].as_str().is_some_and(|text| text.contains(wanted)), "{question}: {said}");
    }
}
