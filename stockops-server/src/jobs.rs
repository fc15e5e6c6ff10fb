//! Jobs: work that outlives its request.
//!
//! A job is a typed request of the service, its state (`queued`, `running`, `done`, `failed`, `cancelled`), the events that
//! its [`Watch`](stockops_core::training::Watch) told, and in the end the typed answer or the error. It is kept behind the
//! same door as versions and forecasts, so that a restart finds it again, and its number is the name under which routes
//! answer for it.
//!
//! A worker takes the oldest queued job, runs it on a thread of its own with a
//! [`CancelFlag`](stockops_core::training::CancelFlag) that `DELETE /jobs/{id}` sets, and writes each change of state. Two jobs
//! for one ticker are never run at once: the registry's training lock says so, also to other processes. The monitor of a
//! night is a list of jobs, one a ticker.
