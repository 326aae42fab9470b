//! The rule packs that ship with the compiler.

/// A pack: its name in `use`, the path it is shown under, and its text.
pub static PACKS: &[(&str, &str, &str)] = &[
    (
        "entra.users",
        "rules/entra/users.trib",
        include_str!("../../rules/entra/users.trib"),
    ),
    (
        "entra.groups",
        "rules/entra/groups.trib",
        include_str!("../../rules/entra/groups.trib"),
    ),
    (
        "entra.contacts",
        "rules/entra/contacts.trib",
        include_str!("../../rules/entra/contacts.trib"),
    ),
    (
        "entra.forests",
        "rules/entra/forests.trib",
        include_str!("../../rules/entra/forests.trib"),
    ),
    (
        "entra.lync",
        "rules/entra/lync.trib",
        include_str!("../../rules/entra/lync.trib"),
    ),
];
