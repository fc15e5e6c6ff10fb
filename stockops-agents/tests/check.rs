//! The checker: what is true passes, what was changed does not.

mod common;

use std::collections::BTreeSet;

use chrono::{Datelike, Days};
use common::House;
use common::fifth_set::fifth_set;
use common::fourth_set::fourth_set;
use common::held_out::held_out;
use common::learned_paraphrases::learned_paraphrases;
use common::more_paraphrases::more_paraphrases;
use common::paraphrases::paraphrases;
use common::words::Words;
use stockops_agents::check::{Checker, check, check_in, fill};
use stockops_agents::facts::{Facts, Value};
use stockops_agents::{Language, Verdict};

/// How many of `all` true sentences the checker refuses; each is printed.
fn false_alarms(facts: &Facts, all: &[String]) -> usize {
    let verdict = Verdict::of(facts);
    let checker = Checker::new(facts, &verdict);
    let refused = all.iter().map(|text| (text, checker.check(text))).filter(|(_, checked)| !checked.passes());
    refused
        .inspect(|(text, checked)| {
            let problems: Vec<_> = checked.problems.iter().map(|p| (&p.text, &p.why, &p.nearest)).collect();
            println!("{text}\n    {problems:?}");
        })
        .count()
}

#[test]
fn true_paraphrases_pass() {
    let facts = House::amzn().facts();
    let all = [paraphrases(&facts), more_paraphrases(&facts), learned_paraphrases(&facts)].concat();
    let wrong = false_alarms(&facts, &all);
    assert!(all.len() >= 500 && wrong * 100 <= all.len(), "{wrong} of {}", all.len());
}

/// Sentences that were held out last: 15 of 95 were false alarms when they were first read, see `docs/checker.md`. What is left of
/// them does not grow.
#[test]
fn sentences_that_were_held_out_mostly_pass() {
    let facts = House::amzn().facts();
    let all = held_out(&facts);
    let wrong = false_alarms(&facts, &all);
    assert!(wrong <= 2, "{wrong} of {}", all.len());
}

/// Sentences that were written before the checker had read one: 12 of 100 were false alarms, see `docs/checker.md`. It has learned
/// some words from them since; the false alarms do not grow.
#[test]
fn the_fourth_set_mostly_passes() {
    let facts = House::amzn().facts();
    let all = fourth_set(&facts);
    let wrong = false_alarms(&facts, &all);
    assert!(wrong <= 8, "{wrong} of {}", all.len());
}

/// Sixty sentences that were read once, when the checker was done: 13 were false alarms, see `docs/checker.md`. They do not grow.
#[test]
fn the_fifth_set_mostly_passes() {
    let facts = House::amzn().facts();
    let all = fifth_set(&facts);
    let wrong = false_alarms(&facts, &all);
    assert!(all.len() == 60 && wrong <= 13, "{wrong} of {}", all.len());
}

/// Sentences in the manner of a language model's report, one a line.
fn lines(text: &str) -> Vec<String> {
    text.lines().map(str::to_owned).collect()
}

/// Two hundred sentences that were written from the table of facts before the rules were read: 53 were false alarms. The checker has
/// learned from them since, see `docs/checker.md`.
#[test]
fn the_sixth_set_mostly_passes() {
    let facts = House::amzn().facts();
    let all = lines(include_str!("data/sixth_set.txt"));
    let wrong = false_alarms(&facts, &all);
    assert!(all.len() == 200 && wrong <= 7, "{wrong} of {}", all.len());
}

/// A hundred sentences that were read once, when the checker had learned from the sixth set: 21 were false alarms. They grow by one at
/// most.
#[test]
fn the_seventh_set_mostly_passes() {
    let facts = House::amzn().facts();
    let all = lines(include_str!("data/seventh_set.txt"));
    let wrong = false_alarms(&facts, &all);
    assert!(all.len() == 100 && wrong <= 22, "{wrong} of {}", all.len());
}

