//! Notes of the forecast, of bars, of drift and of news in German: they are told in English by those who make them.

/// What is said, and what that is in German; each `{}` is a number, a day or a name, in the same order in both.
type Pair = (&'static str, &'static str);

/// Of the forecast and of bars.
const NOTES: &[Pair] = &[
    (
        "zero-shot: no child was trained, and the parent learned from {} up to {}; skill on all of its days after {} that could be forecast ({} forecasts of {} to {})",
        "Zero-Shot: kein Kind wurde trainiert, und das Elternmodell lernte von {} bis zum {}; die Güte ist die aller Tage nach dem {}, die sich vorhersagen ließen ({} Prognosen vom {} bis zum {})",
    ),
    (
        "zero-shot: nothing was trained on {}; skill on all of its days after {} that could be forecast ({} forecasts of {} to {})",
        "Zero-Shot: nichts wurde an {} trainiert; die Güte ist die aller Tage nach dem {}, die sich vorhersagen ließen ({} Prognosen vom {} bis zum {})",
    ),
    (
        "skill on days after all that the model and its parent saw ({} forecasts of {} to {})",
        "die Güte ist die der Tage nach allen, die das Modell und sein Elternmodell sahen ({} Prognosen vom {} bis zum {})",
    ),
    (
        "skill on days after all that the model saw ({} forecasts of {} to {})",
        "die Güte ist die der Tage nach allen, die das Modell sah ({} Prognosen vom {} bis zum {})",
    ),
    (
        "the parent learned from {} up to {}: skill on its days after that ({} forecasts of {} to {})",
        "das Elternmodell lernte von {} bis zum {}: die Güte ist die der Tage danach ({} Prognosen vom {} bis zum {})",
    ),
    (
        "nothing was trained on {}: skill on its days after {} ({} forecasts of {} to {})",
        "nichts wurde an {} trainiert: die Güte ist die der Tage nach dem {} ({} Prognosen vom {} bis zum {})",
    ),
    (
        "imported; intervals from the first half of the days after its last, skill on the second ({} forecasts of {} to {})",
        "importiert; die Intervalle sind von der ersten Hälfte der Tage nach seinem letzten, die Güte von der zweiten ({} Prognosen vom {} bis zum {})",
    ),
    (
        "{} is unproven: no skill of 1 % over every simple rule for range or volume at one day",
        "{} ist unbewiesen: keine Güte von 1 % über jede einfache Regel für Spanne oder Volumen am ersten Tag",
    ),
    ("too few days of {} after {} to state a skill", "zu wenige Tage von {} nach dem {}, um eine Güte zu nennen"),
    ("{} days held out: too few to state a skill", "{} Tage zurückgehalten: zu wenige, um eine Güte zu nennen"),
    (
        "intervals have the shape of the errors of {} and the volatility and spread of {}",
        "die Intervalle haben die Form der Fehler von {} und die Volatilität und Streuung von {}",
    ),
    (
        "no bars of the index {} were given; with them the range of {} is forecast a little better",
        "Kerzen des Index {} wurden nicht gegeben; mit ihnen wird die Spanne von {} etwas besser vorhergesagt",
    ),
    (
        "the bars of the index {} have none of {}; with them the range of {} is forecast a little better",
        "die Kerzen des Index {} haben keine vom {}; mit ihnen wird die Spanne von {} etwas besser vorhergesagt",
    ),
    (
        "the bars of {} are not those of the index {}; with them the range of {} is forecast a little better",
        "die Kerzen von {} sind nicht die des Index {}; mit ihnen wird die Spanne von {} etwas besser vorhergesagt",
    ),
    (
        "made by the forecaster of {}: its skill and calibration are not {}'s",
        "vom Modell für {} gemacht: dessen Güte und Kalibrierung sind nicht die von {}",
    ),
    (
        "no epoch of training was better on validation days: the network is the parent's, unchanged",
        "keine Epoche des Trainings war an den Validierungstagen besser: das Netz ist unverändert das des Elternmodells",
    ),
    (
        "no intervals are stated: it was imported without bars to calibrate them",
        "Intervalle werden nicht genannt: das Modell wurde ohne Kerzen importiert, an denen sie zu kalibrieren wären",
    ),
    (
        "no intervals are stated: the history is too short to calibrate them",
        "Intervalle werden nicht genannt: die Geschichte ist zu kurz, um sie zu kalibrieren",
    ),
    (
        "the model saw days up to {}, these among them: this forecast is no test of it",
        "das Modell sah Tage bis zum {}, diese darunter: diese Prognose ist keine Probe seines Könnens",
    ),
    (
        "no volume of {} is known: it is stated as 0, without intervals",
        "kein Volumen von {} ist bekannt: es wird als 0 genannt, ohne Intervalle",
    ),
    (
        "holidays of these days are not known to the calendar; plain weekdays are assumed",
        "Feiertage dieser Zeit kennt der Kalender nicht; gewöhnliche Wochentage sind angenommen",
    ),
    ("the events that were given have none of {}", "unter den gegebenen Ereignissen ist keines von {}"),
    ("bars: {} session without a row ({})", "Kerzen: {} Sitzung ohne Zeile ({})"),
    ("bars: {} sessions without a row ({})", "Kerzen: {} Sitzungen ohne Zeile ({})"),
    (
        "bars: {} of zero volume, kept, with the volume taken as unknown ({})",
        "Kerzen: {} ohne Volumen, behalten, das Volumen als unbekannt genommen ({})",
    ),
    (
        "bars: no volume in any row, taken as unknown: all but volume is forecast",
        "Kerzen: kein Volumen in irgendeiner Zeile, als unbekannt genommen: alles außer dem Volumen wird vorhergesagt",
    ),
    (
        "bars: {} like an unadjusted split ({}), kept; use a file with an Adj Close column ({})",
        "Kerzen: {} wie ein unbereinigter Split ({}), behalten; eine Datei mit einer Spalte Adj Close ist besser ({})",
    ),
    (
        "bars: {} far outside of what this series does, kept; look at these days ({})",
        "Kerzen: {} weit außerhalb dessen, was diese Reihe tut, behalten; diese Tage ansehen ({})",
    ),
    (
        "bars: the last {} closes are all {}, kept; the source may have stopped",
        "Kerzen: die letzten {} Schlusskurse sind alle {}, behalten; die Quelle steht vielleicht still",
    ),
    (
        "bars: the last row is of today, kept; it may be partial until the close",
        "Kerzen: die letzte Zeile ist von heute, behalten; bis zum Schluss ist sie vielleicht unvollständig",
    ),
    ("bars: the last row is {} days before today, {}", "Kerzen: die letzte Zeile ist {} Tage vor heute, {}"),
];

