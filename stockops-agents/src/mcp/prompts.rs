//! Prompts that a person may choose: a briefing on a ticker, and a look at a file.

use rmcp::model::{ErrorData, GetPromptResult, JsonObject, Prompt, PromptArgument, PromptMessage, Role};

/// Longest word that is put into a prompt.
const LONGEST: usize = 500;

/// All prompts.
pub(super) fn prompts() -> Vec<Prompt> {
    let argument =
        |name: &str, about: &str, required| PromptArgument::new(name).with_description(about).with_required(required);
    vec![
        Prompt::new(
            "brief",
            Some("Brief me on a ticker: what is forecast, how far to trust it, what may be lost"),
            Some(vec![
                argument("ticker", "Ticker, such as GOOG", true),
                argument("question", "What you want to know above all", false),
            ]),
        )
        .with_title("Brief me on a ticker"),
        Prompt::new(
            "check_file",
            Some("Look at a file of bars before it is used"),
            Some(vec![argument("file", "The file, as a path from a folder that the server may read", true)]),
        )
        .with_title("Check a file of bars"),
    ]
}

/// The prompt `name`, filled in.
pub(super) fn prompt(name: &str, arguments: &JsonObject) -> Result<GetPromptResult, ErrorData> {
    let text = match name {
        "brief" => brief(&word(arguments, "ticker")?, word(arguments, "question").ok().as_deref()),
        "check_file" => format!(
            "Call the tool `check_bars` with the file \"{}\". Tell me what was found, which days are to blame, and whether the \
             file can be used as it is. Do not guess at what the tool does not say.",
            word(arguments, "file")?
        ),
        _ => {
            let text = format!("no prompt named `{name}`; there are brief and check_file");
            return Err(ErrorData::invalid_params(text, None));
        }
    };
    Ok(GetPromptResult::new(vec![PromptMessage::new_text(Role::User, text)]))
}

fn brief(ticker: &str, question: Option<&str>) -> String {
    let question = question.map(|asked| format!(" Above all I want to know: {asked}")).unwrap_or_default();
    format!(
        "Brief me on {ticker}. Call the tools `forecast`, `risk` and `drift` for it.{question}\n\nWrite half a page: what is \
         forecast for the next sessions, how wild they may be, what may be lost, and whether the model still holds. Give each \
         number with its 90 % interval and its skill over the best simple rule, and use only numbers that the tools gave. Where \
         skill is below 0.01, or the interval of the move holds 0, say plainly that nothing is known of the direction. Say \
         of which day the bars are and which version forecast. It is not advice."
    )
}

/// An argument on one line.
fn word(arguments: &JsonObject, name: &str) -> Result<String, ErrorData> {
    let text = arguments.get(name).and_then(|value| value.as_str()).map(str::trim).filter(|text| !text.is_empty());
    let text =
        text.ok_or_else(|| ErrorData::invalid_params(format!("the prompt needs the argument `{name}`"), None))?;
    Ok(text.chars().map(|c| if c.is_control() { ' ' } else { c }).take(LONGEST).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn text(name: &str, arguments: serde_json::Value) -> Result<String, String> {
        let result = prompt(name, arguments.as_object().unwrap()).map_err(|error| error.message.to_string())?;
        Ok(serde_json::to_value(result).unwrap()["messages"][0]["content"]["text"].as_str().unwrap().to_owned())
    }

    #[test]
    fn a_briefing_asks_for_interval_and_skill_beside_each_number() {
        let text = text("brief", json!({"ticker": "GOOG", "question": "will it\nfall?"})).unwrap();
        assert!(text.starts_with("Brief me on GOOG.") && text.contains("I want to know: will it fall?"), "{text}");
        assert!(text.contains("90 % interval and its skill"), "{text}");
    }

    #[test]
    fn what_is_missing_is_told() {
        assert_eq!(text("brief", json!({})).unwrap_err(), "the prompt needs the argument `ticker`");
        assert!(text("buy", json!({})).unwrap_err().starts_with("no prompt named `buy`"));
    }
}
