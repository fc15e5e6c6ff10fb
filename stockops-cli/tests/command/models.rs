//! `stockops models`, `gc`, `import` and `export`.

use serde_json::Value;

use crate::place::Place;

/// The golden network of two layers of 16, which torch wrote.
fn network() -> String {
    format!("{}/../stockops-core/tests/golden/small.pt", env!("CARGO_MANIFEST_DIR"))
}

#[test]
fn a_network_of_the_original_comes_in_and_versions_go_out() {
    let place = Place::new();
    let scaler = r#"{"mean": [80, 80, 80, 80, 3e7, 50, 0], "scale": [30, 30, 30, 30, 1e7, 20, 1]}"#;
    place.write("scaler.json", scaler.as_bytes());
    let (network, file) = (network(), place.bars("MSFT", 1000));
    let import = format!("import {network} --scaler scaler.json --ticker MSFT --last-day 2018-12-31");
    let first = place.json(&import);
    assert_eq!(
        (&first["version"], &first["alias"][0], &first["unproven"]),
        (&1.into(), &"champion".into(), &true.into())
    );
    assert_eq!(place.json("runs list")["runs"][0]["tags"]["version"], "MSFT@1");
    let judged = place.json(&format!("{import} --bars {file}"));
    assert!(judged["metrics"]["evaluation"]["forecasts"].as_u64().unwrap() > 100, "{judged}");
    assert_eq!(place.json(&format!("forecast MSFT --bars {file}"))["strategy"], "scratch");

    for (format, begins) in [("onnx", &b"\x08\x08\x12\x08stockops"[..]), ("safetensors", b"")] {
        let told = place.json(&format!("export MSFT --version 1 --format {format} --out out.{format}"));
        let bytes = std::fs::read(place.path().join(format!("out.{format}"))).unwrap();
        assert_eq!((&told["version"], &told["bytes"]), (&"MSFT@1".into(), &bytes.len().into()));
        assert!(bytes.starts_with(begins));
    }
    assert_eq!(place.json("export ^GSPC --format onnx --part network --out index.onnx")["version"], "^GSPC@0");
    let text = place.fails(2, "export NVDA --format onnx --out a.onnx");
    assert!(text.starts_with("no model named NVDA"), "{text}");
    let text = place.fails(2, "export MSFT --format safetensors --part network --out a");
    assert!(text.contains("must be left out with safetensors"), "{text}");
    let text = place.fails(2, &format!("import {network} --scaler {network} --ticker MSFT"));
    assert!(text.contains("docs/scaler_to_json.py makes it of the pickle"), "{text}");
}

#[test]
fn versions_that_nobody_needs_are_removed_and_named() {
    let place = Place::new();
    let file = place.bars("MSFT", 300);
    for _ in 0..4 {
        place.json(&format!("train-child MSFT --bars {file} --strategy zero-shot"));
    }
    let dry = place.json("gc --keep 1 --dry-run");
    let removed = |document: &Value| {
        let versions = document["removed"].as_array().unwrap().iter();
        versions.map(|version| version["version"].as_u64().unwrap()).collect::<Vec<_>>()
    };
    assert_eq!(place.json("models list MSFT")["versions"].as_array().unwrap().len(), 4);
    let gone = removed(&dry);
    assert!(!gone.is_empty() && dry["bytes"].as_u64().unwrap() > 10_000, "{dry}");
    let done = place.json("gc --keep 1");
    assert_eq!((removed(&done), &done["bytes"], &done["dry_run"]), (gone.clone(), &dry["bytes"], &false.into()));
    let text = place.fails(2, &format!("models show MSFT {}", gone[0]));
    assert!(text.contains("no version named MSFT@"), "{text}");
    assert!(
        place.json(&format!("forecast MSFT --bars {file}"))["model_version"].as_str().unwrap().starts_with("MSFT@")
    );
    assert!(removed(&place.json("gc --keep 1")).is_empty());
}

#[test]
fn one_broken_manifest_does_not_hide_the_other_tickers() {
    let place = Place::new();
    let file = place.bars("IBM", 400);
    place.json(&format!("train-child IBM --bars {file} --strategy zero-shot --allow-parent-leak --home home"));
    std::fs::create_dir_all(place.path().join("home/registry/BAD")).unwrap();
    place.write("home/registry/BAD/manifest.json", b"x");
    let json = place.json("models list --home home");
    assert_eq!(json["versions"][0]["ticker"], "IBM");
    assert_eq!(json["unreadable"][0]["ticker"], "BAD");
    let problem = json["unreadable"][0]["problem"].as_str().unwrap();
    assert!(problem.contains("not a manifest of versions"), "{problem}");
    assert!(place.fails(2, "models list BAD --home home").contains("not a manifest of versions"));
}

#[test]
fn the_shipped_parent_is_shown() {
    let shown = Place::new().json("models show ^GSPC");
    assert_eq!((&shown["version"], &shown["strategy"]), (&0.into(), &"parent".into()));
    assert_eq!(shown["last_seen_day"], "2016-12-30");
    assert!(shown["metrics"]["evaluation"]["forecasts"].as_u64().unwrap() > 100);
    assert!(Place::new().fails(2, "models show IBM").starts_with("no model named IBM"));
}

#[test]
fn a_damaged_bundle_is_listed_as_unreadable() {
    let place = Place::new();
    let file = place.bars("MSFT", 400);
    for _ in 0..2 {
        place.json(&format!("train-child MSFT --bars {file} --strategy zero-shot --allow-parent-leak"));
    }
    assert!(place.json("models list")["unreadable"].is_null());
    let path = place.path().join("stockops-home/registry/MSFT/2/bundle.safetensors");
    let mut bytes = std::fs::read(&path).unwrap();
    *bytes.last_mut().unwrap() ^= 1;
    std::fs::write(&path, bytes).unwrap();
    for words in ["models list", "models list MSFT"] {
        let listed = place.json(words);
        assert_eq!(listed["versions"].as_array().unwrap().len(), 2);
        let unreadable = listed["unreadable"].as_array().unwrap();
        assert_eq!((unreadable.len(), &unreadable[0]["version"]), (1, &2.into()));
        assert!(unreadable[0]["problem"].as_str().unwrap().contains("its sha256 differs"), "{listed}");
    }
    let text = String::from_utf8(place.run("models list").stdout).unwrap();
    assert_eq!(text.matches("unreadable").count(), 1, "{text}");
}

/// The weights of the network are random.
#[test]
fn an_imported_network_takes_over_where_it_is_worth_it() {
    let place = Place::new();
    let scaler = r#"{"mean": [80, 80, 80, 80, 3e7, 50, 0], "scale": [30, 30, 30, 30, 1e7, 20, 1]}"#;
    place.write("scaler.json", scaler.as_bytes());
    let (network, file) = (network(), place.bars("MSFT", 1000));
    let import = format!("import {network} --scaler scaler.json --last-day 2018-12-31");
    let judged = place.json(&format!("{import} --ticker MSFT --bars {file}"));
    assert_eq!((judged["alias"].as_array().unwrap().len(), &judged["unproven"]), (0, &true.into()));
    let forecast = place.json(&format!("forecast MSFT --bars {file}"));
    assert_eq!(forecast["model_version"], "^GSPC@0", "nobody promoted it");
    let parent = place.json(&format!("{import} --ticker IBM --parent"));
    let notes = parent["notes"].to_string();
    assert!(
        notes.contains("children go on coming from ^GSPC@0, until IBM@1 is made the parent: there are no bars"),
        "{notes}"
    );
    assert_eq!(place.json("models list")["parent"], "^GSPC@0");
}