/// Of news and of who wrote.
const WARNINGS: &[Pair] = &[
    (
        "{} headlines are left out: they are newer than the bars, which end on {}",
        "{} Schlagzeilen sind ausgelassen: sie sind neuer als die Kerzen, die am {} enden",
    ),
    ("headlines of {}, left out: {}", "Schlagzeilen von {}, ausgelassen: {}"),
    (
        "{}: left out, for it gives orders to who reads it: \"{}\"",
        "{}: ausgelassen, denn sie gibt dem Leser Befehle: „{}“",
    ),
    ("Finnhub was not asked: there is no key", "Finnhub wurde nicht gefragt: es gibt keinen Schlüssel"),
    (
        "the {} gave no answer that can be used: a rule stood in",
        "von {} kam keine brauchbare Antwort: eine Regel sprang ein",
    ),
    ("{} does no tools: it was asked without them", "{} kann keine Werkzeuge: es wurde ohne sie gefragt"),
    (
        "context_truncated: {}: it read {} of some {} tokens of the prompt (context_truncated); it got a shorter briefing",
        "context_truncated: {}: es las {} von etwa {} Token der Anfrage; es bekam eine kürzere",
    ),
    ("no language model was named", "kein Sprachmodell wurde genannt"),
    ("{} gave no answer that can be used", "von {} kam keine brauchbare Antwort"),
];

