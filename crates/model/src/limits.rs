//! Every bound there is. A relation between two of them is asserted here.

use std::time::Duration;

/// The largest single event, in bytes.
pub const EVENT_BYTES: usize = 1 << 20;
/// Events in one array.
pub const EVENTS_PER_CALL: usize = 1_000;
/// The largest body of a call with an array of events, in bytes.
pub const EVENT_ARRAY_BYTES: usize = 16 << 20;
/// The largest HL7 v2 frame or body, in bytes.
pub const HL7_MESSAGE_BYTES: usize = 16 << 20;
/// HL7 v2 messages in one frame or body.
pub const HL7_MESSAGES: usize = 1_000;
/// The largest FHIR Bundle or resource, in bytes.
pub const BUNDLE_BYTES: usize = 16 << 20;
/// Entries of one Bundle.
pub const BUNDLE_ENTRIES: usize = 10_000;
/// The largest body of an admin call, in bytes.
pub const ADMIN_BODY_BYTES: usize = 256 << 10;
/// How long the answer to an `Idempotency-Key` is kept.
pub const ANSWER_KEPT: Duration = Duration::from_secs(86_400);
/// Answers kept of one organisation: with more, a write waits until the oldest goes.
pub const ANSWERS: usize = 10_000;
/// The largest answer that is kept, in bytes.
pub const ANSWER_BYTES: usize = 1 << 20;
/// The longest `Idempotency-Key`, in bytes.
pub const IDEMPOTENCY_KEY_BYTES: usize = 255;
/// Deliveries of one event, those that people asked for included.
pub const DELIVERIES_PER_EVENT: usize = 10_000;
/// The characters of a justification.
pub const JUSTIFICATION_CHARS: usize = 2_000;
/// The longest filter of a webhook, in bytes.
pub const FILTER_BYTES: usize = 4 << 10;
/// The longest that one expression is evaluated: the fence behind its steps, far beyond what they take.
pub const EXPRESSION_TIME: Duration = Duration::from_secs(2);
/// Operations on items that one filter takes of one event; some milliseconds.
pub const FILTER_STEPS: u32 = 20_000;
/// The largest template of a webhook, in bytes of JSON without white space.
pub const TEMPLATE_BYTES: usize = 64 << 10;
/// Expressions of one template.
pub const TEMPLATE_EXPRESSIONS: usize = 500;
/// Nesting of one template.
pub const TEMPLATE_DEPTH: usize = 32;
/// Operations on items that one body takes of its template, all expressions together; some tens of milliseconds.
pub const TEMPLATE_STEPS: u32 = 200_000;
/// Items of one list that a template fills.
pub const TEMPLATE_ITEMS: usize = 10_000;
/// The largest body that a template makes, in bytes.
pub const TEMPLATE_BODY_BYTES: usize = 4 << 20;
/// Nesting of JSON.
pub const JSON_DEPTH: usize = 64;
/// Members of one JSON object.
pub const JSON_MEMBERS: usize = 100_000;
/// The longest sender's id, in bytes.
pub const SENDER_ID_BYTES: usize = 256;
/// How long a sender's id makes calls idempotent.
pub const DEDUPE: Duration = Duration::from_secs(7 * 86_400);
/// How many systems an event may come through: one there, one back, then it is an echo (C8).
pub const HOPS: u8 = 2;

/// Keys of one secret of a preset: the present one, the next, the one before.
pub const PRESET_KEYS: usize = 3;
/// The longest value that a preset is given, in bytes.
pub const PRESET_FIELD_BYTES: usize = 4 << 10;
/// Files of presets in an operator's directory.
pub const PRESET_FILES: usize = 256;
/// How much of a refused body is kept, in bytes; one that was acknowledged is kept whole.
pub const REJECTED_BYTES: usize = 64 << 10;
/// Rejections of one integration that are kept in a minute and in an hour; more are only counted.
pub const REJECTIONS: (u32, u32) = (20, 240);
/// Refused bytes of one integration that are kept in an hour; of more, only the fact.
pub const REJECTED_BYTES_PER_HOUR: usize = 4 << 20;
/// Acknowledged contents of one integration that wait for a mended cause, in an hour: more are asked for later.
pub const QUARANTINED_PER_HOUR: u32 = 6_000;
/// How often rejections that are only counted are written.
pub const REJECTIONS_COUNTED: Duration = Duration::from_secs(5);

