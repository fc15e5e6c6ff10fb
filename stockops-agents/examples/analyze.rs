//! A report of AMZN on the bars that ship with stockops. With STOCKOPS_LLM_URL and STOCKOPS_LLM_MODEL a language model writes
//! the prose, else the template does. `cargo run --release --example analyze -- "what would change your mind?"`

use stockops_agents::llm::LlmSettings;
use stockops_agents::{Analyst, Request};
use stockops_core::{Stockops, Ticker};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut builder = Analyst::builder(Stockops::builder().build()?).bars_from("builtin");
    if let Some(settings) = LlmSettings::from_env()? {
        builder = builder.model(settings.connect()?);
    }
    let question = std::env::args().nth(1);
    let request = Request { question, ..Request::new(Ticker::new("AMZN")?) };
    let run = builder.build()?.analyze(request).wait(|event| {
        eprintln!("{} {}", event.node.as_deref().unwrap_or("run"), event.kind);
    })?;
    println!("{}", run.report.final_report);
    Ok(())
}
