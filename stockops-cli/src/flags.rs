//! `as_flags`: options of reading, which the library calls by their names, as the flags or variables that set them.

/// Name in the library's words, and flag of the command.
const FLAGS: [(&str, &str); 10] = [
    ("`online store`", "--redis"),
    ("`redis`", "--redis"),
    ("`drop_bad_rows`", "--drop-bad-rows"),
    ("`allow_stale`", "--allow-stale"),
    ("`url`", "STOCKOPS_YAHOO_URL"),
    ("`calendar`", "--calendar"),
    ("`adjust`", "--adjust"),
    ("`decimal`", "--decimal"),
    ("`dates`", "--dates"),
    ("`fold`", "--fold"),
];

/// `text` with the flags in the place of the names: errors, findings and notes speak of options.
pub(crate) fn as_flags(text: &str) -> String {
    FLAGS.iter().fold(text.to_owned(), |text, (name, flag)| text.replace(name, flag))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::args::Args;
    use clap::CommandFactory;

    #[test]
    fn each_flag_is_one_of_the_command() {
        let command = Args::command();
        for (name, flag) in FLAGS {
            // What does not begin so is a variable of the environment.
            let is_known = |long: &str| command.get_arguments().any(|arg| arg.get_long() == Some(long));
            let known = flag.strip_prefix("--").is_none_or(is_known);
            assert!(known && as_flags(&format!("say {name} 24/7")) == format!("say {flag} 24/7"), "{name}");
        }
    }
}
