//! The body of a delivery: made at its first attempt, the same ever after.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use matching::Unshaped;
use model::{AttemptId, Category, Content, Event, Id, MessageId, Personal, Profile, Sealed};
use privacy::{Disclosed, Keyring, Origin, Original, RecordKind, Told, Warm};
use settings::Settings;
use store::{Claim, Store};

use crate::attempt::Said;
use crate::dispatch::Start;
use crate::ports::Ports;

/// Makes bodies, and keeps them when a first attempt failed.
pub(crate) struct Renderer {
    store: Arc<dyn Store>,
    settings: Arc<Settings>,
    keyring: Arc<Keyring>,
    warm: Arc<Warm>,
    jitter: AtomicU64,
}

/// A body, and what is needed to seal it.
pub(crate) struct Rendered {
    pub(crate) told: Disclosed,
    event: Event,
    profile: Profile,
}

impl Rendered {
    /// The event that the body is of.
    pub(crate) fn event(&self) -> &Event {
        &self.event
    }
}

impl Renderer {
    pub(crate) fn new(ports: &Ports) -> Self {
        Renderer {
            store: ports.store.clone(),
            settings: ports.settings.clone(),
            keyring: ports.keyring.clone(),
            warm: ports.warm.clone(),
            jitter: AtomicU64::new(ports.ids.tag() | 1),
        }
    }

    /// The body for an attempt.
    ///
    /// A body that was made before and shows more than the webhook may see by
    /// now is withheld (K3); it is never made again under the same id.
    pub(crate) async fn render(&self, start: &Start) -> Result<Rendered, Category> {
        self.may_still_know(start)?;
        match self.make(start).await {
            // Its day's key may have gone between reading and opening; what is owed
            // was sealed anew before, so a second look finds it (K1).
            Err(Category::PolicyWithheld) => self.make(start).await,
            made => made,
        }
    }

    /// Whoever made a Subscription may have lost the right to it since.
    fn may_still_know(&self, start: &Start) -> Result<(), Category> {
        let Some(subscription) = &start.webhook.subscription else { return Ok(()) };
        let config = &self.settings.now().config;
        let may = matching::may_still(subscription, config, start.claim.accepted);
        may.then_some(()).ok_or(Category::PolicyWithheld)
    }

    async fn make(&self, start: &Start) -> Result<Rendered, Category> {
        let claim = &start.claim;
        if !claim.rendered
            && let Some(warm) = self.warm.take(claim.event)
        {
            let (event, content) = &*warm;
            return self.disclose(start, event, content).await;
        }
        let event = self.load(claim).await?;
        if claim.rendered
            && let Some(kept) = self.store.rendered(claim.delivery).await.map_err(internal)?
        {
            return self.reopen(start, event.event, &kept).await;
        }
        let body = event.body.ok_or(Category::PolicyWithheld)?;
        let content = self.open(&event.event, RecordKind::Event, event.event.id.row(), &body).await?;
        let content: Content = serde_json::from_slice(&content).map_err(internal)?;
        self.disclose(start, &event.event, &Personal::new(content)).await
    }

    /// Seals a body so that later attempts send the same bytes.
    pub(crate) async fn seal(&self, claim: &Claim, rendered: &Rendered) -> Option<Sealed> {
        let Rendered { event, .. } = rendered;
        let key = self.keyring.for_sealing(event.organisation, claim.delivery.row(), event.subject).await;
        let bytes = rendered.told.keep(rendered.profile);
        match key.map(|key| key.seal(RecordKind::Rendered, claim.delivery.row(), &bytes)) {
            Ok(sealed) => Some(sealed),
            Err(error) => {
                tracing::warn!(delivery.id = %claim.delivery, %error, "cannot keep the body of a retry");
                None
            }
        }
    }