/// Of drift: what alarms.
const ALARMS: &[Pair] = &[
    (
        "the mean daily move is {} usual widths of a day (unusual: {} of usual days are as far out)",
        "die mittlere Bewegung eines Tages ist {} gewöhnliche Tagesbreiten (ungewöhnlich: {} der gewöhnlichen Tage liegen so weit außen)",
    ),
    (
        "the distribution of returns is {} away from that of the long history (unusual: {} of usual days are as far out)",
        "die Verteilung der Renditen liegt {} von der der langen Geschichte (ungewöhnlich: {} der gewöhnlichen Tage liegen so weit außen)",
    ),
    (
        "volatility of returns is {} times that of the {} days before (unusual: {} of usual days are as far out)",
        "die Volatilität der Renditen ist das {}-fache der {} Tage davor (ungewöhnlich: {} der gewöhnlichen Tage liegen so weit außen)",
    ),
    (
        "the width of a day is {} times that of the {} days before (unusual: {} of usual days are as far out)",
        "die Spanne eines Tages ist das {}-fache der {} Tage davor (ungewöhnlich: {} der gewöhnlichen Tage liegen so weit außen)",
    ),
    (
        "volume is {} times that of the {} days before (unusual: {} of usual days are as far out)",
        "das Volumen ist das {}-fache der {} Tage davor (ungewöhnlich: {} der gewöhnlichen Tage liegen so weit außen)",
    ),
    (
        "large moves of the last {} days weigh {} times the usual (unusual: {} of usual days are as far out)",
        "große Bewegungen der letzten {} Tage wiegen das {}-fache des Üblichen (ungewöhnlich: {} der gewöhnlichen Tage liegen so weit außen)",
    ),
    (
        "the 90 % interval of {} held {} of the last {} outcomes ({})",
        "das 90-%-Intervall ({}) enthielt {} der letzten {} Ergebnisse ({})",
    ),
    (
        "errors for {} are {} times those of the 20-day mean over the last {} forecasts",
        "die Fehler ({}) sind das {}-fache derer des Mittels von 20 Tagen, über die letzten {} Prognosen",
    ),
];

/// Words that stand in the places of [`NOTES`] and the other tables.
const WORDS: &[Pair] = &[
    ("close", "Schluss"),
    ("open", "Eröffnung"),
    ("high", "Hoch"),
    ("low", "Tief"),
    ("volume", "Volumen"),
    ("range", "Spanne"),
    ("performance analyst", "dem Analysten der Zahlen"),
    ("market expert", "dem Kenner der Nachrichten"),
    ("critic", "dem Prüfer"),
    ("more than 100", "über 100"),
];

/// Pieces of counts in [`LeftOut`](crate::news::LeftOut) and in findings, behind their number.
const COUNTED: &[Pair] = &[
    ("without a date", "ohne Datum"),
    ("not yet known", "noch nicht bekannt"),
    ("about another company", "über ein anderes Unternehmen"),
    ("without a title", "ohne Titel"),
    ("said already", "schon gesagt"),
    ("older", "älter"),
    ("of more than 7 days before", "mehr als 7 Tage davor"),
    ("giving orders to who reads it", "mit Befehlen an den Leser"),
    ("row", "Zeile"),
    ("rows", "Zeilen"),
    ("jump", "Sprung"),
    ("jumps", "Sprünge"),
    ("return", "Rendite"),
    ("returns", "Renditen"),
];

/// `note` in German; none where nobody has written down what it is.
pub(super) fn german(note: &str) -> Option<String> {
    let tables = NOTES.iter().chain(WARNINGS).chain(ALARMS);
    tables.into_iter().find_map(|(said, german)| put(german, &holes(said, note)?))
}

/// What stands in the places of `pattern` in `text`; none where it is another sentence.
fn holes<'t>(pattern: &str, text: &'t str) -> Option<Vec<&'t str>> {
    let mut parts = pattern.split("{}");
    let mut rest = text.strip_prefix(parts.next()?)?;
    let mut found = Vec::new();
    let parts: Vec<&str> = parts.collect();
    for (at, part) in parts.iter().enumerate() {
        let is_last = at + 1 == parts.len();
        let end = match (is_last, part.is_empty()) {
            (true, true) => rest.len(),
            (true, false) => rest.len().checked_sub(part.len()).filter(|_| rest.ends_with(part))?,
            (false, _) => rest.find(part)?,
        };
        found.push(&rest[..end]);
        rest = &rest[end + part.len()..];
    }
    rest.is_empty().then_some(found)
}

