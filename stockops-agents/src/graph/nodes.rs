//! The nodes: each calls one analyst, or does in code what the analyst would have done.

use std::sync::Arc;

use stockops_core::graph::{Context, NodeResult, Update};

use super::MOST_BACK;
use super::brief::{Author, Brief, Spent};
use crate::analysts::market_expert::{Mood, Sentiment};
use crate::analysts::performance_analyst::{Reading, Signal};
use crate::analysts::report_generator::Material;
use crate::analysts::{
    Asking, Asks, Briefing, Call, Line, critic, market_expert, performance_analyst, report_generator,
};
use crate::facts::Facts;
use crate::language::Language;
use crate::llm::ChatModel as _;
use crate::prose::{Judge, Prose, Rejection};
use crate::template;
use crate::tools::{Budget, Toolbox};
use crate::truth::Truth;
use crate::verdict::Verdict;

/// Who does the work.
#[derive(Debug)]
pub(crate) struct Crew {
    /// The way to the model; none where the template writes.
    pub(crate) line: Option<Line>,
    pub(crate) language: Language,
    pub(crate) asking: Asking,
    /// What the two readers may ask, each its own tools.
    pub(crate) tools: Option<Tools>,
}

/// Tools of the readers.
#[derive(Debug)]
pub(crate) struct Tools {
    of_prices: Toolbox,
    of_news: Toolbox,
    budget: Budget,
}

impl Tools {
    /// The tools of `toolbox`: prices for one reader, news for the other.
    pub(crate) fn new(toolbox: Toolbox, budget: Budget) -> Self {
        let of_prices = toolbox.clone().only(&["forecast", "history", "skill", "drift", "risk"]);
        Self { of_prices, of_news: toolbox.only(&["news"]), budget }
    }
}

/// What an analyst answers to a full briefing, or to a short one where the model has cut the full one.
macro_rules! briefed {
    ($crew:expr, $brief:expr, $call:expr, |$briefing:ident| $ask:expr) => {{
        let mut is_short = false;
        loop {
            let $briefing = $crew.briefing($brief, is_short)?;
            match $ask.await {
                Err(failure) if !is_short && $call.was_cut(&failure) => is_short = true,
                answer => break answer?,
            }
        }
    }};
}

impl Crew {
    pub(crate) fn has_model(&self) -> bool {
        self.line.is_some()
    }

    /// The thread goes on, in which so many tokens were spent.
    pub(crate) fn resumes(&self, tokens: Option<u64>) {
        self.line.iter().for_each(|line| line.resumes(tokens));
    }

    pub(super) async fn verdict(self: Arc<Self>, brief: Brief, _: Context) -> NodeResult<Update<Brief>> {
        Ok(Brief::update().verdict(Verdict::of(facts(&brief)?)))
    }

    pub(super) async fn performance_analyst(
        self: Arc<Self>,
        brief: Brief,
        context: Context,
    ) -> NodeResult<Update<Brief>> {
        let call = self.call(&brief, &context)?;
        let asks = self.asks(&call, |tools| &tools.of_prices);
        let reading = briefed!(self, &brief, call, |briefing| performance_analyst::read(&briefing, &asks));
        let mut facts = facts(&brief)?.clone();
        let cited = asks.cited(&reading.summary, facts.moment.decided);
        facts.facts.extend(cited);
        Ok(Brief::update()
            .facts(facts)
            .reading(reading)
            .spent(self.spent(context.node()))
            .warnings(self.warnings(context.node())))
    }

    pub(super) async fn performance_by_rule(self: Arc<Self>, brief: Brief, _: Context) -> NodeResult<Update<Brief>> {
        let prose = self.templated(&brief)?;
        // Nobody has read the price: the writer gets what the template says of it.
        let reading = Reading { summary: prose.moved, signal: Signal::Flat };
        Ok(self.stands_in("performance_analyst").reading(reading))
    }

    pub(super) async fn market_expert(self: Arc<Self>, brief: Brief, context: Context) -> NodeResult<Update<Brief>> {
        // Headlines name who it is, whatever is hidden in them.
        if facts(&brief)?.headlines.is_empty() || self.line.as_ref().is_some_and(Line::is_masked) {
            return Ok(Brief::update().mood(self.no_news()));
        }
        let call = self.call(&brief, &context)?;
        let asks = self.asks(&call, |tools| &tools.of_news);
        let mood = briefed!(self, &brief, call, |briefing| market_expert::read(&briefing, &asks));
        Ok(Brief::update().mood(mood).spent(self.spent(context.node())).warnings(self.warnings(context.node())))
    }

    pub(super) async fn market_by_rule(self: Arc<Self>, _: Brief, _: Context) -> NodeResult<Update<Brief>> {
        Ok(self.stands_in("market_expert").mood(self.no_news()))
    }

    pub(super) async fn report_generator(self: Arc<Self>, brief: Brief, context: Context) -> NodeResult<Update<Brief>> {
        let (reading, mood) = (known(&brief.reading, "reading")?, known(&brief.mood, "mood")?);
        let material = Material { reading, mood, rejected: &brief.rejected };
        let call = self.call(&brief, &context)?;
        let prose = briefed!(self, &brief, call, |briefing| report_generator::write(&briefing, &material, &call));
        let author = Author::Model { name: call.name().into() };
        Ok(Brief::update()
            .prose(prose)
            .author(author)
            .spent(self.spent(context.node()))
            .warnings(self.warnings(context.node())))
    }

