//! Run-time parameters: the deployment's own, and what is known of the domain an entry is in.

use std::collections::BTreeMap;

use trib_compiler::notation::dn::{rdn_type, rdn_value, rdns};

/// Values of run-time parameters.
#[derive(Debug, Clone, Default)]
pub struct Parameters {
    /// The deployment's own: `Param.usageLocation`. Others in it win over what would be computed.
    pub given: BTreeMap<String, String>,
}

impl Parameters {
    /// The values of the parameters that rules read, for an entry with this dn.
    pub fn of(&self, names: &[String], connector: &str, dn: &str) -> Vec<Option<String>> {
        names
            .iter()
            .map(|name| self.value(name, connector, dn))
            .collect()
    }

    fn value(&self, name: &str, connector: &str, dn: &str) -> Option<String> {
        if let Some(given) = self.given.get(name) {
            return Some(given.clone());
        }
        if name == "Connector.ID" && !connector.is_empty() {
            return Some(connector.to_owned());
        }
        let labels: Vec<&str> = rdns(dn)
            .filter(|rdn| rdn_type(rdn).is_some_and(|ty| ty.trim().eq_ignore_ascii_case("dc")))
            .map(rdn_value)
            .collect();
        let first = labels.first()?;
        // A forest's own parameters are those of its root; without more knowledge, of this domain.
        match name.split_once('.')? {
            ("Domain" | "Forest", "FQDN") => Some(labels.join(".")),
            ("Domain" | "Forest", "Netbios") => Some(first.to_uppercase()),
            ("Domain" | "Forest", "LDAP") => {
                let parts: Vec<String> = labels.iter().map(|label| format!("DC={label}")).collect();
                Some(parts.join(","))
            }
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_domain_is_read_off_the_dn() {
        let mut parameters = Parameters::default();
        let dn = "CN=Ann,OU=Staff,DC=corp,DC=contoso,DC=com";
        let of = |p: &Parameters, name: &str| p.of(&[name.to_owned()], "corp", dn).remove(0);
        assert_eq!(
            of(&parameters, "Domain.FQDN").as_deref(),
            Some("corp.contoso.com")
        );
        assert_eq!(
            of(&parameters, "Domain.LDAP").as_deref(),
            Some("DC=corp,DC=contoso,DC=com")
        );
        assert_eq!(of(&parameters, "Domain.Netbios").as_deref(), Some("CORP"));
        assert_eq!(of(&parameters, "Connector.ID").as_deref(), Some("corp"));
        assert_eq!(of(&parameters, "Param.x"), None);
        parameters
            .given
            .insert("Domain.Netbios".to_owned(), "CONTOSO".to_owned());
        assert_eq!(
            of(&parameters, "Domain.Netbios").as_deref(),
            Some("CONTOSO")
        );
    }
}
