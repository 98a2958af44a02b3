//! A store, its keys and their keeper, on time that passes when it is told to.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use model::Clock as _;
use model::{
    Category, DeliveryId, Event, EventId, Id, Ids, Lane, ManualClock, MessageId, OrganisationId, Sealed,
    SubjectKey, Timestamp, WebhookId,
};
use observe::{Metrics, Stop};
use privacy::{Keyring, MasterKey, RecordKind, Vault};
use retention::{Keeper, Options, Ports, Stand};
use store::{Arrival, Ask, Batch, Claim, End, Message, NewDelivery, NewEvent, Settled, Store};
use store_sqlite::{KeyFile, SqliteStore};
use tempfile::TempDir;

pub(crate) const DAY: Duration = Duration::from_secs(86_400);
/// Monday morning.
const START: Timestamp = Timestamp::from_millis(1_790_000_000_000);
pub(crate) const ANN: SubjectKey = SubjectKey([1; 16]);

/// A node without doors and senders.
pub(crate) struct Place {
    pub(crate) dir: TempDir,
    pub(crate) clock: Arc<ManualClock>,
    pub(crate) store: Arc<dyn Store>,
    pub(crate) keyring: Arc<Keyring>,
    pub(crate) metrics: Arc<Metrics>,
    sqlite: Arc<SqliteStore>,
    keeper: Keeper,
    ids: Ids,
    organisation: OrganisationId,
    webhook: WebhookId,
}

/// An event with what it came from, and its delivery.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Known {
    pub(crate) event: EventId,
    pub(crate) message: MessageId,
    pub(crate) delivery: DeliveryId,
}

pub(crate) const CONTENT: &[u8] = b"potassium 6.9";
pub(crate) const RAW: &[u8] = b"MSH|^~\\&|LAB";
pub(crate) const BODY: &[u8] = b"{\"id\":\"evt\"}";

impl Place {
    /// An empty one.
    pub(crate) fn new() -> Place {
        Place::at(tempfile::tempdir().unwrap(), Arc::new(ManualClock::at(START)))
    }

    /// One over files that may hold something.
    pub(crate) fn at(dir: TempDir, clock: Arc<ManualClock>) -> Place {
        let vault = Arc::new(KeyFile::open(&dir.path().join("keys.db")).unwrap());
        Place::with(dir, clock, vault)
    }

    /// The same over a vault that may fail.
    pub(crate) fn with(dir: TempDir, clock: Arc<ManualClock>, vault: Arc<dyn Vault>) -> Place {
        let options = store_sqlite::Options { audit_key: [7; 32], tag_seed: 42, clock: clock.clone() };
        let sqlite = SqliteStore::open(dir.path(), options).unwrap();
        let store: Arc<dyn Store> = sqlite.clone();
        let keyring = Arc::new(Keyring::new(&MasterKey::from_bytes([1; 32]), vault, clock.clone()));
        let metrics = Arc::new(Metrics::new());
        let ports = Ports {
            store: store.clone(),
            keyring: keyring.clone(),
            clock: clock.clone(),
            metrics: metrics.clone(),
        };
        let installed = store.installation();
        let ids = Ids::new(installed.tag, installed.last_row);
        let (organisation, webhook) = (Id::from_row(1, installed.tag), Id::from_row(2, installed.tag));
        let keeper = Keeper::new(ports, Options::default());
        Place { dir, clock, store, keyring, metrics, sqlite, keeper, ids, organisation, webhook }
    }

    /// The same node after its process has ended.
    pub(crate) fn restart(self) -> Place {
        let Place { dir, clock, store, keyring, sqlite, keeper, .. } = self;
        drop((store, keyring, keeper));
        sqlite.close();
        drop(sqlite);
        Place::at(dir, clock)
    }

    /// Lets time pass, for the wall clock and the runtime alike, a round at least every twelve hours.
    pub(crate) async fn pass(&mut self, mut span: Duration) -> Stand {
        let mut stand = self.round().await;
        while !span.is_zero() {
            let step = span.min(DAY / 2);
            tokio::time::advance(step).await;
            self.clock.advance(step);
            stand = self.round().await;
            span -= step;
        }
        stand
    }

    /// One round of the keeper, as it happens every minute.
    pub(crate) async fn round(&mut self) -> Stand {
        self.keeper.round(&Stop::new()).await.unwrap()
    }

    /// A round that may fail.
    pub(crate) async fn try_round(&mut self) -> Result<Stand, retention::Error> {
        self.keeper.round(&Stop::new()).await
    }

