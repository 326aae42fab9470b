//! What is neither a person nor a group: places, contacts, computers.

use super::{BASE, Entry, place};

/// The domain with its organizational units and containers, from the top down.
pub fn places() -> Vec<Entry> {
    let unit = |path: &str| {
        let name = path
            .trim_start_matches("OU=")
            .split(',')
            .next()
            .unwrap_or_default();
        Entry::new(place(path), "top organizationalUnit").with("ou", name)
    };
    let container = |path: &str| {
        let name = path
            .trim_start_matches("CN=")
            .split(',')
            .next()
            .unwrap_or_default();
        Entry::new(place(path), "top container").with("cn", name)
    };
    let mut places = vec![
        Entry::new(BASE, "top domain domainDNS")
            .principal()
            .with("dc", "corp"),
    ];
    places.extend([
        container("CN=Users"),
        container("CN=Builtin"),
        container("CN=Computers"),
        container("CN=Microsoft Exchange System Objects"),
        container("CN=Monitoring Mailboxes,CN=Microsoft Exchange System Objects"),
        unit("OU=Staff"),
        unit("OU=Stockholm,OU=Staff"),
        unit("OU=Berlin,OU=Staff"),
        unit("OU=Paris,OU=Staff"),
        unit("OU=Lisbon,OU=Staff"),
        unit("OU=Seattle,OU=Staff"),
        unit("OU=Fabrikam,OU=Staff"),
        unit("OU=Leavers"),
        unit("OU=Service Accounts"),
        unit("OU=Groups"),
        unit("OU=Contacts"),
    ]);
    places
}

/// People of other companies.
pub fn contacts() -> Vec<Entry> {
    let companies = [
        "Adatum",
        "Fourth Coffee",
        "Litware",
        "Northwind",
        "Proseware",
        "Tailspin",
        "Trey",
        "Wingtip",
    ];
    let contact = |company: &str| {
        let mail = format!("orders@{}.example", company.replace(' ', "").to_lowercase());
        let dn = place(&format!("CN={company} Orders,OU=Contacts"));
        Entry::new(dn, "top person organizationalPerson contact")
            .with("cn", format!("{company} Orders"))
            .with("displayName", format!("{company} Orders"))
            .with("mail", mail.as_str())
            .with("proxyAddresses", format!("SMTP:{mail}"))
            .with("targetAddress", format!("SMTP:{mail}"))
    };
    companies.map(contact).into()
}

/// Computers, which are accounts like users by their classes, and yet none.
pub fn computers() -> Vec<Entry> {
    let computer = |number| {
        let name = format!("PC-{number:04}");
        let dn = place(&format!("CN={name},CN=Computers"));
        Entry::new(dn, "top person organizationalPerson user computer")
            .principal()
            .with("cn", name.as_str())
            .with("sAMAccountName", format!("{name}$"))
            .with("dNSHostName", format!("{name}.corp.contoso.com"))
            .with("userAccountControl", "4096")
    };
    (1..=20).map(computer).collect()
}
