//! Events about the platform itself, on the same path as all others.

use async_trait::async_trait;
use model::{Announce, Code, News, Problem};
use observe::live::Note;
use serde_json::value::to_raw_value;

use crate::intake::{About, Draft, Happening, Intake, plain_content};
use crate::refusal;
use crate::triggered::Triggered;

#[async_trait]
impl Announce for Intake {
    async fn announce(&self, news: News) -> Result<(), Problem> {
        let compiled = self.ports.settings.now();
        let known = matching::Catalogue::embedded().find(news.event_type.as_str());
        let (Some(info), Some(integration)) = (known, compiled.config.integrations.get(&news.integration))
        else {
            return Err(Problem::from(Code::UnknownEventType));
        };
        let target = news.webhook.map_or_else(|| news.integration.to_string(), |webhook| webhook.to_string());
        let code = news.event_type.to_string();
        self.ports.feed.tell(integration.organisation_id, || Note::Alert { code, target });
        let data = to_raw_value(&news.data).map_err(|error| refusal::internal(&error))?;
        let happening = Happening {
            event_type: info.name.clone(),
            object_type: info.object_type.clone(),
            lane: info.lane,
            time: None,
            test: false,
            content: plain_content(data, None),
            report: None,
            sequence: 0,
            replaces: None,
            cause: None,
            about: Some(About { webhook: news.webhook, audience: news.audience }),
        };
        let draft = Draft {
            integration: integration.clone(),
            dedupe: None,
            name: None,
            cursor: None,
            received: None,
            happenings: vec![happening],
            objects: Vec::new(),
            merges: Vec::new(),
            triggered: Triggered::default(),
        };
        self.accept(vec![draft]).await.map(drop)
    }
}