    /// Something comes in and is owed to the webhook.
    pub(crate) async fn accept(&self) -> Known {
        let now = self.clock.now();
        let (event, message, delivery) = (self.ids.next(now), self.ids.next(now), self.ids.next(now));
        let known = Known { event, message, delivery };
        let raw = self.seal(RecordKind::Message, Id::row(message), RAW).await;
        let body = self.seal(RecordKind::Event, Id::row(event), CONTENT).await;
        let new = NewEvent {
            event: self.event(known, now),
            decisions: Vec::new(),
            config_version: 1,
            body: Some(body),
        };
        let message = Message {
            id: message,
            organisation: self.organisation,
            integration: Id::from_row(3, 42),
            received: now,
            format: "hl7v2".to_owned(),
            kind: "ORU^R01".to_owned(),
            subject: Some(ANN),
            events: 1,
            flaws: Vec::new(),
            raw,
        };
        let owed = NewDelivery {
            id: delivery,
            webhook: self.webhook,
            lane: Lane::Routine,
            order: None,
            dead: None,
            follows: None,
            numbered: false,
        };
        let arrival =
            Arrival { message: Some(message), events: vec![(new, vec![owed])], ..Arrival::default() };
        self.store.commit(Batch { arrivals: vec![arrival], ..Batch::default() }).await.unwrap();
        known
    }

    fn event(&self, known: Known, now: Timestamp) -> Event {
        Event {
            id: known.event,
            organisation: self.organisation,
            integration: Id::from_row(3, 42),
            event_type: "lab.result.critical".into(),
            object_type: "lab_report".into(),
            lane: Lane::Routine,
            time: now,
            received: now,
            test: false,
            subject: Some(ANN),
            object: None,
            message: Some(known.message),
            sequence: 0,
            replaces: None,
            caused_by: None,
            hops: 0,
        }
    }

    async fn seal(&self, kind: RecordKind, row: i64, bytes: &[u8]) -> Sealed {
        self.keyring.for_sealing(self.organisation, row, Some(ANN)).await.unwrap().seal(kind, row, bytes)
    }

    /// The sender gives up what it is owed, with the bytes of its only attempt, or delivers it.
    pub(crate) async fn settle(&self, end: End) {
        let ask = Ask { webhook: self.webhook, lane: Lane::Routine, max: 100 };
        let mut settled = Vec::new();
        for Claim { delivery, epoch, attempts, .. } in self.store.claim(ask).await.unwrap() {
            let rendered = Some(self.seal(RecordKind::Rendered, delivery.row(), BODY).await);
            let error = Some(Category::Http5xx);
            settled.push(Settled {
                delivery,
                epoch,
                end,
                at: self.clock.now(),
                attempts: attempts + 1,
                error,
                rendered,
            });
        }
        self.store.commit(Batch { settled, ..Batch::default() }).await.unwrap();
    }

    /// What can be read of an event now: its content, what it came from, its rendered body.
    pub(crate) async fn readable(&self, known: Known) -> [Option<Vec<u8>>; 3] {
        read(&*self.store, &self.keyring, known).await
    }

    /// The days that have keys.
    pub(crate) async fn days(&self) -> Vec<i64> {
        let days = self.keyring.days(i64::MAX).await.unwrap();
        days.into_iter().map(|(_, day)| day).collect()
    }

    /// The files of the store as they are, as a backup of the machine would have them.
    pub(crate) fn copy(&self) -> TempDir {
        let copy = tempfile::tempdir().unwrap();
        for name in ["store.db-wal", "store.db"] {
            std::fs::copy(self.dir.path().join(name), copy.path().join(name)).unwrap();
        }
        copy
    }
}

/// What a store holds of an event and a keyring opens.
pub(crate) async fn read(store: &dyn Store, keyring: &Keyring, known: Known) -> [Option<Vec<u8>>; 3] {
    let event = store.events(&[known.event]).await.unwrap().remove(0);
    let Some(NewEvent { event, body, .. }) = event else { return [None, None, None] };
    let open = async |kind, row, sealed: Option<Sealed>| {
        let sealed = sealed.filter(|sealed| !sealed.0.is_empty())?;
        let key = keyring.for_opening(event.organisation, Some(ANN), &sealed).await.unwrap()?;
        key.open(kind, row, &sealed).ok()
    };
    let raw = store.find_message(known.message).await.unwrap().map(|message| message.raw);
    let rendered = store.rendered(known.delivery).await.unwrap();
    [
        open(RecordKind::Event, Id::row(known.event), body).await,
        open(RecordKind::Message, Id::row(known.message), raw).await,
        open(RecordKind::Rendered, Id::row(known.delivery), rendered).await,
    ]
}

/// Opens a copy of a store under present keys.
pub(crate) async fn read_copy(copy: &Path, keyring: &Keyring, known: Known) -> [Option<Vec<u8>>; 3] {
    let clock = Arc::new(ManualClock::at(START));
    let options = store_sqlite::Options { audit_key: [7; 32], tag_seed: 42, clock };
    let store = SqliteStore::open(copy, options).unwrap();
    assert!(
        store.events(&[known.event]).await.unwrap()[0].as_ref().is_some_and(|event| event.body.is_some())
    );
    read(&*store, keyring, known).await
}
