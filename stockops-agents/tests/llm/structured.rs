//! Answers as types: prose, two objects and half an object are none; a model is told once what is wrong.

use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::json;
use stockops_agents::Error;
use stockops_agents::error::ModelFault;
use stockops_agents::llm::{Line, Schema, ScriptedModel, Speaker, structured};

use crate::player::{Player, Reply};
use crate::{model, question};

#[derive(Debug, PartialEq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum Direction {
    Up,
    Down,
}

#[derive(Debug, PartialEq, Deserialize, JsonSchema)]
struct Inner {
    days: u32,
}

#[derive(Debug, PartialEq, Deserialize, JsonSchema)]
struct View {
    direction: Direction,
    inner: Inner,
    note: Option<String>,
}

const GOOD: &str = r#"{"direction": "up", "inner": {"days": 5}}"#;

fn good() -> View {
    View { direction: Direction::Up, inner: Inner { days: 5 }, note: None }
}

#[tokio::test]
async fn the_schema_goes_with_the_request_and_into_the_instructions() {
    let player = Player::plays([Reply::says(GOOD)]);
    let answer = structured::<View>(&model(&player), &question(), &|_| {}).await.unwrap();
    assert_eq!((answer.value, answer.repaired), (good(), None));
    let body = &player.calls()[0].body;
    let format = &body["response_format"];
    assert_eq!(format["type"], "json_schema");
    assert_eq!(format["json_schema"]["name"], "View");
    let schema = &format["json_schema"]["schema"];
    assert_eq!(schema["properties"]["inner"]["properties"]["days"]["type"], "integer");
    let said = body["messages"][0]["content"].as_str().unwrap();
    assert!(said.starts_with("You are an analyst.") && said.contains(&schema.to_string()), "{said}");
}

#[tokio::test]
async fn what_is_not_one_object_is_repaired_once() {
    let two = format!("{GOOD}\n{GOOD}");
    for bad in [
        "I think it goes up.",
        &format!("Here it is: {GOOD}"),
        &two,
        &GOOD[..20],
        r#"{"direction": "sideways"}"#,
        "null",
        "[]",
    ] {
        let second = Line::says(GOOD).to("That cannot be used: it").to(bad);
        let model = ScriptedModel::new([Line::says(bad), second]);
        let answer = structured::<View>(&model, &question(), &|_| {}).await.unwrap();
        assert_eq!(answer.value, good(), "{bad}");
        assert!(answer.repaired.is_some());
        let seen = model.seen();
        assert_ne!(seen[0].seed, seen[1].seed);
        let roles: Vec<_> = seen[1].messages.iter().map(|message| message.speaker).collect();
        assert_eq!(roles, [Speaker::System, Speaker::User, Speaker::Assistant, Speaker::User]);
        assert!(answer.usage.answer > 0);
    }
}

#[tokio::test]
async fn a_second_answer_that_is_none_is_the_end() {
    let model = ScriptedModel::new([Line::says("up"), Line::says("up!"), Line::says(GOOD)]);
    let error = structured::<View>(&model, &question(), &|_| {}).await.unwrap_err();
    let Error::Model { fault: ModelFault::Malformed(words), .. } = &error else { panic!("{error}") };
    assert!(words.starts_with("it is no JSON (") && words.ends_with(", also when told so"), "{words}");
    assert_eq!(model.left(), 1);
}

#[tokio::test]
async fn calls_of_tools_are_no_structured_answer() {
    let model = ScriptedModel::new([Line::calls("forecast", json!({})), Line::says(GOOD).to("it calls tools")]);
    assert_eq!(structured::<View>(&model, &question(), &|_| {}).await.unwrap().value, good());
}

#[tokio::test]
async fn a_fence_of_code_around_the_whole_is_taken_off() {
    for fenced in [format!("```json\n{GOOD}\n```"), format!("```\n{GOOD}```")] {
        let model = ScriptedModel::new([Line::says(fenced)]);
        assert_eq!(structured::<View>(&model, &question(), &|_| {}).await.unwrap().value, good());
    }
}

#[test]
fn a_schema_has_no_references() {
    let schema = Schema::of::<View>().unwrap();
    assert!(!schema.schema.to_string().contains("$ref"));
    #[derive(JsonSchema)]
    struct Tree {
        #[allow(dead_code)]
        children: Vec<Tree>,
    }
    let error = Schema::of::<Tree>().unwrap_err().to_string();
    assert_eq!(error, "`schema` must be an object without references, got Tree");
    assert!(Schema::of::<String>().is_err());
}
