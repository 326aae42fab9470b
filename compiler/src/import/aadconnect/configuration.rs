//! The configuration file of the project: what the export says, and what has to be filled in.

use super::Target;
use super::clause::known;
use super::directory::Directories;
use super::filter::bases;
use super::model::Configuration;
use crate::import::report::Remark;
use crate::schema::Kind;

/// Parameters that the engine knows itself.
const OWN: [&str; 7] = [
    "Domain.FQDN",
    "Domain.LDAP",
    "Domain.Netbios",
    "Forest.FQDN",
    "Forest.LDAP",
    "Forest.Netbios",
    "Connector.ID",
];

/// Settings that are found again in the configuration file.
const USED: [&str; 4] = [
    "Microsoft.Synchronize.StagingMode",
    "Microsoft.Synchronize.TimeInterval",
    "Microsoft.OptionalFeature.ExportDeletionThreshold",
    "Microsoft.OptionalFeature.ExportDeletionThresholdValue",
];

/// The text of `trib.toml`.
pub(super) fn text(
    configuration: &Configuration,
    directories: &Directories,
    target: Target,
    used: &[String],
) -> String {
    let setting = |name: &str| {
        let found = configuration
            .settings
            .iter()
            .find(|(known, _)| known == name);
        found.map(|(_, value)| value.as_str()).unwrap_or_default()
    };
    let [staging, interval, threshold, most] = USED.map(setting);
    let staging = staging.eq_ignore_ascii_case("true");
    let mut text = String::from(
        "# Made by `trib import aadconnect`. What is marked with `fill in` is not in the export.\n",
    );
    text.push_str("rules = \"rules\"\nstate = \"sqlite:state.db\"\n");
    text.push_str(&format!("staging = {staging}\n"));
    for directory in &directories.known {
        let name = &directory.connector.name;
        match directory.connector.kind {
            Kind::Ad => {
                let connector = configuration
                    .connectors
                    .iter()
                    .find(|known| known.id == directory.id);
                let partitions = connector
                    .map(|known| known.partitions.as_slice())
                    .unwrap_or_default();
                let bases: Vec<String> = partitions.iter().flat_map(bases).map(toml).collect();
                let forest = connector.map_or("", |known| known.name.as_str());
                let host = if forest.is_empty() {
                    "dc.example.com"
                } else {
                    forest
                };
                text.push_str(&format!("\n[connector.{name}]\nkind = \"ad\"\n"));
                text.push_str(&format!(
                    "url = {}  # fill in: a domain controller\n",
                    toml(&format!("ldaps://{host}"))
                ));
                match bases.is_empty() {
                    true => text.push_str("base = [\"DC=example,DC=com\"]  # fill in\n"),
                    false => text.push_str(&format!("base = [{}]\n", bases.join(", "))),
                }
                let variable = format!("{}_PASSWORD", name.to_uppercase());
                let user = toml(&format!("sync@{host}"));
                text.push_str(&format!(
                    "bind = {{ user = {user}, password = {{ env = \"{variable}\" }} }}  # fill in\n"
                ));
            }
            Kind::Entra => {
                text.push_str(&format!("\n[connector.{name}]\nkind = \"entra\"\n"));
                text.push_str("tenant = \"contoso.onmicrosoft.com\"  # fill in\n");
                text.push_str("client_id = \"00000000-0000-0000-0000-000000000000\"  # fill in\n");
                text.push_str("credential = { secret = { env = \"ENTRA_SECRET\" } }\n");
            }
            Kind::EntraConnect => {}
        }
    }
    if target == Target::EntraConnect {
        text.push_str("\n# The rules are written against Azure AD Connect's own connector, for `trib check`, `trib test` and\n# analysis. What can be run comes from `trib import aadconnect … --target graph`.\n");
    }
    if !threshold.eq_ignore_ascii_case("false")
        && let Ok(most) = most.parse::<u64>()
    {
        text.push_str(&format!("\n[guard]\ndeletes = {{ count = {most} }}\n"));
    }
    if let Some(every) = minutes(interval) {
        text.push_str(&format!("\n[schedule]\nevery = \"{every}m\"\n"));
    }
    let values = parameters(configuration);
    let mut set = Vec::new();
    for name in used {
        let value = values
            .iter()
            .find(|(known, _)| known.eq_ignore_ascii_case(name));
        let (value, mark) = match value {
            Some((_, value)) => (*value, ""),
            None => ("", "  # fill in"),
        };
        set.push(format!("{} = {}{mark}\n", toml(&known(name)), toml(value)));
    }
    if !set.is_empty() {
        text.push_str(&format!("\n[params]\n{}", set.concat()));
    }
    text
}

/// Every parameter that connectors and the product set, but those that the engine knows itself.
fn parameters(configuration: &Configuration) -> Vec<(&str, &str)> {
    let connectors = configuration.connectors.iter();
    let all = connectors.flat_map(|connector| {
        let partitions = connector.partitions.iter();
        connector
            .parameters
            .iter()
            .chain(partitions.flat_map(|partition| &partition.parameters))
    });
    let all = all.chain(&configuration.settings);
    all.map(|(name, value)| (name.as_str(), value.as_str()))
        .collect()
}

/// A parameter that the deployment has to set.
pub(super) fn is_own(name: &str) -> bool {
    OWN.iter().any(|known| known.eq_ignore_ascii_case(name))
}

/// Settings of the product that have no counterpart, where they are set to something.
pub(super) fn remarks(configuration: &Configuration) -> Vec<Remark> {
    let settings = configuration.settings.iter();
    let settings = settings.filter(|(name, value)| {
        let nothing = value.is_empty() || value.eq_ignore_ascii_case("false");
        !nothing && !USED.contains(&name.as_str())
    });
    let remarks = settings.map(|(name, value)| Remark {
        about: format!("setting {name}"),
        why: format!("it is `{value}`; no rule depends on it, and it is left out"),
    });
    remarks.collect()
}

/// The minutes of `00:30:00`.
fn minutes(interval: &str) -> Option<u64> {
    let mut parts = interval.split(':').map(str::parse::<u64>);
    let (hours, minutes) = (parts.next()?.ok()?, parts.next()?.ok()?);
    let all = hours.checked_mul(60)?.checked_add(minutes)?;
    (all > 0).then_some(all)
}

/// A text of the configuration file.
fn toml(text: &str) -> String {
    serde_json::to_string(text).unwrap_or_default()
}