/// How much of an answer is read, in bytes.
pub const RESPONSE_BYTES: usize = 64 << 10;
/// The fastest pace that a redrive can be given, in deliveries a second.
pub const REDRIVE_PER_SECOND: u32 = 10_000;
/// How much of an answer is kept, in bytes.
pub const EXCERPT_BYTES: usize = 4 << 10;
/// How many headers of an answer are kept, and how many characters of each.
pub const ANSWER_HEADERS: (usize, usize) = (32, 256);
/// Of how many attempts of a delivery the answers are kept: the last ones.
pub const REPLIES_KEPT: usize = 5;
/// The largest head of an answer, in bytes.
pub const RESPONSE_HEAD_BYTES: usize = 16 << 10;
/// Header fields of an answer.
pub const RESPONSE_HEADERS: usize = 100;
/// The shortest and longest time a webhook may give an attempt.
pub const ATTEMPT_TIMEOUT: (Duration, Duration) = (Duration::from_secs(1), Duration::from_secs(60));
/// The most that a webhook may have in flight.
pub const IN_FLIGHT_PER_WEBHOOK: u16 = 256;
/// Attempts under way at once, all webhooks together.
pub const IN_FLIGHT: usize = 1_024;
/// Senders that wait for something to send, instead of ending.
pub const IDLE_SENDERS: usize = 128;
/// Attempts kept free for the critical lane.
pub const IN_FLIGHT_RESERVED: usize = 128;
/// The longest that `Retry-After` is heeded.
pub const RETRY_AFTER: Duration = Duration::from_secs(86_400);
/// The longest that `Retry-After` holds back a critical delivery.
pub const RETRY_AFTER_CRITICAL: Duration = Duration::from_secs(60);
/// Names resolved at once.
pub const DNS_AT_ONCE: usize = 16;
/// How long a resolved name is trusted.
pub const DNS_CACHE: Duration = Duration::from_secs(30);
/// How long an idle HTTP/1.1 connection is kept: receivers on Node close after 5 s.
pub const IDLE_CONNECTION: Duration = Duration::from_secs(4);
/// How long a connection is used at most, so that a changed address is noticed.
pub const CONNECTION_AGE: Duration = Duration::from_secs(600);

/// Failures in a row that trip a breaker.
pub const BREAKER_FAILURES: u16 = 10;
/// The window in which a breaker counts.
pub const BREAKER_WINDOW: Duration = Duration::from_secs(30);
/// Attempts in the window before its share of failures counts.
pub const BREAKER_SAMPLE: u32 = 20;
/// How often a tripped breaker lets one attempt through.
pub const PROBE: Duration = Duration::from_secs(60);
/// How often the oldest critical delivery may probe a tripped breaker (N8).
pub const PROBE_CRITICAL: Duration = Duration::from_secs(5);
/// How long a receiver may take to answer a challenge.
pub const CHALLENGE_ANSWER: Duration = Duration::from_secs(10);
/// The pauses between the challenges of a receiver that does not answer them; the last one repeats.
pub const CHALLENGE_PAUSES: [Duration; 5] = [
    Duration::from_secs(5),
    Duration::from_secs(30),
    Duration::from_secs(120),
    Duration::from_secs(600),
    Duration::from_secs(3_600),
];
/// For how long a receiver may owe its challenge before people are told.
pub const CHALLENGE_GRACE: Duration = Duration::from_secs(900);
/// For how long a receiver is challenged without anybody asking for it.
pub const CHALLENGED_FOR: Duration = Duration::from_secs(3 * 86_400);
/// Challenges under way at once.
pub const CHALLENGES: usize = 64;
/// Without a success for this long, and with this many failures, a webhook is disabled.
pub const DISABLE_AFTER: (Duration, u32) = (Duration::from_secs(3 * 86_400), 20);

/// A FHIR Subscription that fails this often in a row is in error: its client has to ask again.
pub const SUBSCRIPTION_FAILURES: u32 = 5;
/// How long after it was asked for a FHIR Subscription is tried first.
pub const HANDSHAKE_AFTER: Duration = Duration::from_secs(1);
/// How often a handshake is tried, and for how long in all.
pub const HANDSHAKES: (u32, Duration) = (5, Duration::from_secs(30));
/// How soon and how late a FHIR Subscription in error is probed, where its integration wants that.
pub const RECOVERY: (Duration, Duration) = (Duration::from_secs(60), Duration::from_secs(3_600));
/// The shortest silence that a FHIR client may ask heartbeats for.
pub const HEARTBEAT_LEAST: Duration = Duration::from_secs(5);
/// Heartbeats and handshakes under way at once.
pub const PULSES: usize = 64;
/// Conditions of one FHIR Subscription.
pub const SUBSCRIPTION_FILTERS: usize = 64;
/// FHIR Subscriptions of one integration.
pub const SUBSCRIPTIONS: usize = 10_000;
/// FHIR Subscriptions that a refusal names.
pub const SUBSCRIPTIONS_NAMED: usize = 10;
/// Events in one answer to `$events`, and deliveries of one `$resend`.
pub const QUERIED_EVENTS: usize = 1_000;

