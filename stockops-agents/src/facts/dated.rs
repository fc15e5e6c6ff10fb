//! Days and years in the prose of others: `July 30, 2020`, `30. Juli`, `in 2020`.

/// The months in English, German, French and Spanish as they begin: what follows is the rest of a word.
const MONTHS: [&str; 20] = [
    "jan", "ene", "feb", "fév", "mar", "mär", "apr", "avr", "abr", "may", "mai", "jun", "juin", "jul", "juil", "aug",
    "sep", "oct", "nov", "dec",
];
const MORE: [&str; 8] = ["okt", "dez", "déc", "dic", "aoû", "ago", "out", "set"];

/// `text` with a day that names its month as `some day`, and a year as `some year`.
pub(super) fn without_months(text: &str) -> String {
    let words: Vec<&str> = text.split_inclusive(char::is_whitespace).collect();
    let is_month: Vec<bool> = words.iter().map(|word| is_month(word)).collect();
    let near = |at: usize| at.checked_sub(1).into_iter().chain([at + 1]).filter(|at| *at < words.len());
    let said = words.iter().enumerate().map(|(at, word)| match () {
        () if is_month[at] && near(at).any(|next| is_number(words[next])) => put(word, "some day"),
        () if is_number(word) && near(at).any(|next| is_month[next]) => put(word, "of some month"),
        () if is_year(core(word)) => put(word, "some year"),
        () => (*word).to_owned(),
    });
    said.collect()
}

/// A word without the signs around it.
fn core(word: &str) -> &str {
    word.trim_matches(|c: char| !c.is_alphanumeric())
}

fn put(word: &str, said: &str) -> String {
    word.replacen(core(word), said, 1)
}

fn is_month(word: &str) -> bool {
    let word = core(word);
    let is_name = word.chars().next().is_some_and(char::is_uppercase) && word.chars().count() <= 10;
    let small = word.to_lowercase();
    is_name && MONTHS.iter().chain(&MORE).any(|month| small.starts_with(month))
}

/// A day of a month, or a year.
fn is_number(word: &str) -> bool {
    let digits = core(word).trim_end_matches(|c: char| c.is_ascii_lowercase());
    digits.parse::<u16>().is_ok_and(|number| (1..=31).contains(&number)) || is_year(digits)
}

fn is_year(word: &str) -> bool {
    word.len() == 4 && word.parse::<u16>().is_ok_and(|year| (1990..2100).contains(&year))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_with_their_month_and_years_are_gone_and_prices_stay() {
        for (text, hidden) in [
            ("on July 30, 2020 it", "on some day of some month, some year it"),
            ("am 30. Juli 2020", "am of some month. some day of some month"),
            ("Q2 2020.", "Q2 some year."),
            ("may rise to 2020.50 by 30", "may rise to 2020.50 by 30"),
            ("March on", "March on"),
        ] {
            assert_eq!(without_months(text), hidden);
        }
    }
}
