//! What a message may say at each level of content, and how its events are numbered.

use serde_json::Value;

use super::super::{Content, Kind};
use super::status::{Read, ReadEvent};
use super::{Flaws, entries, entry};

pub(super) fn check(bundle: &Value, read: &Read, content: Content, flaws: &mut Flaws) {
    check_status(read, content, flaws);
    let tells = matches!(read.kind, Some(Kind::EventNotification | Kind::QueryEvent));
    let others = entries(bundle).len().saturating_sub(1);
    flaws.unless(
        tells || others == 0,
        ("@20", "Bundle.entry"),
        "only what tells of events has more than a status",
    );
    if tells {
        check_numbers(read, flaws);
        read.events.iter().for_each(|event| check_event(event, bundle, content, flaws));
    }
    let says_topic = content != Content::FullResource || read.has_topic || !tells;
    flaws.unless(says_topic, ("@101", STATUS), "the topic is told with full resources");
    if content == Content::Empty {
        flaws.unless(others == 0, ("@39", "Bundle.entry"), "an empty notification has a status only");
    }
    for (place, one) in entries(bundle).iter().enumerate().skip(1) {
        let (has_address, has_resource) = (one["fullUrl"].is_string(), one.get("resource").is_some());
        if content == Content::IdOnly {
            flaws.unless(!has_resource, ("@42", &entry(place)), "no resource where ids alone are told");
            flaws.unless(has_address, ("@42", &entry(place)), "an entry has an address");
        }
        let may_lack = one["request"]["method"] == "DELETE" || content < Content::FullResource;
        flaws.unless(has_resource || may_lack, ("@45", &entry(place)), "a resource that is there is told");
    }
}

/// What holds for a status by itself.
pub(super) fn check_status(read: &Read, content: Content, flaws: &mut Flaws) {
    flaws.unless(
        content > Content::Empty || !read.has_topic,
        ("@99", STATUS),
        "no topic where nothing is told",
    );
    let tells = matches!(read.kind, Some(Kind::EventNotification | Kind::QueryEvent));
    flaws.unless(tells || read.events.is_empty(), ("@20", STATUS), "only what tells of events has some");
}

const STATUS: &str = "Bundle.entry[0].resource";

/// @102 and @103: numbers rise, and the highest of a notification is the count.
fn check_numbers(read: &Read, flaws: &mut Flaws) {
    let numbers: Vec<Option<u64>> = read.events.iter().map(|event| event.number).collect();
    flaws.unless(
        numbers.iter().all(Option::is_some),
        ("profile", STATUS),
        "an event has a number, as a text",
    );
    let rises = numbers.is_sorted_by(|one, next| one < next);
    flaws.unless(rises, ("@102", STATUS), "the numbers of events rise");
    let highest = numbers.into_iter().flatten().max();
    let fits = match read.kind {
        Some(Kind::EventNotification) => highest == read.total,
        _ => highest <= read.total,
    };
    flaws.unless(fits, ("@103", STATUS), "the highest number is the count of events");
}

fn check_event(event: &ReadEvent, bundle: &Value, content: Content, flaws: &mut Flaws) {
    if content == Content::Empty {
        flaws.unless(
            event.focus.is_empty() && event.context.is_empty(),
            ("@38", STATUS),
            "an empty event refers to nothing",
        );
        return;
    }
    let rule = if content == Content::IdOnly { "@40" } else { "@43" };
    let has_focus = event.focus.len() == 1 && event.focus.iter().all(|focus| !focus.is_empty());
    flaws.unless(has_focus, (rule, STATUS), "an event refers to what it is about");
    if content == Content::FullResource {
        let mut referred = event.focus.iter().chain(&event.context);
        let is_there =
            |url: &String| entries(bundle).iter().skip(1).any(|one| one["fullUrl"] == url.as_str());
        flaws.unless(referred.all(is_there), ("@44", STATUS), "what is referred to is an entry");
    }
}
