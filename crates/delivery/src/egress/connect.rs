//! Dialling exactly what was judged.

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use async_trait::async_trait;
use futures_util::StreamExt as _;
use futures_util::stream::FuturesUnordered;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpSocket, TcpStream};
use tokio::time::{Instant, sleep_until};

/// Opens connections: the machine's network, or a simulated one.
#[async_trait]
pub trait Dialer: Send + Sync {
    /// Connects to this address and no other.
    ///
    /// # Errors
    /// Nobody answers, or refuses to.
    async fn dial(&self, to: SocketAddr) -> io::Result<Box<dyn Stream>>;
}

/// A connection that knows its two ends.
pub trait Stream: AsyncRead + AsyncWrite + Send + Unpin + 'static {
    /// The two ends.
    ///
    /// # Errors
    /// The connection is gone.
    fn ends(&self) -> io::Result<Ends>;
}

/// The two ends of a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ends {
    /// Ours.
    pub local: SocketAddr,
    /// Theirs.
    pub peer: SocketAddr,
}

impl Stream for TcpStream {
    fn ends(&self) -> io::Result<Ends> {
        Ok(Ends { local: self.local_addr()?, peer: self.peer_addr()? })
    }
}

impl Stream for Box<dyn Stream> {
    fn ends(&self) -> io::Result<Ends> {
        (**self).ends()
    }
}

/// The machine's network.
#[derive(Debug, Default)]
pub struct SystemDialer {
    sources: Vec<IpAddr>,
}

impl SystemDialer {
    /// Calls come from these addresses, the first of each family; without one the routing decides.
    #[must_use]
    pub fn from_sources(sources: Vec<IpAddr>) -> Self {
        SystemDialer { sources }
    }
}

#[async_trait]
impl Dialer for SystemDialer {
    async fn dial(&self, to: SocketAddr) -> io::Result<Box<dyn Stream>> {
        let socket = if to.is_ipv4() { TcpSocket::new_v4() } else { TcpSocket::new_v6() }?;
        // A request is one write; waiting for more would only delay it.
        socket.set_nodelay(true)?;
        socket.set_keepalive(true)?;
        if let Some(source) = self.sources.iter().find(|source| source.is_ipv4() == to.is_ipv4()) {
            socket.bind(SocketAddr::new(*source, 0))?;
        }
        Ok(Box::new(socket.connect(to).await?))
    }
}

/// Happy eyeballs (RFC 8305 §5): families take turns, a new try every 250 ms or
/// as soon as one fails; the first connection wins and the others are dropped.
pub(super) async fn race(
    dialer: &dyn Dialer,
    vetted: &[SocketAddr],
) -> io::Result<(Box<dyn Stream>, SocketAddr)> {
    if let [only] = vetted {
        return Ok((dialer.dial(*only).await?, *only));
    }
    let mut waiting = in_turns(vetted).into_iter();
    let mut under_way = FuturesUnordered::new();
    let mut fault = io::Error::from(io::ErrorKind::AddrNotAvailable);
    loop {
        if let Some(address) = waiting.next() {
            under_way.push(async move { (dialer.dial(address).await, address) });
        } else if under_way.is_empty() {
            return Err(fault);
        }
        let patience = Instant::now() + STAGGER;
        tokio::select! {
            Some((dialled, address)) = under_way.next() => match dialled {
                Ok(stream) => return Ok((stream, address)),
                Err(why) => fault = why,
            },
            () = sleep_until(patience), if waiting.len() > 0 => {}
        }
    }
}

fn in_turns(vetted: &[SocketAddr]) -> Vec<SocketAddr> {
    let leads = vetted.first().is_some_and(SocketAddr::is_ipv6);
    let (mut first, mut second) = (Vec::new(), Vec::new());
    for address in vetted {
        if address.is_ipv6() == leads { first.push(*address) } else { second.push(*address) }
    }
    let mut turns = Vec::with_capacity(vetted.len());
    let mut second = second.into_iter();
    for address in first {
        turns.push(address);
        turns.extend(second.next());
    }
    turns.extend(second);
    turns
}

