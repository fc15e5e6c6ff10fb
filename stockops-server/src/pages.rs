//! Pages: what a person sees in a browser.
//!
//! A page is a typed answer of the service, the Markdown and the charts that
//! [`stockops_core::report`] makes of it, and a frame around them with links to the other pages of the ticker. Nothing is
//! drawn before somebody asks for it, and a drawn page is kept as long as the answer under it stays the same.
//!
//! There is one for a ticker (forecast, skill, drift), one for a version, one for a backtest, one for the jobs, and the list of
//! all tickers that leads to them. None loads anything from elsewhere. A page works without script; where there is script, it
//! ships with the server and adds hover and zoom to charts that are there without it.
