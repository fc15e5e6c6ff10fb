//! `Client`: the script, run on connections that are kept.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use redis::{Connection, IntoConnectionInfo, RedisResult, Script};

use super::super::{QueueError, Result};

const SCRIPT: &str = include_str!("queue.lua");

/// One server and the script. Each step has a limit of time.
pub(super) struct Client {
    client: redis::Client,
    script: Script,
    /// The beginning of all keys.
    root: String,
    place: String,
    timeout: Duration,
    idle: Mutex<Vec<Connection>>,
}

impl Client {
    pub(super) fn new(url: &str, name: &str, timeout: Duration) -> Result<Self> {
        let rule = "an address of Redis, redis://user:password@host:port/database or rediss://";
        let wrong = || QueueError::Config { field: "redis", rule, got: shown(url) };
        let info = url.into_connection_info().map_err(|_| wrong())?;
        // Who calls is no news to the server, and older ones do not take it.
        let settings = info.redis_settings().clone().set_skip_set_lib_name();
        // Another crate of the program may have chosen already.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let client = redis::Client::open(info.set_redis_settings(settings)).map_err(|_| wrong())?;
        let (script, root) = (Script::new(SCRIPT), format!("{{{name}}}:jobs:"));
        Ok(Self { client, script, root, place: shown(url), timeout, idle: Mutex::default() })
    }

    /// Where the server is, without a password.
    pub(super) fn place(&self) -> &str {
        &self.place
    }

    /// Run the script. A kept connection that the server has closed meanwhile is replaced by a new one; where the script ran and
    /// its answer was lost it runs twice: the same push finds its task, an end is heard again, and a task that was taken for
    /// nobody comes back when its lease ends.
    pub(super) fn ask(&self, arguments: &[String]) -> Result<Vec<String>> {
        let kept = self.idle().pop();
        if let Some(kept) = kept {
            match self.ask_on(kept, arguments) {
                Err(error) if error.is_connection_dropped() => self.idle().clear(),
                answer => return answer.map_err(|error| self.error(error)),
            }
        }
        self.connect().and_then(|fresh| self.ask_on(fresh, arguments)).map_err(|error| self.error(error))
    }

    /// Ask, and keep the connection where all went well: after an error half of an answer may be left in it.
    fn ask_on(&self, mut connection: Connection, arguments: &[String]) -> RedisResult<Vec<String>> {
        let mut call = self.script.key(&self.root);
        let call = arguments.iter().fold(&mut call, |call, argument| call.arg(argument));
        let answer = call.invoke(&mut connection)?;
        self.idle().push(connection);
        Ok(answer)
    }

    fn connect(&self) -> RedisResult<Connection> {
        let connection = self.client.get_connection_with_timeout(self.timeout)?;
        connection.set_read_timeout(Some(self.timeout))?;
        connection.set_write_timeout(Some(self.timeout))?;
        Ok(connection)
    }

    pub(super) fn error(&self, problem: impl std::fmt::Display) -> QueueError {
        let problem = format!("{problem}; check that the server runs, takes this user and has room");
        QueueError::Store { place: self.place.clone(), problem }
    }

    fn idle(&self) -> MutexGuard<'_, Vec<Connection>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The address without what stands before its last @, which may be a password, and without its options.
fn shown(url: &str) -> String {
    let (scheme, rest) = url.split_once("://").unwrap_or(("redis", url));
    let host = rest.rsplit_once('@').map_or(rest, |(_, host)| host);
    format!("{scheme}://{}", host.split(['?', '#']).next().unwrap_or_default())
}
