//! A connection of the web board.
//!
//! [`Wire`] owns the reading and writing of one, and ends it when the other side does not take
//! what is written; [`Timer`] owns the waiting for what it does not send. Never knows what is sent.

use std::io::{Error, ErrorKind, Result};
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use hyper::rt;
use tokio::io::{AsyncRead as _, AsyncWrite as _, ReadBuf};
use tokio::net::TcpStream;
use tokio::time::{Sleep, sleep_until};

/// How long the other side may take nothing of what is written.
const TAKES_WITHIN: Duration = Duration::from_secs(20);
/// How much is read at once.
const READ_BYTES: usize = 4096;

/// A connection.
pub(super) struct Wire {
    stream: TcpStream,
    /// Runs while nothing of what is written is taken.
    stalled: Option<Pin<Box<Sleep>>>,
}

impl Wire {
    /// Takes over a connection.
    pub(super) fn new(stream: TcpStream) -> Self {
        Self {
            stream,
            stalled: None,
        }
    }

    /// Fails if a write has waited for too long.
    fn taken<T>(&mut self, wrote: Poll<Result<T>>, task: &mut Context<'_>) -> Poll<Result<T>> {
        if wrote.is_ready() {
            self.stalled = None;
            return wrote;
        }
        let stalled = self
            .stalled
            .get_or_insert_with(|| Box::pin(tokio::time::sleep(TAKES_WITHIN)));
        ready!(stalled.as_mut().poll(task));
        Poll::Ready(Err(Error::from(ErrorKind::TimedOut)))
    }
}

impl rt::Read for Wire {
    fn poll_read(
        mut self: Pin<&mut Self>,
        task: &mut Context<'_>,
        mut into: rt::ReadBufCursor<'_>,
    ) -> Poll<Result<()>> {
        let mut room = [0; READ_BYTES];
        let length = into.remaining().min(READ_BYTES);
        let mut read = ReadBuf::new(&mut room[..length]);
        ready!(Pin::new(&mut self.stream).poll_read(task, &mut read))?;
        into.put_slice(read.filled());
        Poll::Ready(Ok(()))
    }
}

impl rt::Write for Wire {
    fn poll_write(
        mut self: Pin<&mut Self>,
        task: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<Result<usize>> {
        let wrote = Pin::new(&mut self.stream).poll_write(task, bytes);
        self.taken(wrote, task)
    }

    fn poll_flush(mut self: Pin<&mut Self>, task: &mut Context<'_>) -> Poll<Result<()>> {
        let flushed = Pin::new(&mut self.stream).poll_flush(task);
        self.taken(flushed, task)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, task: &mut Context<'_>) -> Poll<Result<()>> {
        let closed = Pin::new(&mut self.stream).poll_shutdown(task);
        self.taken(closed, task)
    }
}

/// Waits for a while.
pub(super) async fn nap(span: Duration) {
    tokio::time::sleep(span).await;
}

/// The clock that ends a connection on which no request comes.
#[derive(Clone, Copy, Debug)]
pub(super) struct Timer;

struct Nap(Pin<Box<Sleep>>);

impl Future for Nap {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, task: &mut Context<'_>) -> Poll<()> {
        self.0.as_mut().poll(task)
    }
}

impl rt::Sleep for Nap {}

impl rt::Timer for Timer {
    fn sleep(&self, span: Duration) -> Pin<Box<dyn rt::Sleep>> {
        Box::pin(Nap(Box::pin(tokio::time::sleep(span))))
    }

    fn sleep_until(&self, at: std::time::Instant) -> Pin<Box<dyn rt::Sleep>> {
        Box::pin(Nap(Box::pin(sleep_until(at.into()))))
    }
}
