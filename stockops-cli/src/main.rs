//! The command `stockops`: parses the call, runs it, and turns errors into one line and an exit code.

mod args;
mod command;
mod failure;
mod flags;
mod progress;
mod settings;
mod source;
mod version;

use std::io::Write;
use std::process::ExitCode;

use clap::Parser;
use clap::error::ErrorKind;

use args::Args;
use failure::Failure;

fn main() -> ExitCode {
    let wants_json = std::env::args_os().skip(1).take_while(|word| word != "--").any(|word| word == "--json");
    let outcome = settings::load_dot_env().and_then(|()| match Args::try_parse() {
        Ok(args) => command::run(&args),
        // A bare `stockops` is a newcomer's first call: the help as it is, and the exit code of a wrong call.
        Err(help) if help.kind() == ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => help.exit(),
        Err(error) if error.use_stderr() => Err(Failure::call(&error)),
        Err(version) if version.kind() == ErrorKind::DisplayVersion && is_verbose() => {
            command::heard(writeln!(std::io::stdout(), "{}", version::words()))
        }
        // `--help` and `--version` are errors to clap and answers to people.
        Err(answer) => command::heard(answer.print()),
    });
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => failure.report(wants_json),
    }
}

/// Whether the call says `-v`: clap has not told when it prints the version.
fn is_verbose() -> bool {
    std::env::args().skip(1).any(|word| word == "-v" || word == "--verbose")
}
