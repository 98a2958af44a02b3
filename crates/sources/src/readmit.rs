//! Taking in what a door acknowledged before it could understand it.

use async_trait::async_trait;
use model::{Code, Door, EventId, Problem, Readmission, Readmit};

use crate::intake::Intake;

#[async_trait]
impl Readmit for Intake {
    async fn readmit(&self, refused: Readmission) -> Result<Vec<EventId>, Problem> {
        match refused.door {
            // These doors acknowledge nothing that they do not understand.
            Door::Events | Door::Fhir | Door::Hl7v2 | Door::Mllp | Door::Hook | Door::Own => {
                Err(Problem::from(Code::NotQuarantined))
            }
        }
    }
}
