//! Risk: what may be lost and reached in the next sessions.

use aide::axum::ApiRouter;
use aide::axum::routing::get_with;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use schemars::JsonSchema;
use serde::Deserialize;
use stockops_core::Ticker;
use stockops_core::forecast::Horizon;
use stockops_core::risk::{RiskQuestion, RiskStatement};

use super::OfTicker;
use super::forecast::body;
use crate::app::App;
use crate::kept::{Answer, Kind};
use crate::openapi::{Access, Topic, listed};
use crate::reply::Ready;
use crate::{Fault, Path, Query};

/// Levels of one question.
const MOST: usize = 20;

pub(super) fn routes() -> ApiRouter<App> {
    ApiRouter::new().api_route(
        "/risk/{ticker}",
        get_with(risk, |o| {
            listed(o, Access::Key, Topic::Risk, "risk", "What may be lost, and which prices may be reached")
        }),
    )
}

/// What is asked beyond the usual.
#[derive(Debug, Default, Deserialize, JsonSchema)]
struct Asked {
    /// Prices that may be touched or closed beyond, with commas between them, at most 20; 2 and 5 % on either side of the last close
    /// where there are none.
    levels: Option<String>,
    /// Sessions that are stated; all that are forecast where none is named.
    horizon: Option<usize>,
}

impl Asked {
    fn question(&self) -> Result<RiskQuestion, Fault> {
        let words =
            self.levels.as_deref().unwrap_or_default().split(',').map(str::trim).filter(|word| !word.is_empty());
        let wrong = |got: &str| {
            Fault::new(
                StatusCode::UNPROCESSABLE_ENTITY,
                format!("`levels` must be prices above 0, at most {MOST}, got `{got}`"),
            )
        };
        let price =
            |word: &str| word.parse().ok().filter(|p: &f64| p.is_finite() && *p > 0.0).ok_or_else(|| wrong(word));
        let levels = words.map(price).collect::<Result<Vec<f64>, _>>()?;
        if levels.len() > MOST {
            return Err(wrong(&format!("{} of them", levels.len())));
        }
        let horizon = self.horizon.map(Horizon::new).transpose()?;
        Ok(RiskQuestion { levels, horizon, ..RiskQuestion::default() })
    }
}

async fn risk(
    State(app): State<App>,
    headers: HeaderMap,
    Path(OfTicker { ticker }): Path<OfTicker>,
    Query(asked): Query<Asked>,
) -> Result<Ready<RiskStatement>, Fault> {
    Ok(Ready::new(stated(&app, &ticker, asked.question()?).await?, &headers))
}

/// The kept statement about `ticker`, or a new one, as the body of the answer.
pub(super) async fn stated(app: &App, ticker: &Ticker, question: RiskQuestion) -> Result<Answer, Fault> {
    let key = app.key(Kind::Risk, ticker, format!("{question:?}")).await?;
    let (asked, ticker) = (app.clone(), ticker.clone());
    let compute = move || async move {
        asked.limits().prediction(&ticker).await?;
        asked.run(move |app| body(&app.stockops().risk(&ticker, &question)?)).await
    };
    app.kept().get_or(&key, compute).await
}
