//! Calls and settings that are wrong, or come from several places.

use crate::place::Place;

#[test]
fn bad_bars_are_refused_in_one_line_and_nothing_is_written() {
    let place = Place::new();
    let head = "Date,Open,High,Low,Close,Volume\n";
    let day = "2024-05-02,10,11,9,10,5\n";
    let utf16: Vec<u8> = head.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let cases: [(&str, Vec<u8>, &str); 11] = [
        ("empty.csv", vec![], "empty"),
        ("column.csv", b"Date,Open,High,Low,Volume\n2024-05-02,1,1,1,1\n".to_vec(), "Close"),
        ("text.csv", format!("{head}2024-05-02,10,11,nine,10,5\n").into_bytes(), "nine"),
        ("nan.csv", format!("{head}2024-05-02,10,11,NaN,10,5\n").into_bytes(), "line 2"),
        ("infinite.csv", format!("{head}2024-05-02,10,inf,9,10,5\n").into_bytes(), "line 2"),
        ("double.csv", format!("{head}{day}2024-05-02,20,22,19,20,5\n").into_bytes(), "far apart"),
        ("negative.csv", format!("{head}2024-05-02,10,11,-9,10,5\n").into_bytes(), "a price must be above 0"),
        (
            "crossed.csv",
            format!("{head}2024-05-02,10,8,9,10,5\n").into_bytes(),
            "high 8 is under max(open, close) = 10",
        ),
        ("future.csv", format!("{head}2924-05-02,10,11,9,10,5\n").into_bytes(), "future"),
        ("utf16.csv", utf16, "a header but no row"),
        ("short.csv", (head.to_string() + day).into_bytes(), "needs at least 78 bars, got 1; give a longer history"),
    ];
    for (name, bytes, words) in cases {
        place.write(name, &bytes);
        let text = place.fails(2, &format!("train-child GOOG --bars {name} --quiet"));
        assert!(text.contains(words), "{name}: {text}");
    }
    let file = place.bars("MSFT", 64);
    let text = place.fails(2, &format!("forecast MSFT --bars {file}"));
    assert_eq!(text, "a forecast of MSFT needs at least 73 bars, got 64; give a longer history");
    let text = place.fails(2, "forecast GOOG --bars nowhere.csv");
    assert!(text.contains("nowhere.csv"), "{text}");
    let written = place.names().into_iter().filter(|name| !name.ends_with(".csv")).collect::<Vec<_>>();
    let versions = place.json("models list")["versions"].as_array().unwrap().len();
    assert_eq!(versions, 0, "{written:?}");
}

#[test]
fn wrong_calls_end_with_two() {
    let place = Place::new();
    let text = place.fails(2, "forecast ../../etc/passwd --bars x.csv");
    assert!(
        text.contains("`../../etc/passwd` is not a ticker: only letters, digits and ^ . - = _ & are allowed"),
        "{text}"
    );
    let text = place.fails(2, "train-child GOOG --strategy melt");
    assert!(text.contains("one of freeze, fine-tune, zero-shot, scratch"), "{text}");
    let text = place.fails(2, "forecast GOOG --device tpu");
    assert!(text.contains("not one of cpu, libtorch, libtorch:cuda, cuda"), "{text}");
    let text = place.fails(2, "frobnicate");
    assert!(text.contains("unrecognized subcommand 'frobnicate'"), "{text}");
    let text = place.fails(2, "forecast GOOG --source files");
    assert_eq!(text, "no bars named GOOG; give them with --bars FILE (CSV, CSV.gz or Parquet), or --source yahoo");
    let text = place.fails(2, "forecast GOOG --source bloomberg");
    assert!(text.contains("must be yahoo, files or builtin"), "{text}");
    let text = place.fails(2, "forecast GOOG --source builtin --as-of 2024-05-01");
    assert!(text.starts_with("--as-of is for --source yahoo"), "{text}");
    let text = place.fails(2, "forecast TSLA --source builtin");
    assert_eq!(text, "no shipped bars named TSLA; there are ^GSPC, AMZN, GOOGL, IBM, MSFT");
    let text = place.fails(1, "forecast GOOG");
    assert!(text.starts_with("Yahoo for GOOG: it could not be reached (") && text.contains("--bars FILE"), "{text}");
    let file = place.bars("MSFT", 100);
    let text = place.fails(2, &format!("forecast MSFT --bars {file} --device cuda"));
    assert!(text.contains("feature `cuda`"), "{text}");
    assert_eq!(place.run("--help").status.code(), Some(0));
    assert_eq!(place.run("--version").status.code(), Some(0));
}

