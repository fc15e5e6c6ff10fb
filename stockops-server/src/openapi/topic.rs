//! `Topic`: what a route is about; in the document its tag.

/// What a route is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Topic {
    /// Forecasts and backtests.
    Forecasts,
    /// Value at risk, shortfall, levels.
    Risk,
    /// Reports of the analysts.
    Reports,
    /// Trainings, and the tasks of all long work.
    Training,
    /// Drift and evaluation.
    Monitoring,
    /// Versions.
    Models,
    /// Bars that are sent to the server.
    Bars,
    /// What the admin sees and does.
    System,
    /// The server itself.
    Service,
    /// The pages for people, and what they load.
    Pages,
    /// Tools for assistants.
    Assistants,
}

impl Topic {
    /// All topics, in the order of the document.
    pub const ALL: [Self; 11] = [
        Self::Forecasts,
        Self::Risk,
        Self::Reports,
        Self::Training,
        Self::Monitoring,
        Self::Models,
        Self::Bars,
        Self::System,
        Self::Service,
        Self::Pages,
        Self::Assistants,
    ];

    /// Its word.
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Forecasts => "forecasts",
            Self::Risk => "risk",
            Self::Reports => "reports",
            Self::Training => "training",
            Self::Monitoring => "monitoring",
            Self::Models => "models",
            Self::Bars => "bars",
            Self::System => "system",
            Self::Service => "service",
            Self::Pages => "pages",
            Self::Assistants => "assistants",
        }
    }

    /// What it is, in a sentence.
    pub(super) fn about(self) -> &'static str {
        match self {
            Self::Forecasts => "Forecasts with intervals and skill, and backtests.",
            Self::Risk => "What may be lost and reached in the next sessions.",
            Self::Reports => "Reports that the analysts write, and questions to them.",
            Self::Training => "Trainings, and the state of all long work.",
            Self::Monitoring => "Drift of the data and of the model, and what reports were worth.",
            Self::Models => "Versions of a ticker: which there are and which forecasts.",
            Self::Bars => "Daily bars that are sent to the server, and what was found in them.",
            Self::System => "What the admin sees and does.",
            Self::Service => "The server itself.",
            Self::Pages => "The pages for people, and what they load.",
            Self::Assistants => "Tools for assistants, by the Model Context Protocol.",
        }
    }
}