/// Operations of one FHIRPath Patch.
pub const PATCH_OPERATIONS: usize = 100;
/// Websockets of one integration, and how many of them may have said nothing yet.
pub const SOCKETS: (usize, usize) = (1_000, 64);
/// How long a new websocket may say nothing.
pub const SOCKET_SAYS: Duration = Duration::from_secs(10);
/// The largest frame and message that a client may send over a websocket, in bytes.
pub const SOCKET_FRAME: usize = 4 << 10;
/// Messages that wait for one websocket.
pub const SOCKET_WAITING: usize = 64;
/// After what silence a websocket is asked whether it is still there.
pub const SOCKET_SILENCE: Duration = Duration::from_secs(30);
/// How long a websocket may take to receive a message and to answer the ping behind it.
pub const SOCKET_ANSWERS: Duration = Duration::from_secs(30);
/// How long a binding token works, and what it has bound.
pub const SOCKET_TOKEN: Duration = Duration::from_secs(15 * 60);
/// Unused binding tokens of one key.
pub const SOCKET_TOKENS: usize = 64;
/// Subscriptions that one binding token or one websocket may have.
pub const SOCKET_SUBSCRIPTIONS: usize = 256;

/// Deliveries in memory, all webhooks together.
pub const READY: usize = 50_000;
/// Deliveries in memory for one webhook and lane.
pub const READY_PER_LANE: usize = 512;
/// Above this many deliveries in memory, routine and bulk ones are buffered on disk.
pub const HIGH_WATER: usize = 30_000;
/// Below this many, buffered deliveries are drained.
pub const LOW_WATER: usize = 15_000;
/// The longest that a delivery is buffered because of load.
pub const BUFFERED: Duration = Duration::from_secs(15 * 60);
/// Identifiers of one merged subject whose former deliveries a new one is ordered after.
pub const MERGED: usize = 64;
/// Deliveries claimed from the store at once.
pub const CLAIM: usize = 256;
/// Retries due sooner than this sit in memory; later ones wait on disk.
pub const RETRY_IN_MEMORY: Duration = Duration::from_secs(60);
/// Contents kept in memory between acceptance and first attempt, in bytes.
pub const WARM_BYTES: usize = 32 << 20;

/// Bytes of commands waiting for the writer.
pub const INTAKE_BYTES: usize = 16 << 20;
/// Rows of one commit group.
pub const GROUP_ROWS: usize = 8_000;
/// Senders' keys that wait in memory to be written with their neighbours.
pub const KEYS_WAITING: usize = 65_536;
/// Senders' keys written at once when there is nothing else to do.
pub const KEYS_WRITTEN: usize = 2_048;
/// How long what a commit group changes in the sums may stand beside them.
pub const SUMS_BEHIND: Duration = Duration::from_secs(1);
/// Rows of one page of a list, by default and at most.
pub const PAGE: (usize, usize) = (50, 250);
/// Webhooks that one redrive may name.
pub const REDRIVEN_WEBHOOKS: usize = 250;
/// How long sums by the minute are kept.
pub const MINUTES_KEPT: Duration = Duration::from_secs(48 * 3_600);
/// The longest span that is told by the minute.
pub const MINUTES_SHOWN: Duration = Duration::from_secs(6 * 3_600);
/// The longest span that one look at the monitoring takes in.
pub const MONITORED: Duration = Duration::from_secs(92 * 86_400);
/// How long an online check of the audit chain may take.
pub const AUDIT_CHECK: Duration = Duration::from_secs(20);
/// Rows that an online check of the audit chain takes in.
pub const AUDIT_CHECK_ROWS: u64 = 1_000_000;
/// High-value event types for people, of which more are too many (H11).
pub const HIGH_VALUE_TYPES: usize = 7;
/// Event types of an organisation's own.
pub const OWN_TYPES: usize = 500;
/// The largest JSON Schema of an own event type, in bytes.
pub const SCHEMA_BYTES: usize = 64 << 10;
/// Places of a body that are told not to fit a receiver's schema.
pub const MISFITS: usize = 100;
/// Opened subject keys kept in memory.
pub const OPENED_KEYS: usize = 65_536;
/// How long an opened key is kept: an erasure is complete within this time.
pub const OPENED_KEY_AGE: Duration = Duration::from_secs(60);
/// How long no record was sealed under a day before its key may go: what was sealed is stored by then.
pub const DAY_KEY_REST: Duration = Duration::from_secs(600);
/// Records that are read together to be sealed anew: how many, and how many bytes of them.
pub const RESEAL: (usize, usize) = (64, 4 << 20);
/// The largest step of the wall clock, beyond the uptime, that retention follows by itself.
pub const CLOCK_STEP: Duration = Duration::from_secs(86_400);
/// How far the time that a person names may be from the server's.
pub const CLOCK_AGREES: Duration = Duration::from_secs(300);
/// How much longer things are kept than the longest horizon of what may still need them.
pub const RETENTION_MARGIN: Duration = Duration::from_secs(7 * 86_400);

