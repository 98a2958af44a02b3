//! Events about the platform itself, on the same path as all others.

use async_trait::async_trait;
use model::{Announce, Code, Content, News, Problem};
use observe::live::Note;
use serde_json::value::to_raw_value;

use crate::draft::{About, Draft, Happening};
use crate::intake::Intake;
use crate::refusal;

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
        let what = (info.name.clone(), info.object_type.clone());
        let happening = Happening {
            about: Some(About { webhook: news.webhook, audience: news.audience }),
            ..Happening::new(what, info.lane, Content::of(data))
        };
        let draft = Draft::new(integration, vec![happening]);
        self.accept(vec![draft]).await.map(drop)
    }
}
