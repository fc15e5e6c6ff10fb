//! The command `stockops`: parses the call, runs it, and turns errors into one line and an exit code.

mod args;
mod command;
mod failure;
mod format;
mod progress;
mod report;
mod settings;

use std::process::ExitCode;

use clap::Parser;

use args::Args;
use failure::Failure;

fn main() -> ExitCode {
    let wants_json = std::env::args().skip(1).take_while(|word| word != "--").any(|word| word == "--json");
    let outcome = settings::load_dot_env().and_then(|()| match Args::try_parse() {
        Ok(args) => command::run(&args),
        Err(error) if error.use_stderr() => Err(Failure::call(&error)),
        // `--help` and `--version` are errors to clap and answers to people.
        Err(answer) => answer.print().map_err(Failure::stdout),
    });
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => failure.report(wants_json),
    }
}