#[test]
fn what_is_compared_goes_the_way_that_is_said() {
    let facts = House::amzn().facts();
    let verdict = Verdict::of(&facts);
    let passes = |text: &str| check(text, &facts, &verdict).passes();
    // 3,164.68 is 179.61 below the high of 52 weeks, 13.68 above the low of its session and over all of its means.
    assert!(passes("The shares sit $179.61 below the 52-week high."));
    assert!(!passes("The shares sit $179.61 above the 52-week high."));
    assert!(!passes("The shares sit $179.61 below the 52-week low."));
    assert!(passes("The close was only $13.68 above the session low of $3,151.00."));
    assert!(!passes("The close was only $13.68 below the session low of $3,151.00."));
    assert!(!passes("The close was only $13.68 above the session high of $3,246.82."));
    assert!(passes("Between Monday and Friday, the predicted close slips by about $11."));
    assert!(!passes("Between Monday and Friday, the predicted close gains about $11."));
    assert!(!passes("Between Tuesday and Friday, the predicted close slips by about $11."));
    let means = |side: &str| format!("It holds {side} its 20-day ($3,070.79) and 200-day ($2,168.24) averages.");
    assert!(passes(&means("above")) && !passes(&means("below")));
    let busy = |volume: &str| format!("Friday's gain of 3.7 % came on {volume} volume.");
    assert!(passes(&busy("above-average")) && !passes(&busy("light")));
    assert!(passes("On Tuesday, August 4, the close is seen at $3,163.61, 0.03 % below Friday's level."));
    assert!(!passes("On Tuesday, August 4, the close is seen at $3,163.61, 0.03 % above Friday's level."));
    assert!(!passes("The stock has tripled from its 52-week low of $1,626.03."));
}

#[test]
fn what_is_possible_opens_its_own_clause_alone() {
    let facts = House::amzn().facts();
    let verdict = Verdict::of(&facts);
    let passes = |text: &str| check(text, &facts, &verdict).passes();
    // The close fell in no way: it rose on the last day and is forecast a little lower.
    assert!(passes("The price may rise over the next five sessions."));
    assert!(!passes("News may come, and the close will rise over the next five sessions."));
    assert!(!passes("The close rises over the next five sessions, but risks remain."));
    assert!(!passes("While there is a risk, the close will rise over the next five sessions."));
    assert!(!passes("It could be calm and the stance is bullish."));
    assert!(passes("If news is good, the close will rise over the next five sessions."), "a condition opens all of it");
    assert!(passes("Should news be good, the close will rise over the next five sessions."));
}

#[test]
fn a_weekday_is_that_of_the_fact() {
    // 31 July 2020 was a Friday; the first session ahead is Monday, 3 August.
    let facts = House::amzn().facts();
    let verdict = Verdict::of(&facts);
    let passes = |text: &str| check(text, &facts, &verdict).passes();
    assert!(passes("On Friday the stock closed at 3,164.68."));
    assert!(!passes("On Thursday the stock closed at 3,164.68."));
    assert!(!passes("On Saturday the stock closed at 3,164.68."));
    assert!(passes("On Monday the close is forecast at 3,165.61."));
    assert!(!passes("On Tuesday the close is forecast at 3,165.61."));
    let german = |text: &str| check_in(Language::GERMAN, text, &facts, &verdict).passes();
    assert!(german("Der letzte Schlusskurs am Freitag war 3.164,68."));
    assert!(!german("Der letzte Schlusskurs am Dienstag war 3.164,68."));
}

#[test]
fn what_is_promised_or_claimed_of_skill_is_refused() {
    let facts = House::amzn().facts();
    let verdict = Verdict::of(&facts);
    let passes = |text: &str| check(text, &facts, &verdict).passes();
    for text in [
        "The model has proved its skill.",
        "The model has demonstrated skill at the close.",
        "The stock will certainly soar.",
        "A gain is guaranteed.",
        "The price is bound to recover.",
        "This is a risk-free trade.",
    ] {
        assert!(!passes(text), "{text}");
    }
    for text in ["The forecast is not guaranteed.", "There is no guarantee."] {
        assert!(passes(text), "{text}");
    }
}

#[test]
fn an_unknown_name_is_no_other_company_where_nobody_said_our_own() {
    let mut facts = House::amzn().facts();
    let check_of = |facts: &Facts, text: &str| check(text, facts, &Verdict::of(facts)).passes();
    assert!(!check_of(&facts, "Zorblax closed at 3,164.68."), "the name is known, and it is another");
    facts.company.name = None;
    assert!(check_of(&facts, "Zorblax closed at 3,164.68."));
    assert!(check_of(&facts, "Amazon's shares closed at 3,164.68."), "the known name of our ticker");
    assert!(!check_of(&facts, "Apple closed at 3,164.68."));
    assert!(!check_of(&facts, "TSLA closed at 3,164.68."));
}

