use super::*;

#[test]
fn the_mean_is_harmonic_and_leaves_out_what_is_missing() {
    assert_eq!(harmonic_mean(&[None, None]), None);
    assert_eq!(harmonic_mean(&[Some(1.0), None, Some(1.0)]), Some(1.0));
    // 2 / (1 / 1 + 1 / 0.5).
    assert_eq!(harmonic_mean(&[Some(1.0), Some(0.5)]), Some(2.0 / 3.0));
    assert_eq!(harmonic_mean(&[Some(1.0), Some(0.0), Some(1.0)]), Some(0.0), "nothing makes up for a 0");
}

#[test]
fn analysts_agree_in_thirds() {
    let all = [Stance::Bullish, Stance::Neutral, Stance::Bearish];
    let scores = all.map(|one| all.map(|other| agreement(one, other)));
    assert_eq!(scores, [[1.0, 0.5, 0.0], [0.5, 1.0, 0.5], [0.0, 0.5, 1.0]]);
}

#[test]
fn a_ticker_is_named_as_a_whole_word() {
    for (text, ticker) in [
        ("GOOG closed", "GOOG"),
        ("of GOOG.", "GOOG"),
        ("(GOOG)", "GOOG"),
        ("GOOG's", "GOOG"),
        ("GOOG-", "GOOG"),
        ("**^GSPC**", "^GSPC"),
        ("GOOGL and GOOG", "GOOG"),
        ("größer: SAP.", "SAP"),
    ] {
        assert!(has_word(text, ticker), "{text}");
    }
    for (text, ticker) in
        [("GOOGL", "GOOG"), ("BTC-USD", "BTC"), ("BRK.B", "BRK"), ("XGOOG", "GOOG"), ("", "GOOG"), ("goog", "GOOG")]
    {
        assert!(!has_word(text, ticker), "{text}");
    }
}
