//! Who may do what: roles in rising order, and the partner that a caller is confined to.

use serde::{Deserialize, Serialize};

use crate::id::PartnerId;

/// What a user or an API key may do. Each role includes those before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Reads; secrets are always masked.
    Viewer,
    /// Also tests, sends events and logs, replays.
    Operator,
    /// Also creates, changes, deletes and reveals within its scope.
    Admin,
    /// Everything, users and keys included.
    SuperAdmin,
}

impl Role {
    pub const ALL: &'static [Self] = &[Self::Viewer, Self::Operator, Self::Admin, Self::SuperAdmin];

    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Viewer => "viewer",
            Self::Operator => "operator",
            Self::Admin => "admin",
            Self::SuperAdmin => "super_admin",
        }
    }

    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|role| role.as_str() == text)
    }
}

/// Whose data a query may touch. Every query on a partner's data takes one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Scope {
    /// All partners.
    All,
    /// One partner alone; another's rows are as if they did not exist.
    Partner(PartnerId),
}

impl Scope {
    #[must_use]
    pub fn of(partner_id: Option<PartnerId>) -> Self {
        partner_id.map_or(Self::All, Self::Partner)
    }

    /// The partner it is confined to, if any: bound as the `$n IS NULL OR partner_id = $n` of queries.
    #[must_use]
    pub fn partner_id(self) -> Option<PartnerId> {
        match self {
            Self::All => None,
            Self::Partner(id) => Some(id),
        }
    }

    #[must_use]
    pub fn allows(self, partner_id: PartnerId) -> bool {
        self.partner_id().is_none_or(|own| own == partner_id)
    }
}