#[test]
fn a_derived_figure_is_of_the_kind_and_horizon_that_is_said() {
    let facts = House::amzn().facts();
    let verdict = Verdict::of(&facts);
    let passes = |text: &str| check(text, &facts, &verdict).passes();
    let w = Words(&facts);
    let between = w.number("close_h1") - w.number("close_h5");
    let said = |what: &str| {
        let (first, last) = (w.price("close_h1", 2), w.price("close_h5", 2));
        format!("The close is forecast at {first} in one session and at {last} in five sessions, {what}")
    };
    assert!(passes(&said(&format!("a difference of {between:.2}."))));
    assert!(!passes(&said(&format!("a value at risk of {between:.2}."))));
    assert!(!passes(&said(&format!("an RSI of {between:.2}."))));
    assert!(!passes(&said(&format!("a move of {between:.2} in three sessions."))));
}

/// One change, and drafts with it.
struct Mutation {
    kind: &'static str,
    before: String,
    after: String,
}

#[test]
fn changed_drafts_are_caught() {
    let facts = House::amzn().facts();
    let verdict = Verdict::of(&facts);
    let truths: BTreeSet<String> = [
        paraphrases(&facts),
        more_paraphrases(&facts),
        learned_paraphrases(&facts),
        held_out(&facts),
        also_true(&facts),
    ]
    .concat()
    .into_iter()
    .collect();
    let checker = Checker::new(&facts, &verdict);
    let drafts =
        [paraphrases(&facts), more_paraphrases(&facts), learned_paraphrases(&facts), held_out(&facts)].concat();
    let all: Vec<Mutation> = drafts.iter().flat_map(|text| mutations(text, &facts, &checker)).collect();
    // A change that makes another true sentence is none.
    let all: Vec<Mutation> = all.into_iter().filter(|mutation| !truths.contains(&mutation.after)).collect();
    let (mut missed, mut by_kind) = (0, std::collections::BTreeMap::<&str, (usize, usize)>::new());
    for mutation in &all {
        let count = by_kind.entry(mutation.kind).or_default();
        count.1 += 1;
        if checker.check(&mutation.after).passes() && !NOT_READ.contains(&mutation.after.as_str()) {
            missed += 1;
            count.0 += 1;
            let read = checker.check(&mutation.after).matches;
            let read: Vec<_> = read.iter().map(|found| (&found.text, &found.fact)).collect();
            println!("[{}] {}\n      -> {} {read:?}", mutation.kind, mutation.before, mutation.after);
        }
    }
    println!("missed {missed} of {}: {by_kind:?}", all.len());
    assert!(all.len() >= 200 && missed == 0, "{missed} of {}", all.len());
}

/// Sentences that changes of others make, and that are true.
fn also_true(facts: &stockops_agents::Facts) -> Vec<String> {
    let w = Words(facts);
    let mut all: Vec<String> = [
        // The wider interval holds zero too.
        "The stance is neutral because the 90 % interval holds zero.",
        // So do the skills at the open and at one session say, and the forecast of the open.
        "The model has no skill at the open over the best simple rule at five sessions.",
        "The model has no skill at the close over the best simple rule at one session.",
        "The model does not beat persistence at the open.",
        "The open is forecast to fall slightly over the next five sessions.",
        "Over the last one session the price climbed.",
        "The skill at the open over the best simple rule at five sessions is below 1 %.",
        "The skill at the close over the best simple rule at one session is below 1 %.",
        "The 80 % interval did its job: 80 % of closes one session ahead were inside.",
        "On the open the model does not beat the best simple rule.",
        "The 50-day simple moving average stands at 2,784.84; the last open is well above it.",
        "Versus the best simple rule, range skill at five sessions is +0.6 %.",
        "The open shows no skill.",
        "The volume forecast beats persistence at five sessions.",
        "Confidence is Low because the open has shown no skill.",
        // No direction of a price.
        "The data are from the shipped bars down to 31 July 2020.",
    ]
    .map(str::to_owned)
    .into();
    for h in 1..=5 {
        let day = w.american_day(&format!("day_h{h}"));
        let open = common::words::grouped((w.number(&format!("open_h{h}")) / 10.0).round() * 10.0, 0);
        all.push(format!("On {day} we look for a open of roughly {open}."));
        let moved = 100.0 * (w.number(&format!("open_h{h}")) / w.number("last_close") - 1.0);
        let count = ["", "one session", "two sessions", "three sessions", "four sessions", "five sessions"][h];
        for decimals in [1, 2] {
            let way = if moved > 0.0 { "rise" } else { "fall" };
            all.push(format!("The open is expected to {way} {:.decimals$} % within {count}.", moved.abs()));
            all.push(format!(
                "The forecast move to the open of {} is {moved:+.decimals$} %.",
                w.long_day(&format!("day_h{h}"))
            ));
        }
    }
    all
}