/// Connections of all MLLP ports together.
pub const MLLP_CONNECTIONS: usize = 1_024;
/// Connections of one peer to all MLLP ports: with more, its own longest idle one is closed.
pub const MLLP_CONNECTIONS_OF_A_PEER: usize = 256;
/// How long an MLLP connection may bring no message.
pub const MLLP_IDLE: Duration = Duration::from_secs(600);
/// How long a started MLLP frame may take, from its first byte to its last.
pub const MLLP_FRAME: Duration = Duration::from_secs(60);
/// How long the last byte of an MLLP frame, the CR, is waited for before the frame is taken without it.
pub const MLLP_RETURN: Duration = Duration::from_secs(2);
/// How long the TLS handshake of an MLLP connection may take; how many run at once, the bounds of connections say.
pub const MLLP_HANDSHAKE: Duration = Duration::from_secs(10);
/// How long the end of an MLLP connection may take to be said.
pub const MLLP_GOODBYE: Duration = Duration::from_secs(1);
/// Names and keys of peers that an integration lists for its MLLP port.
pub const MLLP_CLIENTS: usize = 64;
/// A certificate chain, a key, or a list of authorities, as PEM.
pub const PEM_BYTES: usize = 64 << 10;
/// How long before its end a certificate of ours is warned about.
pub const CERTIFICATE_WARNING: Duration = Duration::from_secs(14 * 86_400);
/// How long a client may take to send the head of a request.
pub const HTTP_HEAD: Duration = Duration::from_secs(10);
/// How long a client may take to send a body.
pub const HTTP_BODY: Duration = Duration::from_secs(60);
/// Connections of the HTTP port.
pub const HTTP_CONNECTIONS: usize = 10_000;
/// How long a session lives without anybody doing something.
pub const SESSION_IDLE: Duration = Duration::from_secs(30 * 60);
/// How long a session lives, whatever happens.
pub const SESSION_AGE: Duration = Duration::from_secs(12 * 3_600);
/// Sessions at once, all keys together.
pub const SESSIONS: usize = 4_096;
/// Sessions at once that one key opened.
pub const SESSIONS_PER_KEY: usize = 64;
/// How long a one-time link opens a session.
pub const SIGN_IN_LINK: Duration = Duration::from_secs(10 * 60);
/// One-time links that still work, all keys together.
pub const SIGN_IN_LINKS: usize = 1_024;
/// One-time links of one key that still work.
pub const SIGN_IN_LINKS_PER_KEY: usize = 8;
/// Failures to sign in after which a peer waits.
pub const SIGN_IN_FAILURES: usize = 10;
/// The time in which failures to sign in are counted.
pub const SIGN_IN_WINDOW: Duration = Duration::from_secs(15 * 60);
/// Peers whose failures are remembered.
pub const SIGN_IN_PEERS: usize = 4_096;
/// Failures to sign in that get a row in the audit log, within that time and of all peers together.
pub const SIGN_IN_FAILURES_TOLD: usize = 200;
/// Notes that a slow watcher may be behind.
pub const LIVE_NOTES: usize = 1_024;
/// How long in-flight work may take after the server is asked to stop.
pub const DRAIN: Duration = Duration::from_secs(25);
/// Pages read for one page of a list whose filter the store does not know.
pub const SCANNED_PAGES: usize = 20;
/// The longest search filter, in bytes.
pub const SEARCH_BYTES: usize = 8 << 10;
/// Parameters of one search filter.
pub const SEARCH_CLAUSES: usize = 64;
/// Values of one parameter of a search filter.
pub const SEARCH_VALUES: usize = 1_000;
/// Networks in the allow list of an integration.
pub const NETWORKS: usize = 256;
/// Paths in each list of what is taken of what an integration sends.
pub const FIELD_PATHS: usize = 256;
/// Keys of a webhook that sign at once, during a rotation.
pub const SIGNING_KEYS: usize = 3;
/// Settlements under way: as many as one commit group takes.
pub const ENDINGS: usize = 4_096;
/// Deliveries in memory behind the head of an order key: a blocked key must not fill it.
pub const BEHIND: usize = 64;
/// Settlements in one commit.
pub const SETTLED_TOGETHER: usize = 1_024;
/// Resolved names kept in memory.
pub const NAMES: usize = 4_096;
/// Addresses of one name that are dialled.
pub const ADDRESSES_DIALLED: usize = 16;
/// TLS sessions kept for one destination.
pub const TLS_SESSIONS: usize = 64;
/// Idle connections, all destinations together.
pub const IDLE_LINES: usize = 2_048;
/// Flaws kept of one message.
pub const FLAWS: usize = 100;
/// Near misses kept of one event; the others are recomputed when somebody asks.
pub const NEAR_MISSES: usize = 64;
/// Event types in the index of an organisation: senders choose passthrough names, and beyond this it starts afresh.
pub const TYPES_REMEMBERED: usize = 4_096;

