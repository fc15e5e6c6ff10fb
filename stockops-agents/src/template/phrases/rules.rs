//! Simple rules in plain words.

use stockops_core::forecast::Rule;

/// The rule `name` in English or German; the name itself where it is none of ours.
pub(super) fn words(in_german: bool, name: &str) -> String {
    let rule = Rule::ALL.iter().find(|rule| rule.to_string() == name);
    rule.map_or(name, |rule| both(*rule)[usize::from(in_german)]).to_owned()
}

/// English and German. The checker reads each as the name of the rule.
fn both(rule: Rule) -> [&'static str; 2] {
    match rule {
        Rule::Persistence => ["tomorrow equals today", "morgen gleich heute"],
        Rule::Drift => ["what moved moves on", "was sich bewegte, bewegt sich weiter"],
        Rule::Mean20 => ["mean of 20 days", "Mittel von 20 Tagen"],
        Rule::SeasonalNaive => ["same weekday of last week", "gleicher Wochentag der Vorwoche"],
        Rule::Har => ["HAR", "HAR"],
        Rule::Ewma => ["weighted mean of past days", "gewichtetes Mittel vergangener Tage"],
        Rule::Mean20Calendar => ["mean of 20 days with calendar", "Mittel von 20 Tagen mit Kalender"],
        Rule::HarCalendar => ["HAR with calendar", "HAR mit Kalender"],
        Rule::EwmaCalendar => {
            ["weighted mean of past days with calendar", "gewichtetes Mittel vergangener Tage mit Kalender"]
        }
    }
}