/// `pattern` with `holes` in its places, in German; none where one of them is a sentence of its own.
fn put(pattern: &str, holes: &[&str]) -> Option<String> {
    let mut parts = pattern.split("{}");
    let mut text = parts.next()?.to_owned();
    for (part, hole) in parts.zip(holes) {
        text += &told(hole)?;
        text += part;
    }
    Some(text)
}

/// A number, a day, a name or a known word in German.
fn told(hole: &str) -> Option<String> {
    if let Some((_, german)) = WORDS.iter().find(|(said, _)| *said == hole) {
        return Some((*german).to_owned());
    }
    // A name or a title of others is not ours to tell in German.
    let pieces: Option<Vec<String>> = hole.split(", ").map(counted).collect();
    Some(pieces?.join(", "))
}

/// `2 rows`, a number with its decimals, or a word as it is.
fn counted(piece: &str) -> Option<String> {
    let with_comma = |word: &str| {
        let is_number = word.starts_with(|c: char| c.is_ascii_digit() || "+-".contains(c))
            && word.chars().all(|c| c.is_ascii_digit() || "+-.%".contains(c))
            && word.matches('.').count() == 1;
        if is_number { word.replace('.', ",") } else { word.to_owned() }
    };
    let Some((number, what)) = piece.split_once(' ').filter(|(number, _)| number.bytes().all(|b| b.is_ascii_digit()))
    else {
        return Some(piece.split(' ').map(with_comma).collect::<Vec<_>>().join(" "));
    };
    let german = COUNTED.iter().find(|(said, _)| *said == what).map(|(_, german)| *german);
    match german {
        Some(german) => Some(format!("{number} {german}")),
        None if what == "%" => Some(piece.to_owned()),
        None => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_note_is_told_with_its_numbers_days_and_names() {
        let said = "zero-shot: no child was trained, and the parent learned from AMZN up to 2016-12-30; skill on all of its days after \
                    2016-12-30 that could be forecast (897 forecasts of 2017-01-03 to 2020-07-31)";
        assert_eq!(
            german(said).unwrap(),
            "Zero-Shot: kein Kind wurde trainiert, und das Elternmodell lernte von AMZN bis zum 2016-12-30; die Güte ist die aller \
             Tage nach dem 2016-12-30, die sich vorhersagen ließen (897 Prognosen vom 2017-01-03 bis zum 2020-07-31)"
        );
        let said = "volatility of returns is 2.4 times that of the 105 days before (unusual: 0.3 % of usual days are as far out)";
        assert!(
            german(said).unwrap().starts_with("die Volatilität der Renditen ist das 2,4-fache der 105 Tage davor (ung")
        );
        let left_out = "headlines of Yahoo, left out: 2 without a date, 1 about another company";
        assert_eq!(
            german(left_out).unwrap(),
            "Schlagzeilen von Yahoo, ausgelassen: 2 ohne Datum, 1 über ein anderes Unternehmen"
        );
        assert_eq!(
            german("bars: 2 rows of zero volume, kept, with the volume taken as unknown (2020-01-02, 2020-01-03)")
                .unwrap(),
            "Kerzen: 2 Zeilen ohne Volumen, behalten, das Volumen als unbekannt genommen (2020-01-02, 2020-01-03)"
        );
    }

    #[test]
    fn what_nobody_has_told_is_left_as_it_is() {
        assert_eq!(german("the moon is full"), None);
        assert_eq!(german("headlines of Yahoo, left out: 2 of the moon"), None);
        assert_eq!(german("no language model was named, and more"), None);
    }

    #[test]
    fn each_pair_has_the_same_places() {
        for (said, german) in NOTES.iter().chain(WARNINGS).chain(ALARMS) {
            assert_eq!(said.matches("{}").count(), german.matches("{}").count(), "{said}");
        }
    }
}