/// Triggers of one organisation.
pub const TRIGGERS: usize = 2_000;
/// The longest expression or query of a trigger, in bytes.
pub const EXPRESSION_BYTES: usize = 8 << 10;
/// Event codes of one trigger, and members that it adds.
pub const TRIGGER_PARTS: usize = 32;
/// Newest events that are looked through for clauses of a trigger that never find anything.
pub const LACKING_EVENTS: usize = 50;
/// Triggers that did not fire for one event, of which the reason is kept; of more, only that they were looked at is counted.
pub const JUDGED: usize = 64;
/// Clauses of one trigger whose result is kept.
pub const CLAUSES: usize = 32;
/// Values of one patient and code that a trigger remembers.
pub const REMEMBERED: usize = 64;
/// The shortest and longest time that a trigger looks back or waits.
pub const TRIGGER_SPAN: (Duration, Duration) = (Duration::from_secs(1), Duration::from_secs(400 * 86_400));
/// How often waiting triggers are looked at.
pub const ABSENCE_LOOK: Duration = Duration::from_secs(1);
/// How long what is overdue when it is first heard of may wait for something newer, as when a past is read in.
pub const ABSENCE_GRACE: Duration = Duration::from_secs(60);
/// Waiting triggers that fire together.
pub const ABSENCES: usize = 256;
/// Stored events that one back-test looks at.
pub const BACK_TEST_EVENTS: usize = 2_000;
/// Matches that a back-test names.
pub const BACK_TEST_NAMED: usize = 50;
/// Stored messages and events that one forecast takes in again.
pub const FORECAST_MESSAGES: usize = 5_000;
/// Stored events that one forecast lists to find them.
pub const FORECAST_LISTED: usize = 50_000;
/// Bytes that one forecast reads: what it makes of them rests in memory twice while it runs.
pub const FORECAST_BYTES: u64 = 16 << 20;
/// How long one forecast may take.
pub const FORECAST_TIME: Duration = Duration::from_secs(20);
/// After this much work a forecast rests as long as it worked: it takes half of a core at most.
pub const FORECAST_SLICE: Duration = Duration::from_millis(5);
/// Differences of one kind that a forecast names, and members of each.
pub const FORECAST_NAMED: usize = 20;
/// Event types that a forecast counts apart.
pub const FORECAST_TYPES: usize = 250;
/// What a forecast looks back when nobody says how far.
pub const FORECAST_BACK: Duration = Duration::from_secs(86_400);

