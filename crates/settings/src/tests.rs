//! Settings over a store in memory.

use model::{Id, ManualClock, Organisation, OrganisationId, Timestamp};
use privacy::MasterKey;
use store::Read as _;
use store::memory::{MemoryStore, Options};

use super::*;

fn organisation(name: &str) -> Change {
    let created_at = Timestamp::from_millis(0);
    Change::PutOrganisation(Organisation {
        id: OrganisationId::from_raw(1),
        name: name.to_owned(),
        created_at,
    })
}

fn entry(detail: &str) -> audit::Entry {
    audit::Entry {
        at: Timestamp::from_millis(0),
        organisation: Some(OrganisationId::from_raw(1)),
        actor: audit::Actor::CommandLine,
        action: audit::Action::Update,
        target: OrganisationId::from_raw(1).to_string(),
        detail: detail.to_owned(),
    }
}

async fn open(store: &Arc<MemoryStore>, master: u8) -> Result<Settings, Error> {
    Settings::load(store.clone(), ConfigSeal::new(&MasterKey::from_bytes([master; 32]))).await
}

fn empty() -> Arc<MemoryStore> {
    Arc::new(MemoryStore::new(Options::default(), Arc::new(ManualClock::default())))
}

fn name(settings: &Settings) -> String {
    settings.now().config.organisations[&OrganisationId::from_raw(1)].name.clone()
}

#[tokio::test]
async fn a_change_is_seen_audited_and_there_after_a_restart() {
    let store = empty();
    let settings = open(&store, 1).await.unwrap();
    let mut watch = settings.watch();
    let version = settings.change(vec![organisation("Ward")], vec![entry("made")]).await.unwrap();
    assert_eq!((version, *watch.borrow_and_update()), (1, 1));
    assert_eq!(name(&settings), "Ward");

    store.crash();
    let settings = open(&store, 1).await.unwrap();
    assert_eq!((name(&settings).as_str(), settings.now().config.version), ("Ward", 1));
    let audit = store.list_audit(store::AuditFilter::of(OrganisationId::from_raw(1)), None, 9).await.unwrap();
    assert_eq!(audit.rows[0].entry, entry("made"));
    assert!(matches!(open(&store, 2).await, Err(Error::Unreadable { .. })));
}

#[tokio::test]
async fn a_change_made_elsewhere_is_taken_over_before_ours() {
    let store = empty();
    let (here, elsewhere) = (open(&store, 1).await.unwrap(), open(&store, 1).await.unwrap());
    elsewhere.change(vec![organisation("Theirs")], Vec::new()).await.unwrap();
    let plan = |config: &Config| match config.organisations.len() {
        0 => Ok((vec![organisation("Ours")], Vec::new())),
        _ => Err("somebody else was first"),
    };
    assert!(matches!(here.edit(plan).await, Err(Refused::Plan("somebody else was first"))));
    assert_eq!(name(&here), "Theirs");
    assert_eq!(here.change(vec![organisation("Ours")], Vec::new()).await.unwrap(), 2);
    elsewhere.reload().await.unwrap();
    assert_eq!(name(&elsewhere), "Ours");
}
