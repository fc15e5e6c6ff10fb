//! The checker: what is true passes, what was changed does not.

mod common;

use common::House;
use common::paraphrases::paraphrases;
use stockops_agents::Verdict;
use stockops_agents::check::check;

#[test]
fn true_paraphrases_pass() {
    let facts = House::amzn().facts();
    let verdict = Verdict::of(&facts);
    let all = paraphrases(&facts);
    let mut wrong = 0;
    for text in &all {
        let checked = check(text, &facts, &verdict);
        if !checked.passes() {
            wrong += 1;
            println!("{text}\n    {:?}", checked.problems.iter().map(|p| (&p.text, &p.why, &p.nearest)).collect::<Vec<_>>());
        }
    }
    println!("{wrong} false alarms in {} paraphrases", all.len());
    assert!(all.len() >= 500 && wrong * 100 <= all.len(), "{wrong} of {}", all.len());
}