/// Alert rules of one organisation.
pub const ALERT_RULES: usize = 200;
/// Who one alert rule may tell: entries, and addresses of one entry.
pub const ALERT_NOTIFY: (usize, usize) = (10, 20);
/// The shortest and longest window of an alert rule.
pub const ALERT_WINDOW: (Duration, Duration) = (Duration::from_secs(60), Duration::from_secs(3_600));
/// Attempts in the window before their share of failures says anything.
pub const ALERT_SAMPLE: u64 = 10;
/// How long a signal must be back within its threshold before its alert is over.
pub const ALERT_CALM: Duration = Duration::from_secs(60);
/// How long an alert stays open when nothing can be measured any more.
pub const ALERT_UNSEEN: Duration = Duration::from_secs(3_600);
/// Rows of one table of an integration's codes.
pub const SITE_ROWS: usize = 5_000;
/// Bytes of one text in such a table.
pub const SITE_TEXT: usize = 200;
/// Rows of an integration's overrides.
pub const SITE_OVERRIDES: usize = 1_000;
/// Bytes of a code that no table knows, where it is kept; what is longer is a sentence.
pub const LOCAL_CODE: usize = 40;
/// Bytes of the system of such a code.
pub const LOCAL_SYSTEM: usize = 100;
/// Codes, and places, that one integration's worklist keeps apart.
pub const WORKLIST: usize = 1_000;
/// Steps of the mapping of one message that are shown.
pub const TRACED_STEPS: usize = 5_000;
/// How often worklists are written.
pub const WORKLIST_KEPT: Duration = Duration::from_secs(1);
/// Triggers that a line of a worklist names.
pub const WORKLIST_TRIGGERS: usize = 20;
/// How often alert rules are looked at.
pub const ALERT_LOOK: Duration = Duration::from_secs(5);
/// Destinations or sources that one alert rule counts for.
pub const ALERT_TARGETS: usize = 10_000;
/// Alerts open at once; beyond it the least severe are not opened.
pub const ALERTS_OPEN: usize = 10_000;
/// Rows of history that one preview of an alert rule looks at.
pub const PREVIEW_ROWS: usize = 20_000;
/// The time between two notices to the same person (N3).
pub const NOTICE_GAP: Duration = Duration::from_secs(300);
/// Attempts at a notice before it is given up.
pub const NOTICE_ATTEMPTS: u16 = 20;
/// How long one conversation with a mail server may take.
pub const MAIL: Duration = Duration::from_secs(30);
/// Spans that wait for their export.
pub const SPANS: usize = 8_192;
/// Spans of one export.
pub const SPANS_PER_CALL: usize = 512;
/// How long one export of spans may take.
pub const SPANS_CALL: Duration = Duration::from_secs(10);

/// The shortest and longest time between two rounds of polling.
pub const POLL_EVERY: (Duration, Duration) = (Duration::from_secs(10), Duration::from_secs(86_400));
/// How many times slower than asked polling becomes while nothing changes.
pub const POLL_SLOWEST: u32 = 8;
/// The longest that polling looks back behind what it has seen.
pub const POLL_OVERLAP: Duration = Duration::from_secs(86_400);
/// Searches of one integration.
pub const POLL_SEARCHES: usize = 64;
/// Requests in an hour that an integration may ask for.
pub const POLL_REQUESTS: u32 = 36_000;
/// Resources asked for in one page.
pub const POLL_COUNT: usize = 100;
/// Entries that are read of one page: a server may answer more than it was asked for.
pub const POLL_ENTRIES: usize = 2_000;
/// Pages of one search in one round; the next round goes on from there.
pub const POLL_PAGES: usize = 200;
/// How long one request to a FHIR server may take.
pub const POLL_REQUEST: Duration = Duration::from_secs(60);
/// The largest answer of a token endpoint, in bytes.
pub const TOKEN_BYTES: usize = 64 << 10;
/// How long an assertion of who we are holds: SMART App Launch 2.2 allows five minutes.
pub const ASSERTION: Duration = Duration::from_secs(240);
/// Resources that one notification may make us fetch.
pub const NOTIFIED: usize = 1_000;
/// Events that one call of `$events` asks for.
pub const EVENTS_ASKED: u64 = 1_000;

// A full memory must still have room for what is critical.
const _: () = assert!(LOW_WATER < HIGH_WATER && HIGH_WATER < READY);
const _: () = assert!(IN_FLIGHT_RESERVED < IN_FLIGHT);
const _: () = assert!(SESSION_IDLE.as_secs() < SESSION_AGE.as_secs() && SESSIONS_PER_KEY < SESSIONS);
const _: () = assert!(MLLP_CONNECTIONS_OF_A_PEER * 2 <= MLLP_CONNECTIONS);
const _: () = assert!(EXCERPT_BYTES <= RESPONSE_BYTES);
// A template travels inside the settings of its webhook, and whatever came in can be passed on.
const _: () = assert!(TEMPLATE_BYTES < ADMIN_BODY_BYTES && TEMPLATE_DEPTH < JSON_DEPTH);
const _: () = assert!(TEMPLATE_BODY_BYTES > EVENT_BYTES);
