//! The nouns of Carehook and the rules that need no I/O.
//!
//! Reading order: what things are called (`ids`, `kinds` of nouns), when they
//! happen (`time`, `clock`, `span`), how urgent they are (`lane`, `schedule`),
//! what may be known (`personal`, `secret`), what may go wrong (`codes`,
//! `problem`), and every bound there is (`limits`).

mod ids; // Typed, prefixed, sortable; an id is its row.
mod time; // Milliseconds since the epoch.
mod clock; // Where `now` comes from.
mod span; // Durations as people write them: `15m`.
mod lane; // Urgency.
mod site_map; // What codes mean at one site.
mod schedule; // When to try again.
mod personal; // Values about people.
mod secret; // Values nobody reads.
mod organisation; // Who the data belongs to.
mod integration; // One configured outside system.
mod poll; // A FHIR server that is asked.
mod fields; // What an integration does not want to know.
mod webhook; // One HTTP destination.
mod hook_state; // Whether it is called at all.
mod signing; // The keys that sign what it is sent.
mod proof; // Whether its receiver has shown that it is one.
mod template; // Names for the shapes in which webhooks are told.
mod own_type; // An event type beside the catalogue.
mod trigger; // A condition over changes or events that raises an event.
mod judged; // What triggers made of a change.
mod pattern; // Event types with wildcards.
mod access; // API keys, roles and rights.
mod door; // The ways in.
mod capture; // What a door received, as it is kept.
mod alert; // When somebody should look.
mod alert_defaults; // The rules that a new organisation begins with.
mod event; // Something that happened.
mod decision; // Who wanted an event, and who nearly did.
mod quiet; // Why something raised no event.
mod sealed; // What is encrypted at rest.
mod media; // What a body is.
mod delivery; // One event owed to one destination, and its attempts.
mod config; // Everything configured, as one versioned value.
mod subscription; // The facet that makes a webhook a FHIR Subscription.
mod homograph; // Host names that look like others.
mod hook_url; // A destination address that cannot be malformed.
mod ports; // What one part asks of another without knowing it.
mod ask; // One of them: asking an outside server.
mod forecast; // One of them: what a change would make of what is stored.
pub mod codes; // Every problem code.
mod problem; // RFC 9457.
pub mod json; // What JSON may look like.
pub mod limits; // Every bound.

pub use access::{ApiKey, Principal, Right, Role, Scope};
pub use alert::{
    AlertRule, AlertScope, AlertTarget, EmailAddress, MalformedAddress, Notify, Severity, Signal,
};
pub use ask::{Ask, NoReply, Question, Reading, Readings, Reply};
pub use capture::{Capture, CaptureHead};
pub use clock::{Clock, ManualClock, SystemClock};
pub use codes::Code;
pub use config::{Change, Config, Versioned};
pub use decision::{Decision, DecisionReason};
pub use delivery::{Attempt, Category, DeliveryState, HoldReason, Outcome, Timings};
pub use door::Door;
pub use event::{
    AnswerKey, Content, Event, EventType, Focus, Interaction, MemoryKey, Object, ObjectKey, Occasion,
    OrderKey, Status, Subject, SubjectKey, WholeChange,
};
pub use fields::{FieldPath, Fields};
pub use forecast::{
    Difference, DifferenceKind, Forecast, Foretell, OfTrigger, OfType, OfWebhook, Raised, Sides, Stopped,
    Stretch, Tally, Verdict,
};
pub use hook_state::{HookState, PauseReason};
pub use hook_url::{HookUrl, PlainHttp, UrlChange, UrlFault};
pub use ids::{
    AlertId, AlertRuleId, AttemptId, DeliveryId, EventId, EventTypeId, ID_DIGITS, Id, Ids, IntegrationId,
    KeyId, MalformedId, MessageId, OperatorId, OrganisationId, RedriveId, RejectionId, TriggerId, WebhookId,
    day_of_row, first_row_at, id_digits,
};
pub use integration::{Environment, FhirVersion, Integration, Kind, Mllp, MllpTls, PresetSettings, Region};
pub use judged::{ClauseResult, Judged, Judgement};
pub use lane::Lane;
pub use media::Media;
pub use organisation::Organisation;
pub use own_type::OwnType;
pub use pattern::{Pattern, is_operational, is_reserved};
pub use personal::Personal;
pub use poll::{AssertionAlgorithm, Poll, PollAuth, PollSearch};
pub use ports::{
    Announce, Answer, Audience, CannotBind, Certificates, EgressFacts, Letter, Listeners, News, NotPosted,
    Planned, Post, Preview, Readmission, Readmit, Rehearsal, Rehearse, Senders, Sockets, Step,
};
pub use problem::{Problem, sentence};
pub use proof::{Challenge, Challenged, Proof, Proven};
pub use quiet::{NotQuiet, Quiet};
pub use schedule::{Retry, Schedule};
pub use sealed::Sealed;
pub use secret::Secret;
pub use signing::{Signing, SigningKey};
pub use site_map::{LocalCode, ResultLimits, SiteMap, SiteRow, SiteTable, SiteTables};
pub use span::Span;
pub use subscription::{Channel, PayloadContent, Subscription, SubscriptionError, SubscriptionStatus};
pub use template::TemplateVersion;
pub use time::Timestamp;
pub use trigger::{
    AbsentTest, Comparator, Criteria, Direction, Memory, QueryCriteria, Sight, Threshold, Trigger,
};
pub use webhook::{
    Auth, Format, Ordering, Profile, Purpose, RateLimit, RecipientClass, Sources, Tls, TlsVersion, Webhook,
};