/// Changes that are not caught, and why.
const NOT_READ: [&str; 2] = [
    // A comparison without a number, with a volume.
    "Its forecast volume for the next session, 6.42 million, is above the last volume.",
    // `could` makes it a possibility.
    "Confidence remains low, since skill at the close could be shown.",
];

/// Words that say the opposite or another thing of the same kind.
const SWAPS: [(&str, &[(&str, &str)]); 7] = [
    (
        "direction",
        &[
            ("rose", "fell"),
            ("fell", "rose"),
            ("gained", "lost"),
            ("lost", "gained"),
            ("rise", "fall"),
            ("fall", "rise"),
            ("climb", "slip"),
            ("slip", "climb"),
            ("climbed", "dropped"),
            ("up", "down"),
            ("gains", "loses"),
            ("loses", "gains"),
            ("above the", "below the"),
            ("below the", "above the"),
            ("above its", "below its"),
        ],
    ),
    (
        "field",
        &[
            ("high", "low"),
            ("low", "high"),
            ("open", "close"),
            ("close", "open"),
            ("High", "Low"),
            ("closed", "opened"),
        ],
    ),
    (
        "horizon",
        &[
            ("1 session", "5 sessions"),
            ("5 sessions", "1 session"),
            ("one session", "five sessions"),
            ("five sessions", "one session"),
            ("2 sessions", "3 sessions"),
            ("three sessions", "four sessions"),
        ],
    ),
    ("level", &[("80 %", "90 %"), ("90 %", "80 %"), ("95 %", "99 %"), ("99 %", "95 %"), ("95 %", "90 %")]),
    ("currency", &[("USD", "EUR"), ("dollars", "euros"), ("$", "€"), ("$", "£")]),
    ("ticker", &[("AMZN", "GOOG"), ("AMZN", "TSLA"), ("Amazon.com, Inc.", "Alphabet Inc."), ("NYSE", "Nasdaq")]),
    (
        "verdict",
        &[
            ("NEUTRAL", "BULLISH"),
            ("neutral", "bearish"),
            ("Hold", "Buy"),
            ("Low.", "High."),
            ("no skill", "skill"),
            ("healthy", "critical"),
            ("wilder", "calmer"),
        ],
    ),
];

/// Changes of `text` that make it false.
fn mutations(text: &str, facts: &stockops_agents::Facts, checker: &Checker<'_>) -> Vec<Mutation> {
    let mut all = Vec::new();
    let made = |kind, after: String| Mutation { kind, before: text.to_owned(), after };
    // What is only possible is true the other way round too.
    let is_open = [
        "could rise to medium",
        "from low to high",
        "would change",
        "would make",
        "would revisit",
        "up to a high",
        "should fall between",
        "up to 2020",
        "Should the",
        "may rise",
        "as possible",
        "not a bullish",
        "nor a",
        "Nothing is said",
    ]
    .iter()
    .any(|open| text.contains(open));
    for (kind, pairs) in SWAPS {
        let pair = pairs.iter().find(|(from, _)| holds_word(text, from));
        if let Some((from, to)) = pair.filter(|_| !is_open) {
            all.push(made(kind, replace_word(text, from, to)));
        }
    }
    let checked = checker.check(text);
    let is_number = |id: &str| facts.get(id).is_none_or(|fact| fact.number().is_some());
    let numbers = checked.matches.iter().filter(|found| is_number(&found.fact)).count();
    for (index, found) in checked.matches.iter().enumerate() {
        let is_day = matches!(facts.get(&found.fact).map(|fact| &fact.value), Some(Value::Day(_)));
        let after =
            if is_day { other_day(text, found, facts, numbers) } else { other_number(text, found, index, facts) };
        all.extend(after.map(|after| made(if is_day { "day" } else { "number" }, after)));
    }
    all
}

fn holds_word(text: &str, word: &str) -> bool {
    place_of(text, word).is_some()
}

