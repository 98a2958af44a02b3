//! Networks that may send.

use ipnet::IpNet;
use model::{Problem, limits};

use crate::strict::invalid;

/// A list of networks that is not too long.
pub(super) fn accept(networks: Option<Vec<IpNet>>, place: &str) -> Result<Vec<IpNet>, Problem> {
    let networks = networks.unwrap_or_default();
    if networks.len() > limits::NETWORKS {
        return Err(invalid(place, format!("At most {} networks.", limits::NETWORKS)));
    }
    Ok(networks)
}
