//! What came in, understood but not yet decided upon: what every door gives to intake.

use std::sync::Arc;

use model::{
    Audience, Content, EventId, EventType, Integration, IntegrationId, Lane, Subject, Timestamp, Versioned,
    WebhookId,
};
use store::{Cursor, ObjectState};

use crate::triggered::Triggered;

/// One thing that came in, understood but not yet decided upon.
#[derive(Clone)]
pub(crate) struct Draft {
    pub(crate) integration: Arc<Versioned<Integration>>,
    /// What makes it the same as another.
    pub(crate) dedupe: Option<[u8; 16]>,
    /// The name that its sender gave it alone, while nothing else is known to have it.
    pub(crate) name: Option<[u8; 16]>,
    /// How far its source was read with it.
    pub(crate) cursor: Option<Cursor>,
    /// What was received, where that is a record of its own.
    pub(crate) received: Option<Received>,
    /// What it says happened, in order.
    pub(crate) happenings: Vec<Happening>,
    /// The states it leaves.
    pub(crate) objects: Vec<ObjectState>,
    /// Subjects that it says are one: the one given up, and the one that stays.
    pub(crate) merges: Vec<(Subject, Subject)>,
    /// What triggers made of it.
    pub(crate) triggered: Triggered,
}

/// Bytes as a source received them.
#[derive(Clone)]
pub(crate) struct Received {
    pub(crate) format: &'static str,
    pub(crate) kind: String,
    pub(crate) raw: Vec<u8>,
    pub(crate) subject: Option<Subject>,
    pub(crate) flaws: Vec<String>,
}

/// An event to be.
#[derive(Clone)]
pub(crate) struct Happening {
    /// Its id, where something names it before it is built.
    pub(crate) id: Option<EventId>,
    pub(crate) event_type: EventType,
    pub(crate) object_type: EventType,
    pub(crate) lane: Lane,
    pub(crate) time: Option<Timestamp>,
    pub(crate) test: bool,
    pub(crate) content: Content,
    /// The report it is part of, for N6.
    pub(crate) report: Option<String>,
    pub(crate) sequence: u32,
    pub(crate) replaces: Option<EventId>,
    pub(crate) cause: Option<Cause>,
    /// What it says of the platform itself, for operational types.
    pub(crate) about: Option<About>,
}

/// Of whom an operational event speaks, and to whom.
#[derive(Clone)]
pub(crate) struct About {
    /// The webhook, which never hears of it.
    pub(crate) webhook: Option<WebhookId>,
    pub(crate) audience: Audience,
}

/// The event of ours that an outside system answers to (C8).
#[derive(Debug, Clone, Copy)]
pub(crate) struct Cause {
    pub(crate) event: EventId,
    pub(crate) hops: u8,
    /// The webhook through which it got there.
    pub(crate) webhook: Option<WebhookId>,
}

impl Draft {
    /// What an integration says happened, and nothing besides.
    pub(crate) fn new(integration: &Arc<Versioned<Integration>>, happenings: Vec<Happening>) -> Draft {
        Draft {
            integration: integration.clone(),
            dedupe: None,
            name: None,
            cursor: None,
            received: None,
            happenings,
            objects: Vec::new(),
            merges: Vec::new(),
            triggered: Triggered::default(),
        }
    }

    /// The source that shows by it that it is alive; none for tests and for what we say ourselves (T1).
    pub(crate) fn heard_from(&self) -> Option<IntegrationId> {
        let is_life = |happening: &Happening| !happening.test && happening.about.is_none();
        let is_heard = self.happenings.is_empty() || self.happenings.iter().any(is_life);
        is_heard.then_some(self.integration.id)
    }
}

impl Happening {
    /// An event of a type about an object of a type, and nothing known besides.
    pub(crate) fn new(
        (event_type, object_type): (EventType, EventType),
        lane: Lane,
        content: Content,
    ) -> Happening {
        Happening {
            id: None,
            event_type,
            object_type,
            lane,
            time: None,
            test: false,
            content,
            report: None,
            sequence: 0,
            replaces: None,
            cause: None,
            about: None,
        }
    }
}
