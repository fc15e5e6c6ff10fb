//! What the model thinks of a report: asked once it is written, kept beside its scores, and in none of them.

use std::sync::Arc;

use super::work::account;
use super::{Analyst, Request};
use crate::evaluation::{Judgement, judge};
use crate::facts::{Facts, Masked};
use crate::llm::{Cost, Metered};
use crate::report::AnalystReport;

/// Who pays for it.
const JUDGE: &str = "judge";

/// Let the model of `analyst` judge `report`, from what is left of its tokens. Without an answer the report goes without, and says so.
pub(super) async fn judged(analyst: &Analyst, request: &Request, facts: &Facts, report: &mut AnalystReport) {
    let settings = &analyst.settings;
    if !settings.judge {
        return;
    }
    let Some(model) = &analyst.model else {
        report.warnings.push("the report was not judged: there is no language model".into());
        return;
    };
    let Some(eval) = &mut report.agent_eval else { return };
    let millionths = (report.cost.money.unwrap_or_default() * 1e6) as u64;
    let spent = Cost { usage: report.cost.tokens, millionths, ..Cost::default() };
    let account = account(settings).after(spent).paid_by(JUDGE);
    let paid = Metered::new(Arc::clone(model), account.clone());
    let masked = request.masked.then(|| Masked::of(facts));
    let text = masked.as_ref().map_or_else(|| report.final_report.clone(), |masked| masked.hide(&report.final_report));
    let asked = tokio::time::timeout(settings.timeout, judge(&paid, &text)).await;
    report.cost.add(JUDGE, account.take(JUDGE), settings.prices);
    let problem = match asked {
        Ok(Ok(Judgement { model, score, reason })) => {
            let reason = masked.as_ref().map_or_else(|| reason.clone(), |masked| masked.show(&reason));
            eval.judge = Some(Judgement { model, score, reason });
            return;
        }
        Ok(Err(error)) => error.without_path(),
        Err(_) => format!("{} gave no answer in {:?}", model.name(), settings.timeout),
    };
    report.warnings.push(format!("the report was not judged: {problem}"));
}