#[test]
fn a_role_that_cannot_be_is_refused() {
    let place = Place::new();
    let text = place.fails(2, "serve --port 0 --role work");
    assert!(text.starts_with("--role serve and --role work want a Redis"), "{text}");
    let redis = "--redis redis://127.0.0.1:9";
    let text = place.fails(2, &format!("serve --port 0 {redis} --role serve --workers 2"));
    assert_eq!(text, "--role serve has no workers; leave out --workers, or say --role all");
    let text = place.fails(2, &format!("serve --port 0 {redis} --role work --workers 0"));
    assert_eq!(text, "--role work wants a worker, got --workers 0; leave it out, or say --role serve");
    assert!(place.fails(2, "serve --port 0 --role king").contains("'king'"));
}

#[test]
fn settings_come_from_flag_then_environment_then_file() {
    let place = Place::new();
    let file = place.bars("MSFT", 100);
    let train = format!("train-child MSFT --bars {file} --strategy zero-shot --json");
    place.write("stockops.toml", b"home = \"from-file\"\n");
    assert!(place.run(&train).status.success());
    place.write(".env", b"STOCKOPS_HOME=from-dot-env\n");
    assert!(place.run(&train).status.success());
    assert!(place.command(&train).env("STOCKOPS_HOME", "from-environment").status().unwrap().success());
    assert!(place.run(&format!("{train} --home from-flag")).status.success());
    for home in ["from-file", "from-dot-env", "from-environment", "from-flag"] {
        assert!(place.path().join(home).join("registry/MSFT/1/bundle.safetensors").exists(), "{home}");
    }
    place.write("stockops.toml", b"hoem = \"typo\"\n");
    let text = place.fails(2, "models list");
    assert!(text.starts_with("stockops.toml: ") && text.contains("hoem"), "{text}");
    let text = place.fails(2, "models list --config missing.toml");
    assert!(text.starts_with("missing.toml: could not be read"), "{text}");
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_behind_stdout_is_one_line_and_no_panic() {
    let full = || std::fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
    let place = Place::new();
    let file = place.bars("IBM", 200);
    for words in [format!("check {file} --json"), format!("check {file}"), "--help".into()] {
        let output = place.command(&words).stdout(full()).output().unwrap();
        let stderr = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(1), "{words}: {stderr}");
        assert!(stderr.starts_with("error: could not write to standard output: "), "{stderr}");
        assert_eq!(stderr.lines().count(), 1, "{stderr}");
    }
}

#[test]
fn the_version_tells_the_build_where_that_is_asked() {
    let place = Place::new();
    let said = |words: &str| String::from_utf8(place.run(words).stdout).unwrap();
    assert_eq!(said("--version").lines().count(), 1);
    for words in ["--version -v", "-v --version"] {
        let text = said(words);
        for begin in ["stockops ", "commit: ", "features: ", "devices: cpu", "kernel of the CPU: "] {
            assert!(text.lines().any(|line| line.starts_with(begin)), "{words}: {text}");
        }
    }
}

#[test]
fn the_environment_names_the_kernel_of_the_cpu() {
    let place = Place::new();
    let kernel = |word: &str| {
        let output = place.command("--version -v").env("STOCKOPS_KERNEL", word).output().unwrap();
        let text = String::from_utf8(output.stdout).unwrap();
        text.lines().find_map(|line| line.strip_prefix("kernel of the CPU: ")).unwrap().to_owned()
    };
    assert_eq!(kernel("portable"), "portable, as STOCKOPS_KERNEL says");
    let unknown = kernel("fast");
    assert!(unknown.contains("STOCKOPS_KERNEL is \"fast\" and this machine has portable"), "{unknown}");
    assert!(!unknown.starts_with("fast"), "{unknown}");
}

#[test]
fn every_call_has_an_example() {
    let place = Place::new();
    let help = |words: &str| String::from_utf8(place.run(&format!("{words} --help")).stdout).unwrap();
    let names = |words: &str| -> Vec<String> {
        let text = help(words);
        let (_, commands) = text.split_once("Commands:\n").unwrap_or_default();
        let names = commands.lines().take_while(|line| line.starts_with("  "));
        let names = names.filter(|line| !line.starts_with("   ")).filter_map(|line| line.split_whitespace().next());
        names.filter(|name| *name != "help").map(String::from).collect()
    };
    let mut calls = names("");
    assert!(calls.len() > 10, "{calls:?}");
    calls = calls
        .into_iter()
        .flat_map(|call| {
            let inner = names(&call).into_iter().map(|name| format!("{call} {name}")).collect::<Vec<_>>();
            std::iter::once(call).chain(inner)
        })
        .collect();
    assert!(calls.contains(&"features history".to_owned()), "{calls:?}");
    for call in calls {
        let text = help(&call);
        assert!(
            text.contains("Example") && text.contains("\n  stockops ") || text.contains(" stockops runs sync"),
            "{call}: {text}"
        );
    }
}
