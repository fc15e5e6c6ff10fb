//! `Client`: many requests in one go and their answers, with what goes wrong sorted.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use redis::{Connection, ErrorKind, Pipeline, RedisError, RedisResult, Value};

use super::RedisConfig;
use crate::error::{Error, Outage, Result};

/// Requests to one server. Connections are kept, and each step has a limit of time.
pub(super) struct Client {
    client: redis::Client,
    place: String,
    timeout: Duration,
    idle: Mutex<Vec<Connection>>,
}

impl std::fmt::Debug for Client {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Client").field("place", &self.place).field("timeout", &self.timeout).finish_non_exhaustive()
    }
}

impl Client {
    pub(super) fn new(config: &RedisConfig) -> Result<Self> {
        let info = config.connection()?;
        // Who calls is no news to the server, and older ones do not take it.
        let settings = info.redis_settings().clone().set_skip_set_lib_name();
        // Another crate of the program may have chosen already, or brought in a second library to choose from.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let rejected =
            |error: RedisError| Error::Online { store: config.shown(), outage: outage(&error, config.timeout) };
        let client = redis::Client::open(info.set_redis_settings(settings)).map_err(rejected)?;
        Ok(Self { client, place: config.shown(), timeout: config.timeout, idle: Mutex::default() })
    }

    /// Where the server is, without a password.
    pub(super) fn place(&self) -> &str {
        &self.place
    }

    /// Send `calls` in one go; the answers, one for each. Whatever is asked may be asked again: a kept connection that the server
    /// has closed meanwhile is replaced by a new one.
    pub(super) fn ask(&self, calls: &Pipeline) -> Result<Vec<Value>> {
        let kept = self.idle().pop();
        if let Some(kept) = kept {
            match self.ask_on(kept, calls) {
                Err(error) if error.is_connection_dropped() => self.idle().clear(),
                answers => return answers.map_err(|error| self.sorted(&error)),
            }
        }
        self.connect().and_then(|fresh| self.ask_on(fresh, calls)).map_err(|error| self.sorted(&error))
    }

    /// Ask, and keep the connection where all went well: after an error half of an answer may be left in it.
    fn ask_on(&self, mut connection: Connection, calls: &Pipeline) -> RedisResult<Vec<Value>> {
        let answers: Vec<RedisResult<Value>> = calls.clone().ignore_errors().query(&mut connection)?;
        let answers = answers.into_iter().collect::<RedisResult<_>>()?;
        self.idle().push(connection);
        Ok(answers)
    }

    fn connect(&self) -> RedisResult<Connection> {
        let connection = self.client.get_connection_with_timeout(self.timeout)?;
        connection.set_read_timeout(Some(self.timeout))?;
        connection.set_write_timeout(Some(self.timeout))?;
        Ok(connection)
    }

    fn sorted(&self, error: &RedisError) -> Error {
        self.failed(outage(error, self.timeout))
    }

    /// The error of this server.
    pub(super) fn failed(&self, outage: Outage) -> Error {
        Error::Online { store: self.place.clone(), outage }
    }

    fn idle(&self) -> MutexGuard<'_, Vec<Connection>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What an error of the server or of the network means for the caller.
fn outage(error: &RedisError, limit: Duration) -> Outage {
    let message = error.to_string();
    match error.code() {
        _ if error.is_timeout() => Outage::Slow { after: limit },
        _ if error.is_io_error() => Outage::Offline { problem: message },
        _ if error.kind() == ErrorKind::AuthenticationFailed => Outage::Forbidden { message },
        Some("NOAUTH" | "WRONGPASS" | "NOPERM") => Outage::Forbidden { message },
        Some("OOM") => Outage::Full { message },
        Some("LOADING" | "READONLY" | "MASTERDOWN" | "TRYAGAIN" | "CLUSTERDOWN" | "BUSY") => Outage::NotNow { message },
        _ => Outage::Rejected { message },
    }
}