fn place_of(text: &str, word: &str) -> Option<usize> {
    let is_inner = |c: Option<char>| c.is_some_and(char::is_alphanumeric);
    text.match_indices(word).map(|(at, _)| at).find(|at| {
        let letters = word.starts_with(char::is_alphanumeric);
        !letters
            || (!is_inner(text[..*at].chars().next_back())
                && (!word.ends_with(char::is_alphanumeric) || !is_inner(text[at + word.len()..].chars().next())))
    })
}

fn replace_word(text: &str, from: &str, to: &str) -> String {
    let at = place_of(text, from).unwrap();
    format!("{}{to}{}", &text[..at], &text[at + from.len()..])
}

/// The draft with another number in the place of a match: another digit, in a place that `seed` chooses.
fn other_number(
    text: &str,
    found: &stockops_agents::check::Match,
    seed: usize,
    facts: &stockops_agents::Facts,
) -> Option<String> {
    let digits: Vec<usize> = found.text.char_indices().filter(|(_, c)| c.is_ascii_digit()).map(|(at, _)| at).collect();
    let at = digits.get((seed * 7 + text.len()) % digits.len().max(1))?;
    let digit = found.text.as_bytes()[*at] - b'0';
    let other = (digit + 3 + (text.len() % 5) as u8) % 10;
    let mut number = found.text.clone();
    number.replace_range(at..&(at + 1), &other.to_string());
    if number == found.text || is_true_too(&number, found, facts) {
        return None;
    }
    Some(format!("{}{number}{}", &text[..found.place.start], &text[found.place.end..]))
}

/// Whether another fact of the same kind and day reads as `number`.
fn is_true_too(number: &str, found: &stockops_agents::check::Match, facts: &stockops_agents::Facts) -> bool {
    let Some(own) = facts.get(&found.fact) else { return false };
    let plain: String = number.chars().filter(|c| c.is_ascii_digit() || *c == '.').collect();
    let decimals = plain.split_once('.').map_or(0, |(_, decimals)| decimals.len());
    let scale = if number.contains('%') || number.contains("percent") { 100.0 } else { 1.0 };
    facts.facts.iter().any(|fact| {
        fact.quantity == own.quantity
            && fact.day == own.day
            && fact.number().is_some_and(|value| format!("{:.decimals$}", (scale * value).abs()) == plain)
    })
}

#[test]
fn other_languages_are_read_with_their_own_commas_months_and_words() {
    let facts = House::amzn().facts();
    let verdict = Verdict::of(&facts);
    let passes = |language, text: &str| {
        let checked = check_in(language, text, &facts, &verdict);
        assert!(checked.passes(), "{text}\n{:?}", checked.problems);
        assert!(!checked.matches.is_empty(), "{text}");
    };
    let fails = |language, text: &str| assert!(!check_in(language, text, &facts, &verdict).passes(), "{text}");
    let [_, german, french, spanish] = Language::CHECKED;
    passes(german, "Der letzte Schlusskurs lag bei 3.164,68 USD am 31. Juli 2020.");
    fails(german, "Der letzte Schlusskurs lag bei 3.146,68 USD am 31. Juli 2020.");
    fails(german, "Der letzte Schlusskurs lag bei 3.164,68 USD am 30. Juli 2020.");
    fails(german, "Der letzte Schlusskurs lag bei 3.164,68 Euro am 31. Juli 2020.");
    passes(
        german,
        "Die Prognose für den Schlusskurs in fünf Sitzungen ist 3.154,59, das Tief 3.111,25 und das Hoch 3.193,68.",
    );
    fails(
        german,
        "Die Prognose für den Schlusskurs in fünf Sitzungen ist 3.154,59, das Hoch 3.111,25 und das Tief 3.193,68.",
    );
    passes(german, "Das 80 % Intervall des Schlusskurses in fünf Sitzungen ist 2.942,94 bis 3.381,97.");
    fails(german, "Das 90 % Intervall des Schlusskurses in fünf Sitzungen ist 2.942,94 bis 3.381,97.");
    passes(german, "Der Schlusskurs fällt in fünf Sitzungen um 0,3 Prozent.");
    fails(german, "Der Schlusskurs steigt in fünf Sitzungen um 0,3 Prozent.");
    passes(french, "La dernière clôture était de 3 164,68 USD le 31 juillet 2020.");
    fails(french, "La dernière clôture était de 3 165,68 USD le 31 juillet 2020.");
    passes(french, "La clôture prévue dans cinq séances est de 3 154,59, une baisse de 0,3 %.");
    fails(french, "La clôture prévue dans cinq séances est de 3 154,59, une hausse de 0,3 %.");
    passes(spanish, "El último cierre era de 3.164,68 USD el 31 de julio de 2020.");
    fails(spanish, "El último cierre era de 3.164,68 USD el 31 de agosto de 2020.");
    passes(spanish, "El cierre previsto en cinco sesiones es 3.154,59: cae un 0,3 %.");
    fails(spanish, "El cierre previsto en cinco sesiones es 3.154,59: sube un 0,3 %.");
    let italian = "it".parse().expect("two letters");
    passes(italian, "The last close was 3,164.68 USD on July 31, 2020.");
    fails(italian, "The last close was 3.164,68 USD on July 31, 2020.");
}

