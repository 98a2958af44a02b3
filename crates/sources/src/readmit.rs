//! Taking in what a door acknowledged before it could understand it.

use async_trait::async_trait;
use model::{Code, Door, EventId, Problem, Readmission, Readmit};

use crate::intake::Intake;

#[async_trait]
impl Readmit for Intake {
    async fn readmit(&self, refused: Readmission) -> Result<Vec<EventId>, Problem> {
        let compiled = self.ports.settings.now();
        let gone = || Problem::new(Code::NotFound, "The integration is no longer there.");
        let integration = compiled.config.integrations.get(&refused.integration).ok_or_else(gone)?;
        match refused.door {
            Door::Hook => {
                let capture = refused.capture.look(Clone::clone);
                self.readmit_call(integration, &capture, refused.at).await
            }
            // These acknowledge nothing that they do not understand.
            Door::Events | Door::Fhir | Door::Hl7v2 | Door::Mllp | Door::Own => {
                Err(Problem::from(Code::NotQuarantined))
            }
        }
    }
}
