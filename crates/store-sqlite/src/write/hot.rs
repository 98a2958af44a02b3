//! Statements of the way through memory: looked up once for each group, not once for each row.

use rusqlite::{CachedStatement, Connection};

use crate::fault::Result;

/// The statements.
pub(crate) struct Hot<'c> {
    pub(crate) insert_event: CachedStatement<'c>,
    pub(crate) insert_body: CachedStatement<'c>,
    pub(crate) insert_delivery: CachedStatement<'c>,
    pub(crate) insert_feed: CachedStatement<'c>,
    pub(crate) find_delivery: CachedStatement<'c>,
    pub(crate) log_delivery: CachedStatement<'c>,
    pub(crate) delete_delivery: CachedStatement<'c>,
    pub(crate) insert_attempt: CachedStatement<'c>,
    pub(crate) find_dedupe: CachedStatement<'c>,
    pub(crate) insert_dedupe: CachedStatement<'c>,
}

impl<'c> Hot<'c> {
    /// Looks them up.
    pub(crate) fn prepare(conn: &'c Connection) -> Result<Self> {
        Ok(Hot {
            insert_event: conn.prepare_cached(INSERT_EVENT)?,
            insert_body: conn.prepare_cached("INSERT INTO body (event, sealed) VALUES (?1, ?2)")?,
            insert_delivery: conn.prepare_cached(INSERT_DELIVERY)?,
            insert_feed: conn
                .prepare_cached("INSERT INTO feed (webhook, seq, delivery) VALUES (?1, ?2, ?3)")?,
            find_delivery: conn.prepare_cached(FIND_DELIVERY)?,
            log_delivery: conn.prepare_cached(LOG_DELIVERY)?,
            delete_delivery: conn.prepare_cached("DELETE FROM delivery WHERE id = ?1")?,
            insert_attempt: conn.prepare_cached(INSERT_ATTEMPT)?,
            find_dedupe: conn.prepare_cached("SELECT first FROM dedupe WHERE key = ?1")?,
            insert_dedupe: conn.prepare_cached(INSERT_DEDUPE)?,
        })
    }
}

const INSERT_EVENT: &str = "
    INSERT INTO event (id, organisation, integration, type, object_type, lane, time, received, test, subject,
                       object, message, sequence, replaces, caused_by, hops, config_version, decisions,
                       deliveries, dedupe)
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20)";

// A key that entered the table before its process ended may enter again.
const INSERT_DEDUPE: &str = "INSERT OR IGNORE INTO dedupe (key, first) VALUES (?1, ?2)";

const INSERT_DELIVERY: &str = "
    INSERT INTO delivery (id, event, organisation, type, webhook, lane, state, epoch, attempts, accepted, test,
                          seq, order_key, error, ended, follows)
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, 0, ?9, ?10, ?11, ?12, ?13, ?14, ?15)";

const FIND_DELIVERY: &str = "
    SELECT webhook, lane, state, epoch, attempts, order_key, rendered, organisation, type, test,
           ifnull(owed_since, accepted), follows, ended, error, event, accepted, seq
    FROM delivery WHERE id = ?1";

// One row of values, and no `SELECT`: a statement that may write several is prepared to be taken back.
const LOG_DELIVERY: &str = "
    INSERT INTO delivery_log (id, event, organisation, type, webhook, lane, state, attempts, accepted, test,
                              seq, order_key, error, ended)
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14)";

const INSERT_ATTEMPT: &str = "
    INSERT INTO attempt (delivery, id, event, webhook, number, began, status, error, dns, connect, tls,
                         first_byte, total, next, template)
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15)";
