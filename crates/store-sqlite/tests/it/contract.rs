//! The embedded store keeps every promise of a store.

use store::contract;

use crate::support::Disk;

#[tokio::test]
async fn every_story_holds() {
    let disk = Disk::default();
    contract::run(async || disk.open()).await;
}

#[tokio::test]
async fn every_story_about_killed_processes_holds() {
    let disk = Disk::default();
    contract::restart(async || disk.open(), async |store| disk.kill(&store)).await;
}

#[tokio::test]
async fn every_story_about_ended_processes_holds() {
    let disk = Disk::default();
    contract::restart(async || disk.open(), async |store| disk.restart(store)).await;
}