    /// The checker has the first word, and what it finds costs no call.
    pub(super) async fn critic(self: Arc<Self>, brief: Brief, context: Context) -> NodeResult<Update<Brief>> {
        // What the template says is made of slots alone.
        if matches!(brief.author, Some(Author::Template { .. })) {
            return Ok(Brief::update().accepted(true));
        }
        let filled = match self.judged(&brief)? {
            Ok(filled) => filled,
            Err(reasons) => return Ok(rejected(Brief::update(), &brief, Judge::Checker, reasons)),
        };
        let call = self.call(&brief, &context)?;
        let review = briefed!(self, &brief, call, |briefing| critic::review(&briefing, &filled, &call));
        let reasons: Vec<String> = review.reasons.into_iter().filter(|reason| !reason.trim().is_empty()).collect();
        let update = match (review.approved, reasons) {
            (true, reasons) if reasons.is_empty() => Brief::update().accepted(true),
            (_, reasons) if reasons.is_empty() => {
                rejected(Brief::update(), &brief, Judge::Critic, vec!["it is not approved; no reason was given".into()])
            }
            // Who gives a reason has not approved.
            (_, reasons) => rejected(Brief::update(), &brief, Judge::Critic, reasons),
        };
        Ok(update.spent(self.spent(context.node())).warnings(self.warnings(context.node())))
    }

    pub(super) async fn critic_by_rule(self: Arc<Self>, brief: Brief, _: Context) -> NodeResult<Update<Brief>> {
        let update = match self.judged(&brief)? {
            Ok(_) => self.stands_in("critic").accepted(true),
            Err(reasons) => rejected(self.stands_in("critic"), &brief, Judge::Checker, reasons),
        };
        Ok(update)
    }

    pub(super) async fn template(self: Arc<Self>, brief: Brief, _: Context) -> NodeResult<Update<Brief>> {
        let why = match (brief.rejected.last(), &self.line) {
            (_, None) => "no language model was named".to_owned(),
            (Some(last), Some(line)) if last.round as usize > MOST_BACK => format!(
                "{} drafts of {} were sent back, the last because {}",
                last.round,
                line.name(),
                last.reasons.join("; ")
            ),
            (_, Some(line)) => {
                let problem = line.problem().map(|problem| format!(": {problem}")).unwrap_or_default();
                format!("{} gave no answer that can be used{problem}", line.name())
            }
        };
        let update = Brief::update().spent(self.spent("report_generator")).warnings(self.warnings("report_generator"));
        Ok(update.prose(self.templated(&brief)?).author(Author::Template { why }))
    }

    fn templated(&self, brief: &Brief) -> NodeResult<Prose> {
        let verdict = known(&brief.verdict, "verdict")?;
        Ok(template::prose(facts(brief)?, verdict, brief.question.as_deref(), self.language))
    }

    /// The filled draft, or what is wrong with it.
    fn judged(&self, brief: &Brief) -> NodeResult<Result<Prose, Vec<String>>> {
        let (prose, verdict) = (known(&brief.prose, "prose")?, known(&brief.verdict, "verdict")?);
        Ok(match prose.missing(brief.question.is_some()) {
            Some(section) => Err(vec![format!("the section `{section}` is empty")]),
            None => Truth { facts: facts(brief)?, verdict, language: self.language }.judge(prose),
        })
    }

    fn no_news(&self) -> Mood {
        Mood { summary: template::no_news(self.language).into(), sentiment: Sentiment::Unread }
    }

    /// What node `name` has spent and met before it gave up, and that its model gave nothing.
    fn stands_in(&self, name: &str) -> Update<Brief> {
        Brief::update().spent(self.spent(name)).warnings(self.warnings(name)).silent(vec![name.into()])
    }

    fn spent(&self, node: &str) -> Vec<Spent> {
        self.line.as_ref().map(|line| line.spent(node)).unwrap_or_default()
    }

    fn warnings(&self, node: &str) -> Vec<String> {
        self.line.as_ref().map(|line| line.warnings(node)).unwrap_or_default()
    }

    fn call<'a>(&'a self, brief: &Brief, context: &'a Context) -> NodeResult<Call<'a>> {
        let line = self.line.as_ref().ok_or("no language model was named")?;
        line.count(&brief.spent);
        Ok(Call::new(line, context, &self.asking))
    }

    fn asks<'a>(&'a self, call: &'a Call<'a>, of: fn(&Tools) -> &Toolbox) -> Asks<'a> {
        let budget = self.tools.as_ref().map(|tools| tools.budget).unwrap_or_default();
        Asks::new(call, self.tools.as_ref().map(of), budget)
    }

    fn briefing<'a>(&'a self, brief: &'a Brief, is_short: bool) -> NodeResult<Briefing<'a>> {
        Ok(Briefing {
            facts: facts(brief)?,
            verdict: known(&brief.verdict, "verdict")?,
            question: brief.question.as_deref(),
            talk: &brief.talk,
            language: self.language,
            is_short,
        })
    }
}

fn rejected(update: Update<Brief>, brief: &Brief, by: Judge, reasons: Vec<String>) -> Update<Brief> {
    let round = brief.rejected.len() as u32 + 1;
    update.rejected(vec![Rejection { round, by, reasons }]).accepted(false)
}

fn facts(brief: &Brief) -> NodeResult<&Facts> {
    known(&brief.facts, "facts")
}

fn known<'a, T>(field: &'a Option<T>, name: &str) -> NodeResult<&'a T> {
    field.as_ref().ok_or_else(|| format!("nobody has set `{name}`").into())
}