    /// Seals what a receiver answered: it may echo what it was told.
    pub(crate) async fn seal_reply(
        &self,
        rendered: &Rendered,
        attempt: AttemptId,
        said: &Personal<Said>,
    ) -> Option<Sealed> {
        let Rendered { event, .. } = rendered;
        let bytes = said.look(|said| serde_json::to_vec(&said.shown())).ok()?;
        let key = self.keyring.for_sealing(event.organisation, attempt.row(), event.subject).await;
        match key.map(|key| key.seal(RecordKind::Excerpt, attempt.row(), &bytes)) {
            Ok(sealed) => Some(sealed),
            Err(error) => {
                tracing::warn!(attempt.id = %attempt, %error, "cannot keep what a receiver answered");
                None
            }
        }
    }

    /// A number between 0 and 1, for spreading retries; nothing depends on its quality.
    pub(crate) fn jitter(&self) -> f64 {
        // Weyl sequence: the golden ratio's step visits the interval evenly.
        let step = self.jitter.fetch_add(0x9E37_79B9_7F4A_7C15, Ordering::Relaxed);
        (step >> 11) as f64 / (1_u64 << 53) as f64
    }

    async fn load(&self, claim: &Claim) -> Result<store::NewEvent, Category> {
        let mut found = self.store.events(&[claim.event]).await.map_err(internal)?;
        found.pop().flatten().ok_or_else(|| internal("the event is not stored"))
    }

    async fn reopen(&self, start: &Start, event: Event, kept: &Sealed) -> Result<Rendered, Category> {
        let bytes = self.open(&event, RecordKind::Rendered, start.claim.delivery.row(), kept).await?;
        let profile = start.webhook.profile;
        match Disclosed::kept(bytes, profile) {
            Some((told, true)) => Ok(Rendered { told, event, profile }),
            Some((_, false)) | None => Err(Category::PolicyWithheld),
        }
    }

    async fn open(
        &self,
        event: &Event,
        kind: RecordKind,
        row: i64,
        sealed: &Sealed,
    ) -> Result<Vec<u8>, Category> {
        let key = self.keyring.for_opening(event.organisation, event.subject, sealed).await;
        let key = key.map_err(internal)?;
        // An erased key means that nobody may read this any more.
        key.ok_or(Category::PolicyWithheld)?.open(kind, row, sealed).map_err(internal)
    }

    async fn disclose(
        &self,
        start: &Start,
        event: &Event,
        content: &Personal<Content>,
    ) -> Result<Rendered, Category> {
        let keys = self.keyring.organisation(event.organisation).await.map_err(internal)?;
        let compiled = self.settings.now();
        let integration = compiled.config.integrations.get(&event.integration);
        let origin = Origin::of(integration.map(|found| &found.doc));
        let original = self.original(start, event).await?;
        let number =
            settings::number(&*self.store, start.claim.delivery, &start.webhook).await.map_err(internal)?;
        let told = Told { event, content, origin, original: original.as_ref(), number };
        let template = compiled.template(&start.webhook).map_err(|why| unshaped(start, &why))?;
        let told = settings::tell(&start.webhook, template.as_deref(), &told, &keys);
        let told = told.map_err(|why| unshaped(start, &why))?;
        Ok(Rendered { told, event: event.clone(), profile: start.webhook.profile })
    }

    /// What the event came in, for a webhook that is told by it.
    async fn original(&self, start: &Start, event: &Event) -> Result<Option<Personal<Original>>, Category> {
        let Some(id) = event.message.filter(|_| privacy::needs_original(&start.webhook)) else {
            return Ok(None);
        };
        let found = self.store.find_message(id).await.map_err(internal)?;
        // Erased, or beyond its days: nothing else may take its place.
        let message = found.filter(|found| !found.raw.0.is_empty()).ok_or(Category::PolicyWithheld)?;
        let bytes = self.open(event, RecordKind::Message, MessageId::row(id), &message.raw).await?;
        Ok(Some(Personal::new(Original::new(&message.format, bytes))))
    }
}

/// What is to blame is the template or what the event says: mended, the next attempt tells it.
fn unshaped(start: &Start, why: &Unshaped) -> Category {
    let Claim { delivery, webhook, .. } = &start.claim;
    tracing::warn!(delivery.id = %delivery, webhook.id = %webhook, %why, "the template cannot tell the event");
    Category::TemplateFailed
}

fn internal(error: impl std::fmt::Display) -> Category {
    tracing::error!(%error, "cannot make the body of a delivery");
    Category::Internal
}
