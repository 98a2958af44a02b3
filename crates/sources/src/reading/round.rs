//! One round: every search of an integration, page by page, up to where the server ends.

use std::collections::HashMap;
use std::sync::Arc;

use model::{HookUrl, Integration, PollSearch, Problem, Timestamp, Versioned, limits};
use store::Cursor;

use super::client::Client;
use super::fault::Fault;
use super::page::{self, Found, Page};
use super::seen::Seen;
use crate::intake::Intake;
use crate::refusal;

/// Reads one integration's server.
pub(super) struct Reader {
    pub(super) intake: Arc<Intake>,
    pub(super) integration: Arc<Versioned<Integration>>,
    pub(super) client: Arc<Client>,
    pub(super) seen: Seen,
}

/// Where one search stands.
struct Position {
    /// What it is called in the store.
    feed: String,
    /// How far it was read.
    at: Option<Timestamp>,
}

impl Reader {
    /// Reads what changed; answers how many versions were new.
    pub(super) async fn round(&mut self) -> Result<u64, Fault> {
        let known = self.intake.ports.store.cursors(self.integration.id).await;
        let known: HashMap<String, String> = known.map_err(of_store)?.into_iter().collect();
        let mut taken = 0;
        let client = Arc::clone(&self.client);
        for search in &client.poll.searches {
            let feed = search.written();
            let at = known.get(&feed).and_then(|position| position.parse().ok());
            taken += self.search(search, Position { feed, at }).await?;
        }
        Ok(taken)
    }

    async fn search(&mut self, search: &PollSearch, mut position: Position) -> Result<u64, Fault> {
        let mut url = self.first(search, position.at)?;
        let (mut taken, mut reached, mut rising) = (0, None, true);
        for _ in 0..limits::POLL_PAGES {
            let page = page::read(&self.client.get(&url).await?)?;
            // Pages in order say how far everything was read; others say it only with the last of them.
            rising &= page.rising && page.oldest.is_none_or(|oldest| Some(oldest) >= reached);
            reached = reached.max(page.newest);
            let next = page.next.as_deref().map(|link| url.follow(link));
            let next = next.transpose().map_err(|_| Fault::Elsewhere)?;
            let up_to = reached.filter(|_| rising || next.is_none());
            taken += self.take(page, &mut position, up_to).await?;
            match next {
                // A page that leads to itself would never end.
                Some(next) if next != url => url = next,
                _ => return Ok(taken),
            }
        }
        if rising { Ok(taken) } else { Err(Fault::Unreadable("it is too long, and not in order of change")) }
    }

    /// The first page: what changed since a little before the last time.
    fn first(&self, search: &PollSearch, at: Option<Timestamp>) -> Result<HookUrl, Fault> {
        let poll = &self.client.poll;
        let begin = poll.since.unwrap_or(self.integration.created_at);
        let since = at.map_or(begin, |at| at - poll.overlap.0);
        let own = if search.query.is_empty() { String::new() } else { format!("{}&", search.query) };
        let count = limits::POLL_COUNT;
        self.client.below(&format!(
            "{}?{own}_lastUpdated=ge{since}&_sort=_lastUpdated&_count={count}",
            search.resource_type
        ))
    }

    /// Makes what is new on a page durable, and with the last of it how far was read.
    async fn take(
        &mut self,
        page: Page,
        position: &mut Position,
        up_to: Option<Timestamp>,
    ) -> Result<u64, Fault> {
        let keys = self.intake.ports.keyring.organisation(self.integration.organisation_id).await;
        let keys = keys.map_err(|error| Fault::NotStored(refusal::of_keys(&error)))?;
        let mut new: Vec<(Found, [u8; 16])> = Vec::new();
        for found in page.found {
            let key = found.key(&self.integration, &keys);
            if !self.seen.has(&key) {
                new.push((found, key));
            }
        }
        let mut cursor = self.advanced(position, up_to);
        let (mut taken, last) = (0, new.len());
        for (place, (found, key)) in new.into_iter().enumerate() {
            let with = if place + 1 == last && found.fault.is_none() { cursor.take() } else { None };
            taken += u64::from(self.intake.take_found(&self.integration, (found, key), with).await?);
            self.seen.note(key);
        }
        if let Some(cursor) = cursor {
            self.intake.read_up_to(cursor).await.map_err(Fault::NotStored)?;
        }
        Ok(taken)
    }

    /// The position after a page, if it moves.
    fn advanced(&self, position: &mut Position, up_to: Option<Timestamp>) -> Option<Cursor> {
        // A server whose clock is wrong must not make us skip what it says later.
        let latest = self.intake.ports.clock.now() + limits::CLOCK_AGREES;
        let up_to = up_to.map(|up_to| up_to.min(latest)).filter(|up_to| Some(*up_to) > position.at)?;
        position.at = Some(up_to);
        let feed = position.feed.clone();
        Some(Cursor { integration: self.integration.id, feed, position: up_to.to_string() })
    }
}

fn of_store(error: store::Error) -> Fault {
    let problem: Problem = refusal::of_store(&error);
    Fault::NotStored(problem)
}