const STAGGER: Duration = Duration::from_millis(250);

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use super::*;

    /// Answers on the addresses given; the others are silent, or refuse if their port is 1.
    struct Answering {
        alive: Vec<SocketAddr>,
        dialled: Mutex<Vec<(Duration, SocketAddr)>>,
        began: Instant,
    }

    #[async_trait]
    impl Dialer for Answering {
        async fn dial(&self, to: SocketAddr) -> io::Result<Box<dyn Stream>> {
            self.dialled.lock().unwrap().push((self.began.elapsed(), to));
            if to.port() == 1 {
                return Err(io::ErrorKind::ConnectionRefused.into());
            }
            if !self.alive.contains(&to) {
                std::future::pending::<()>().await;
            }
            Ok(Box::new(Nothing(to)))
        }
    }

    struct Nothing(SocketAddr);

    impl AsyncRead for Nothing {
        fn poll_read(
            self: std::pin::Pin<&mut Self>,
            _: &mut std::task::Context<'_>,
            _: &mut tokio::io::ReadBuf<'_>,
        ) -> std::task::Poll<io::Result<()>> {
            std::task::Poll::Ready(Ok(()))
        }
    }

    impl AsyncWrite for Nothing {
        fn poll_write(
            self: std::pin::Pin<&mut Self>,
            _: &mut std::task::Context<'_>,
            bytes: &[u8],
        ) -> std::task::Poll<io::Result<usize>> {
            std::task::Poll::Ready(Ok(bytes.len()))
        }

        fn poll_flush(
            self: std::pin::Pin<&mut Self>,
            _: &mut std::task::Context<'_>,
        ) -> std::task::Poll<io::Result<()>> {
            std::task::Poll::Ready(Ok(()))
        }

        fn poll_shutdown(
            self: std::pin::Pin<&mut Self>,
            _: &mut std::task::Context<'_>,
        ) -> std::task::Poll<io::Result<()>> {
            std::task::Poll::Ready(Ok(()))
        }
    }

    impl Stream for Nothing {
        fn ends(&self) -> io::Result<Ends> {
            Ok(Ends { local: self.0, peer: self.0 })
        }
    }

    fn addresses(texts: &[&str]) -> Vec<SocketAddr> {
        texts.iter().map(|text| text.parse().unwrap()).collect()
    }

    #[track_caller]
    fn answering(alive: &[&str]) -> Answering {
        Answering { alive: addresses(alive), dialled: Mutex::default(), began: Instant::now() }
    }

    #[tokio::test(start_paused = true)]
    async fn a_dead_v6_costs_a_quarter_of_a_second() {
        let dialer = answering(&["8.8.8.8:443"]);
        let vetted = addresses(&["[2003::1]:443", "[2003::2]:443", "8.8.8.8:443"]);
        let (_, address) = race(&dialer, &vetted).await.unwrap();
        assert_eq!(address, vetted[2]);
        assert_eq!(dialer.began.elapsed(), STAGGER);
        assert_eq!(dialer.dialled.into_inner().unwrap().len(), 2);
    }

    #[tokio::test(start_paused = true)]
    async fn a_refusal_moves_on_at_once_and_the_last_one_is_told() {
        let dialer = answering(&["8.8.4.4:443"]);
        let vetted = addresses(&["8.8.8.8:1", "8.8.4.4:443"]);
        assert_eq!(race(&dialer, &vetted).await.unwrap().1, vetted[1]);
        assert_eq!(dialer.began.elapsed(), Duration::ZERO);
        let all = addresses(&["8.8.8.8:1", "[2003::1]:1"]);
        let fault = race(&dialer, &all).await.err().unwrap();
        assert_eq!(fault.kind(), io::ErrorKind::ConnectionRefused);
    }
}
