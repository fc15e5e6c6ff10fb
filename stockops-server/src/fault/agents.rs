//! Which status an error of the analysts has, and what is told of it.

use axum::http::StatusCode;
use stockops_agents::Error;
use stockops_agents::error::ModelFault;

use super::Fault;

/// Addresses and words of models and of sources of news go to the log alone.
impl From<Error> for Fault {
    fn from(error: Error) -> Self {
        let detail = error.to_string();
        let (status, detail) = match error {
            Error::Core(error) => return error.into(),
            Error::Config { .. } => return Self::new(StatusCode::BAD_REQUEST, detail),
            Error::Model { ref fault, .. } => return of_model(fault, &error),
            Error::News { .. } => (StatusCode::BAD_GATEWAY, "the source of news gave nothing that can be used"),
            Error::Store { .. } => (StatusCode::SERVICE_UNAVAILABLE, "the store of answers does not serve now"),
            _ => (StatusCode::INTERNAL_SERVER_ERROR, "the server could not do it; its log says why"),
        };
        Self::logged(status, detail, &error)
    }
}

fn of_model(fault: &ModelFault, error: &Error) -> Fault {
    let (status, detail) = match fault {
        ModelFault::OverBudget { .. } | ModelFault::OverCost { .. } => {
            return Fault::new(StatusCode::TOO_MANY_REQUESTS, fault.to_string());
        }
        ModelFault::Busy(wait) => {
            let busy = Fault::logged(StatusCode::SERVICE_UNAVAILABLE, "the language model is busy", error);
            return wait.map_or(busy.clone(), |wait| busy.after(wait.as_secs()));
        }
        ModelFault::Unreachable(_) | ModelFault::TimedOut(_) => {
            (StatusCode::SERVICE_UNAVAILABLE, "the language model does not answer")
        }
        _ => (StatusCode::BAD_GATEWAY, "the language model gave no answer that can be used"),
    };
    Fault::logged(status, detail, error)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_model_says_is_not_told() {
        let of = |fault| Fault::from(Error::Model { model: "qwen".into(), fault });
        let refused = of(ModelFault::Refused { status: 401, reason: "key sk-123 at http://10.0.0.7".into() });
        assert_eq!((refused.status.as_u16(), refused.detail.contains("sk-123")), (502, false));
        let busy = of(ModelFault::Busy(Some(std::time::Duration::from_secs(7))));
        assert_eq!((busy.status.as_u16(), busy.retry_after), (503, Some(7)));
        assert_eq!(of(ModelFault::OverBudget { limit: 10 }).status, 429);
    }
}
