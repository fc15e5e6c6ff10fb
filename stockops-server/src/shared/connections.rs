//! `Connections`: connections to one Redis, kept between questions.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use redis::{Connection, IntoConnectionInfo, RedisResult};

/// What an address of Redis must be.
pub(crate) const RULE: &str =
    "an address of Redis, redis://user:password@host:port/database or rediss://, a password written with percent signs";

/// Connections to one Redis, kept between questions: those of all who ask it in this process.
pub(crate) struct Connections {
    client: redis::Client,
    place: String,
    idle: Mutex<Vec<Connection>>,
}

impl Connections {
    /// Nothing is asked yet. `None` for an address that is none.
    pub(crate) fn new(url: &str) -> Option<Self> {
        let info = url.into_connection_info().ok()?;
        // The name of the library is not sent (CLIENT SETINFO): older servers refuse it.
        let settings = info.redis_settings().clone().set_skip_set_lib_name();
        // Another crate of the program may have chosen already.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let client = redis::Client::open(info.set_redis_settings(settings)).ok()?;
        Some(Self { client, place: shown(url), idle: Mutex::default() })
    }

    /// Where the server is, without a password.
    pub(crate) fn place(&self) -> &str {
        &self.place
    }

    /// Ask on a connection that was kept, or else on a new one; connecting, and each answer, may take `timeout`. It blocks.
    ///
    /// What is asked may be asked twice: a kept connection that the server has closed meanwhile is replaced by a new one.
    pub(crate) fn ask<R>(
        &self,
        timeout: Duration,
        question: impl Fn(&mut Connection) -> RedisResult<R>,
    ) -> RedisResult<R> {
        let kept = self.idle().pop();
        if let Some(kept) = kept {
            match self.ask_on(kept, timeout, &question) {
                Err(error) if error.is_connection_dropped() => self.idle().clear(),
                answer => return answer,
            }
        }
        self.ask_on(self.client.get_connection_with_timeout(timeout)?, timeout, &question)
    }

    /// Ask, and keep the connection where all went well: after an error half of an answer may be left in it.
    fn ask_on<R>(
        &self,
        mut connection: Connection,
        timeout: Duration,
        question: impl Fn(&mut Connection) -> RedisResult<R>,
    ) -> RedisResult<R> {
        // Who had it before may have had another patience.
        connection.set_read_timeout(Some(timeout))?;
        connection.set_write_timeout(Some(timeout))?;
        let answer = question(&mut connection)?;
        self.idle().push(connection);
        Ok(answer)
    }

    fn idle(&self) -> MutexGuard<'_, Vec<Connection>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The address without what stands before its last @, which may be a password, and without its options.
pub(crate) fn shown(url: &str) -> String {
    let (scheme, rest) = url.split_once("://").unwrap_or(("redis", url));
    let host = rest.rsplit_once('@').map_or(rest, |(_, host)| host);
    format!("{scheme}://{}", host.split(['?', '#']).next().unwrap_or_default())
}
