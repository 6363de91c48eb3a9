//! The options that say who may be connected.

use std::net::IpAddr;
use std::num::NonZero;

use crate::limits::ConnectionLimits;

/// Who may be connected.
#[derive(Debug, Default, clap::Args)]
pub struct ConnectionOptions {
    /// How many connections there may be. Beyond that those go which have been idle
    /// for longest [default: 10000, or what there are descriptors for]
    #[arg(long, value_name = "N")]
    pub connections: Option<NonZero<usize>>,
    /// How many of them one address may have; of IPv6, one network of 64 bits
    /// [default: a quarter]
    #[arg(long, value_name = "N")]
    pub per_address: Option<NonZero<usize>>,
    /// An address that may have more, such as a proxy's. May be repeated
    #[arg(long, value_name = "ADDRESS")]
    pub exempt: Vec<IpAddr>,
}

impl ConnectionOptions {
    /// What that comes to, where there may be so many descriptors.
    ///
    /// # Errors
    /// If they do not suffice, in a line.
    pub fn limits(&self, descriptors: usize) -> Result<ConnectionLimits, String> {
        let most = ConnectionLimits::most(descriptors);
        if most == 0 {
            return Err(format!(
                "of all descriptors {descriptors} are left for connections, which is \
                 too few for one"
            ));
        }
        let usual = most.min(ConnectionLimits::USUAL);
        let total = self.connections.map_or(usual, NonZero::get);
        if total > most {
            return Err(format!(
                "{total} connections take more than the {descriptors} descriptors \
                 that there may be for them: {most} can be had"
            ));
        }
        let of_source = self.per_address.map_or(total.div_ceil(4), NonZero::get);
        Ok(ConnectionLimits { total, of_source, exempt: self.exempt.clone() })
    }
}