#[test]
fn slots_are_filled_by_code_and_then_proven() {
    let facts = House::amzn().facts();
    let verdict = Verdict::of(&facts);
    let draft = "The close is forecast at {{close_h5}} in five sessions, {{ move_h5 }}, with a 90 % interval of {{close_h5_90_low}} to {{close_h5_90_high}}.";
    let filled = fill(draft, &facts);
    assert!(filled.problems.is_empty());
    let checked = check(&filled.text, &facts, &verdict);
    assert!(checked.passes(), "{}\n{:?}", filled.text, checked.problems);
    let ids: Vec<&str> = checked.matches.iter().map(|found| found.fact.as_str()).collect();
    assert_eq!(ids, ["close_h5", "move_h5", "close_h5_90_low", "close_h5_90_high"]);
    let unknown = fill("It is {{close_h9}}.", &facts);
    assert_eq!((unknown.problems.len(), unknown.problems[0].why.as_str()), (1, "no fact has the id close_h9"));
    assert!(!check(&unknown.text, &facts, &verdict).passes());
}

#[test]
fn our_own_sentences_pass() {
    let house = House::amzn();
    let facts = house.facts();
    let verdict = Verdict::of(&facts);
    let outlook = house.forecast.outlook.as_ref().unwrap().reason.clone();
    for text in [outlook, house.drift.summary.clone()].into_iter().chain(house.forecast.notes) {
        let checked = check(&text, &facts, &verdict);
        assert!(checked.passes(), "{text}\n{:?}", checked.problems);
    }
}

#[test]
fn what_others_say_is_theirs_when_it_is_verbatim_and_named() {
    let facts = House::amzn().facts();
    let verdict = Verdict::of(&facts);
    let passes = |text: &str| check(text, &facts, &verdict).passes();
    assert!(passes("Reuters: \"Amazon doubles quarterly profit to $5.2 billion\"."));
    assert!(!passes("Reuters: \"Amazon doubles quarterly profit to $6.2 billion\"."), "not verbatim");
    assert!(!passes("Bloomberg: \"Amazon doubles quarterly profit to $5.2 billion\"."), "not of Bloomberg");
    assert!(!passes("Profit was $5.2 billion."), "no fact of ours");
    assert!(!passes("See https://example.com/news for 3,164.68, the last close."), "an address of nobody");
}

/// The draft with a day that is `shift` days later; none where another fact of its kind is of that day and nothing else is said.
fn other_day(
    text: &str,
    found: &stockops_agents::check::Match,
    facts: &stockops_agents::Facts,
    said: usize,
) -> Option<String> {
    let Some(Value::Day(day)) = facts.get(&found.fact).map(|fact| &fact.value) else { return None };
    let shift = 1 + (text.len() % 6) as u64;
    let other = *day + Days::new(shift);
    let is_of_facts = facts.facts.iter().any(|fact| fact.day == Some(other));
    if (is_of_facts && said == 0) || other.month() != day.month() {
        return None;
    }
    let (old, new) = (day.day().to_string(), other.day().to_string());
    let at = place_of(&found.text, &format!("{old:0>2}"))
        .map(|at| (at, 2))
        .or_else(|| place_of(&found.text, &old).map(|at| (at, old.len())))?;
    let mut changed = found.text.clone();
    changed.replace_range(at.0..at.0 + at.1, &if at.1 == 2 { format!("{new:0>2}") } else { new });
    Some(format!("{}{changed}{}", &text[..found.place.start], &text[found.place.end..]))
}
