-- Every table with its lifetime and its writer. Each column is one of
--   clear  ids of ours, codes, counts and times: nothing personal by rule
--   HMAC   16 bytes of an HMAC under a key of the organisation
--   sealed ciphertext that only `privacy` opens
-- The one writer thread writes everything. A row number is the upper half of an id.

-- Facts about this installation. Lives as long as the file.
CREATE TABLE meta (
    name  TEXT PRIMARY KEY,        -- clear
    value ANY NOT NULL             -- clear
) STRICT, WITHOUT ROWID;

-- The configuration as it is. A removed document leaves its row, so that others hear of it.
CREATE TABLE config (
    kind    TEXT NOT NULL,         -- clear
    id      BLOB NOT NULL,         -- clear: 16 bytes
    version INTEGER NOT NULL,      -- clear
    place   INTEGER NOT NULL,      -- clear: order within the version
    doc     BLOB,                  -- sealed
    PRIMARY KEY (kind, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX config_version ON config (version, place);

-- Former documents. Each lives until the log no longer covers the time it was replaced.
CREATE TABLE config_history (
    version  INTEGER NOT NULL,     -- clear
    kind     TEXT NOT NULL,        -- clear
    id       BLOB NOT NULL,        -- clear
    replaced INTEGER NOT NULL,     -- clear: when
    doc      BLOB,                 -- sealed
    PRIMARY KEY (kind, id, version)
) STRICT, WITHOUT ROWID;

-- What happened. Written by arrivals; lives as long as the log.
CREATE TABLE event (
    id             INTEGER PRIMARY KEY, -- clear
    organisation   INTEGER NOT NULL,    -- clear
    integration    INTEGER NOT NULL,    -- clear
    type           TEXT NOT NULL,       -- clear
    object_type    TEXT NOT NULL,       -- clear
    lane           INTEGER NOT NULL,    -- clear
    time           INTEGER NOT NULL,    -- clear
    received       INTEGER NOT NULL,    -- clear
    test           INTEGER NOT NULL,    -- clear
    subject        BLOB,                -- HMAC
    object         BLOB,                -- HMAC
    message        INTEGER,             -- clear
    sequence       INTEGER NOT NULL,    -- clear
    replaces       INTEGER,             -- clear
    caused_by      INTEGER,             -- clear
    hops           INTEGER NOT NULL,    -- clear
    config_version INTEGER NOT NULL,    -- clear
    decisions      BLOB NOT NULL,       -- clear: see decisions.rs
    deliveries     BLOB NOT NULL,       -- clear: rows of its deliveries, 8 bytes each
    dedupe         BLOB                 -- HMAC: the key that leads here
) STRICT;
CREATE INDEX event_message ON event (message) WHERE message IS NOT NULL;

-- What events say. Apart from them, so that deleting gives pages back and lists stay short.
-- Lives until all deliveries of the event have ended, and then some days.
CREATE TABLE body (
    event  INTEGER PRIMARY KEY,    -- clear
    sealed BLOB NOT NULL           -- sealed
) STRICT;

-- What was received. Lives as long as its events; its bytes as long as theirs.
CREATE TABLE message (
    id           INTEGER PRIMARY KEY, -- clear
    organisation INTEGER NOT NULL,    -- clear
    integration  INTEGER NOT NULL,    -- clear
    received     INTEGER NOT NULL,    -- clear
    format       TEXT NOT NULL,       -- clear
    kind         TEXT NOT NULL,       -- clear
    subject      BLOB,                -- HMAC
    events       INTEGER NOT NULL,    -- clear
    flaws        TEXT NOT NULL,       -- clear: a JSON array of codes and places
    dedupe       BLOB                 -- HMAC: the key that leads here, if it became no event
) STRICT;
CREATE TABLE message_raw (
    message INTEGER PRIMARY KEY,   -- clear
    sealed  BLOB NOT NULL          -- sealed
) STRICT;

-- What was seen before, and what it became. Lives as long as that.
-- The latest keys are not in it yet: see write/known.rs.
CREATE TABLE dedupe (
    key   BLOB PRIMARY KEY,        -- HMAC
    first INTEGER NOT NULL         -- clear: an event, or a message that became none
) STRICT, WITHOUT ROWID;

-- How far sources were read. Written with what was read; lives as long as the file.
CREATE TABLE source_cursor (
    integration INTEGER NOT NULL,  -- clear
    feed        TEXT NOT NULL,     -- clear: what is read
    position    TEXT NOT NULL,     -- clear: a time or a number
    PRIMARY KEY (integration, feed)
) STRICT, WITHOUT ROWID;

-- What messages said that no table takes up, added up. Each lives until its table changes or its source goes.
CREATE TABLE leftover (
    integration INTEGER NOT NULL,  -- clear
    kind        TEXT NOT NULL,     -- clear: a table, `place` or `dropped`
    what        TEXT NOT NULL,     -- clear: a code, only if it is as short as a code, or a place
    system      TEXT NOT NULL,     -- clear: the coding system as the sender names it; empty for none
    count       INTEGER NOT NULL,  -- clear
    first       INTEGER NOT NULL,  -- clear: when
    last        INTEGER NOT NULL,  -- clear: when
    PRIMARY KEY (integration, kind, what, system)
) STRICT, WITHOUT ROWID;

-- What is owed, dead letters included: the queue. Rows leave when they finish.
CREATE TABLE delivery (
    id           INTEGER PRIMARY KEY, -- clear
    event        INTEGER NOT NULL,    -- clear
    organisation INTEGER NOT NULL,    -- clear
    type         TEXT NOT NULL,       -- clear
    webhook      INTEGER NOT NULL,    -- clear
    lane         INTEGER NOT NULL,    -- clear
    state        INTEGER NOT NULL,    -- clear: 0 ready, 1 waiting, 2 held behind its order key, 3 dead letter
    epoch        INTEGER NOT NULL,    -- clear: who holds it in memory; 0 nobody
    attempts     INTEGER NOT NULL,    -- clear
    accepted     INTEGER NOT NULL,    -- clear: when its event was accepted, or somebody asked for it anew
    test         INTEGER NOT NULL,    -- clear
    seq          INTEGER NOT NULL,    -- clear: its place in the feed
    order_key    BLOB,                -- HMAC
    follows      INTEGER,             -- clear: the delivery that must end first, of a held one
    owed_since   INTEGER,             -- clear: when it was owed again, if it was
    due          INTEGER,             -- clear: of a waiting one
    held         INTEGER,             -- clear: why a ready one was given back
    error        INTEGER,             -- clear
    ended        INTEGER,             -- clear: when it became a dead letter
    rendered     INTEGER              -- clear: whether rendered bytes are stored
) STRICT;
-- The way from acceptance to settlement through memory touches none of these.
CREATE INDEX delivery_ready ON delivery (webhook, lane, id) WHERE epoch = 0 AND state = 0;
CREATE INDEX delivery_due ON delivery (due) WHERE epoch = 0 AND state = 1;
CREATE INDEX delivery_next ON delivery (webhook, due) WHERE state = 1;
CREATE INDEX delivery_order ON delivery (webhook, lane, order_key, state) WHERE order_key IS NOT NULL;
CREATE INDEX delivery_held ON delivery (webhook) WHERE state = 2;
CREATE INDEX delivery_follows ON delivery (follows) WHERE follows IS NOT NULL;
CREATE INDEX delivery_dead ON delivery (webhook, id) WHERE state = 3;
CREATE INDEX delivery_dead_of ON delivery (organisation, id) WHERE state = 3;
CREATE INDEX delivery_dead_since ON delivery (ended) WHERE state = 3;

-- The very bytes of deliveries whose first attempt failed. Live as long as the row in `delivery`.
CREATE TABLE rendered (
    delivery INTEGER PRIMARY KEY,  -- clear
    sealed   BLOB NOT NULL         -- sealed
) STRICT;

-- Finished deliveries: appended, never changed. Lives as long as the log.
CREATE TABLE delivery_log (
    id           INTEGER PRIMARY KEY, -- clear
    event        INTEGER NOT NULL,    -- clear
    organisation INTEGER NOT NULL,    -- clear
    type         TEXT NOT NULL,       -- clear
    webhook      INTEGER NOT NULL,    -- clear
    lane         INTEGER NOT NULL,    -- clear
    state        INTEGER NOT NULL,    -- clear: 4 delivered, 5 cancelled, 6 withheld, 7 expired
    attempts     INTEGER NOT NULL,    -- clear
    accepted     INTEGER NOT NULL,    -- clear
    test         INTEGER NOT NULL,    -- clear
    seq          INTEGER NOT NULL,    -- clear
    order_key    BLOB,                -- HMAC
    error        INTEGER,             -- clear
    ended        INTEGER NOT NULL     -- clear
) STRICT;

-- Deliveries of a webhook in the order of their commits: what `GET /stream` follows.
-- Ids cannot be followed: they are minted before the commit, so a lower one may come later.
-- Lives as long as the delivery, owed or logged.
CREATE TABLE feed (
    webhook  INTEGER NOT NULL,     -- clear
    seq      INTEGER NOT NULL,     -- clear
    delivery INTEGER NOT NULL,     -- clear
    PRIMARY KEY (webhook, seq)
) STRICT, WITHOUT ROWID;

-- Numbers of deliveries to FHIR subscriptions, from 1 and without a gap. Lives as long as the delivery, owed or logged.
CREATE TABLE numbered (
    webhook  INTEGER NOT NULL,     -- clear
    number   INTEGER NOT NULL,     -- clear
    delivery INTEGER NOT NULL,     -- clear
    PRIMARY KEY (webhook, number)
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX numbered_delivery ON numbered (delivery);
-- The last number given out, which is never given again. Lives as long as the file.
CREATE TABLE numbering (
    webhook INTEGER PRIMARY KEY,   -- clear
    last    INTEGER NOT NULL       -- clear
) STRICT;

-- Calls that were made. Lives as long as the delivery.
CREATE TABLE attempt (
    delivery   INTEGER NOT NULL,   -- clear
    id         INTEGER NOT NULL,   -- clear
    event      INTEGER NOT NULL,   -- clear
    webhook    INTEGER NOT NULL,   -- clear
    number     INTEGER NOT NULL,   -- clear
    began      INTEGER NOT NULL,   -- clear
    status     INTEGER,            -- clear
    error      INTEGER,            -- clear
    dns        INTEGER NOT NULL,   -- clear: microseconds, as the four below
    connect    INTEGER NOT NULL,   -- clear
    tls        INTEGER NOT NULL,   -- clear
    first_byte INTEGER NOT NULL,   -- clear
    total      INTEGER NOT NULL,   -- clear
    next       INTEGER,            -- clear
    template   INTEGER,            -- clear: the bits of a version
    PRIMARY KEY (delivery, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX attempt_webhook ON attempt (webhook, id);

-- What receivers answered to calls that failed, the last few of each delivery. Lives as long as bodies.
CREATE TABLE reply (
    attempt  INTEGER PRIMARY KEY,  -- clear
    delivery INTEGER NOT NULL,     -- clear
    sealed   BLOB NOT NULL         -- sealed
) STRICT;
CREATE INDEX reply_delivery ON reply (delivery, attempt);

-- Tracked objects. Each lives until its organisation goes.
CREATE TABLE object (
    key          BLOB PRIMARY KEY, -- HMAC
    version      INTEGER NOT NULL, -- clear
    status       INTEGER,          -- clear
    lane         INTEGER NOT NULL, -- clear
    last_event   INTEGER,          -- clear
    last_type    TEXT,             -- clear
    organisation INTEGER NOT NULL, -- clear
    subject      BLOB,             -- HMAC: whose key the resource is sealed under
    resource     BLOB              -- sealed
) STRICT, WITHOUT ROWID;

-- Subjects and order keys that are another by now, by a merge. Each lives until its organisation goes.
CREATE TABLE merged (
    key          BLOB PRIMARY KEY, -- HMAC
    into_key     BLOB NOT NULL,    -- HMAC: never itself a key of this table
    organisation INTEGER NOT NULL  -- clear
) STRICT, WITHOUT ROWID;
CREATE INDEX merged_into ON merged (into_key);

-- What triggers remember of patients and objects. One that waits for nothing lives as long
-- after its last change as the log; one that waits, until it fires.
CREATE TABLE memory (
    key          BLOB PRIMARY KEY, -- HMAC
    version      INTEGER NOT NULL, -- clear
    organisation INTEGER NOT NULL, -- clear
    trigger_id   INTEGER NOT NULL, -- clear
    subject      BLOB NOT NULL,    -- HMAC: whose key it is sealed under
    due          INTEGER,          -- clear: when the trigger fires if nothing comes
    touched      INTEGER NOT NULL, -- clear: when it last changed
    sealed       BLOB NOT NULL     -- sealed
) STRICT, WITHOUT ROWID;
CREATE INDEX memory_due ON memory (due) WHERE due IS NOT NULL;

-- What triggers made of the change that an event tells of. Lives as long as the event.
CREATE TABLE judged (
    event      INTEGER PRIMARY KEY, -- clear
    judgements TEXT NOT NULL        -- clear: JSON of ids and codes
) STRICT;
-- The events that a trigger fired for, took back or could not decide. Lives as long as the event.
CREATE TABLE judged_by (
    trigger_id INTEGER NOT NULL,   -- clear
    judgement  INTEGER NOT NULL,   -- clear: see rows.rs
    event      INTEGER NOT NULL,   -- clear
    PRIMARY KEY (trigger_id, judgement, event)
) STRICT, WITHOUT ROWID;
CREATE INDEX judged_by_event ON judged_by (event);
-- How often a trigger came to what, by hour. Lives as long as the log.
CREATE TABLE judgement_total (
    trigger_id INTEGER NOT NULL,   -- clear
    hour       INTEGER NOT NULL,   -- clear
    judgement  INTEGER NOT NULL,   -- clear: see rows.rs; 255 a query that disagreed with its expression
    count      INTEGER NOT NULL,   -- clear
    PRIMARY KEY (trigger_id, hour, judgement)
) STRICT, WITHOUT ROWID;

-- What the attempts of a webhook added up to, by hour, event type and lane. Lives as long as the log.
CREATE TABLE hour_total (
    webhook INTEGER NOT NULL,      -- clear
    test    INTEGER NOT NULL,      -- clear: whether of test events
    hour    INTEGER NOT NULL,      -- clear
    type    TEXT NOT NULL,         -- clear
    lane    INTEGER NOT NULL,      -- clear
    counts  BLOB NOT NULL,         -- clear: see tally/hours.rs
    PRIMARY KEY (webhook, test, hour, type, lane)
) STRICT, WITHOUT ROWID;

-- The same by the minute, of all types and lanes. Lives two days; in the order in which it goes.
CREATE TABLE minute_total (
    minute  INTEGER NOT NULL,      -- clear
    webhook INTEGER NOT NULL,      -- clear
    test    INTEGER NOT NULL,      -- clear: whether of test events
    counts  BLOB NOT NULL,         -- clear: see tally/hours.rs
    PRIMARY KEY (minute, webhook, test)
) STRICT, WITHOUT ROWID;

-- What flowed through an organisation, by minute and lane. Lives two days.
CREATE TABLE pulse (
    organisation INTEGER NOT NULL, -- clear
    test         INTEGER NOT NULL, -- clear: whether of test events
    minute       INTEGER NOT NULL, -- clear
    lane         INTEGER NOT NULL, -- clear
    counts       BLOB NOT NULL,    -- clear: see tally/pulses.rs
    PRIMARY KEY (organisation, test, minute, lane)
) STRICT, WITHOUT ROWID;

-- What was accepted, by hour, integration and event type. Lives as long as the log.
CREATE TABLE volume (
    organisation INTEGER NOT NULL, -- clear
    hour         INTEGER NOT NULL, -- clear
    integration  INTEGER NOT NULL, -- clear
    type         TEXT NOT NULL,    -- clear
    test         INTEGER NOT NULL, -- clear
    count        INTEGER NOT NULL, -- clear
    PRIMARY KEY (organisation, hour, integration, type, test)
) STRICT, WITHOUT ROWID;

-- When an integration was last heard. Lives as long as the file.
CREATE TABLE heard (
    integration INTEGER PRIMARY KEY, -- clear
    last        INTEGER NOT NULL,    -- clear
    live        INTEGER              -- clear: its last event that was no test
) STRICT;

-- What stands where since when: a few rows instead of a look at the queue. A row lives until its count is 0.
CREATE TABLE pile (
    webhook INTEGER NOT NULL,      -- clear
    test    INTEGER NOT NULL,      -- clear
    lane    INTEGER NOT NULL,      -- clear
    error   INTEGER NOT NULL,      -- clear: 0 owed, else why it was given up; 255 unknown
    since   INTEGER NOT NULL,      -- clear: in steps of 10 s, of given-up ones of a minute
    count   INTEGER NOT NULL,      -- clear
    PRIMARY KEY (webhook, test, lane, error, since)
) STRICT, WITHOUT ROWID;

-- What a webhook is owed now. Lives as long as the file.
CREATE TABLE webhook_total (
    webhook           INTEGER PRIMARY KEY,        -- clear
    pending           INTEGER NOT NULL DEFAULT 0, -- clear
    dead              INTEGER NOT NULL DEFAULT 0, -- clear
    last_success      INTEGER,                    -- clear
    last_failure      INTEGER,                    -- clear
    failures_in_a_row INTEGER NOT NULL DEFAULT 0, -- clear
    test_success      INTEGER,                    -- clear: the last of test events
    test_failure      INTEGER                     -- clear
) STRICT;

-- What single commit groups changed in the sums above. A row lives until it is added to them: a second, under load.
CREATE TABLE sums_behind (
    number  INTEGER PRIMARY KEY,   -- clear
    changes BLOB NOT NULL          -- clear: see tally/packed.rs
) STRICT;

-- Redrives. Finished ones live as long as the log.
CREATE TABLE redrive (
    id           INTEGER PRIMARY KEY, -- clear
    organisation INTEGER NOT NULL,    -- clear
    filter       TEXT NOT NULL,       -- clear: JSON
    fresh        INTEGER NOT NULL,    -- clear: whether each becomes a new delivery
    per_second   INTEGER,             -- clear: how many at most
    planned      INTEGER NOT NULL,    -- clear
    state        INTEGER NOT NULL,    -- clear: 0 running, 1 done, 2 cancelled
    revived      INTEGER NOT NULL,    -- clear
    cursor       INTEGER NOT NULL,    -- clear
    created      INTEGER NOT NULL     -- clear
) STRICT;
CREATE INDEX redrive_running ON redrive (id) WHERE state = 0;
CREATE INDEX redrive_organisation ON redrive (organisation, id);

-- What doors refused. Written by them; lives as long as the log.
CREATE TABLE rejection (
    id           INTEGER PRIMARY KEY, -- clear
    organisation INTEGER NOT NULL,    -- clear
    integration  INTEGER NOT NULL,    -- clear
    door         INTEGER NOT NULL,    -- clear: see rows.rs
    at           INTEGER NOT NULL,    -- clear
    code         TEXT NOT NULL,       -- clear
    reason       TEXT NOT NULL,       -- clear: in our words, names and places only
    peer         TEXT,                -- clear: the address of the calling system
    bytes        INTEGER NOT NULL,    -- clear
    standing     INTEGER NOT NULL,    -- clear: 0 listed, 1 quarantined, 2 replayed
    whole        INTEGER NOT NULL     -- clear: whether all of the body was kept
) STRICT;
-- What is kept of them: of quarantined ones as long as the row, of others as long as contents of events.
CREATE TABLE rejection_raw (
    rejection INTEGER PRIMARY KEY, -- clear
    sealed    BLOB NOT NULL        -- sealed
) STRICT;
-- How many there were, those included that are only counted. Lives as long as the log.
CREATE TABLE rejection_total (
    organisation INTEGER NOT NULL, -- clear
    hour         INTEGER NOT NULL, -- clear
    integration  INTEGER NOT NULL, -- clear
    code         TEXT NOT NULL,    -- clear
    count        INTEGER NOT NULL, -- clear
    PRIMARY KEY (organisation, hour, integration, code)
) STRICT, WITHOUT ROWID;
-- When somebody should look. Written by the evaluator of rules, and by people who take notice.
-- Ones that are over live as long as the log.
CREATE TABLE alert (
    id              INTEGER PRIMARY KEY, -- clear
    organisation    INTEGER NOT NULL,    -- clear
    rule            INTEGER NOT NULL,    -- clear
    target          INTEGER NOT NULL,    -- clear: a webhook or an integration
    is_source       INTEGER NOT NULL,    -- clear: whether the target is an integration
    severity        INTEGER NOT NULL,    -- clear: 0 info, 1 warning, 2 critical
    value           REAL NOT NULL,       -- clear
    threshold       REAL NOT NULL,       -- clear
    since           INTEGER NOT NULL,    -- clear
    resolved        INTEGER,             -- clear
    owes            INTEGER NOT NULL,    -- clear: whether somebody is still to be told
    acknowledged    INTEGER,             -- clear
    acknowledged_by INTEGER,             -- clear
    notices         TEXT NOT NULL        -- clear: JSON; a person's address stands in it as an HMAC only
) STRICT;
CREATE INDEX alert_open ON alert (id) WHERE resolved IS NULL;
CREATE INDEX alert_owes ON alert (id) WHERE owes = 1;
CREATE INDEX alert_of ON alert (organisation, id);

-- What writes with an Idempotency-Key were answered. Written before such a write runs and
-- when it is answered. Lives a day.
CREATE TABLE answer (
    key          BLOB PRIMARY KEY, -- HMAC: of the caller and its key
    organisation INTEGER NOT NULL, -- clear
    begun        INTEGER NOT NULL, -- clear: when
    print        BLOB NOT NULL,    -- HMAC: of what was asked
    counted      INTEGER NOT NULL, -- clear: whether so many are kept of an organisation
    sealed       BLOB              -- sealed: the answer, once it is given
) STRICT, WITHOUT ROWID;
CREATE INDEX answer_begun ON answer (begun);
CREATE INDEX answer_of ON answer (organisation, begun) WHERE counted = 1;

-- Who did what: the chain of `audit`. Lives six years; what was cut off is in `meta`.
-- Machine steps live as long as the log, whose rows their hashes are of; then `audit_gap` stands in for them.
CREATE TABLE audit (
    number       INTEGER PRIMARY KEY, -- clear
    at           INTEGER NOT NULL,    -- clear
    organisation INTEGER,             -- clear
    actor        INTEGER NOT NULL,    -- clear: 0 the server, 1 the command line, else a key
    action       INTEGER NOT NULL,    -- clear
    target       TEXT NOT NULL,       -- clear
    detail       TEXT NOT NULL,       -- clear
    mac          BLOB NOT NULL        -- HMAC: of this row and the one before
) STRICT;
CREATE INDEX audit_organisation ON audit (organisation, number) WHERE organisation IS NOT NULL;

-- Runs of machine steps that were taken out of the chain. Each lives until the row behind it is cut off.
CREATE TABLE audit_gap (
    last       INTEGER PRIMARY KEY, -- clear: the last row that is gone
    before     INTEGER NOT NULL,    -- clear: the row before the first that is gone
    before_mac BLOB NOT NULL,       -- HMAC
    last_mac   BLOB NOT NULL,       -- HMAC
    seal       BLOB NOT NULL        -- HMAC: over the four
) STRICT;
