//! Names that directories have for the same thing. Who knows one directory types its names in the rules of
//! another.

/// Each line is one thing: Active Directory, the metaverse, Microsoft Graph, and what people call it.
const SYNONYMS: &[&[&str]] = &[
    &["sn", "surname", "lastName", "familyName"],
    &["givenName", "firstName", "forename"],
    &["title", "jobTitle"],
    &["company", "companyName", "organization"],
    &["l", "city", "locality"],
    &["st", "state", "province"],
    &["co", "country", "c", "countryOrRegion"],
    &["streetAddress", "street", "address"],
    &["postalCode", "zip", "zipCode"],
    &["mobile", "mobilePhone", "cellPhone"],
    &[
        "telephoneNumber",
        "businessPhones",
        "phone",
        "phoneNumber",
        "officePhone",
    ],
    &["facsimileTelephoneNumber", "faxNumber", "fax"],
    &["physicalDeliveryOfficeName", "officeLocation", "office"],
    &["mail", "email", "emailAddress", "primarySmtpAddress"],
    &["mailNickname", "alias", "nickname"],
    &["userPrincipalName", "upn", "login", "signInName"],
    &[
        "sAMAccountName",
        "accountName",
        "onPremisesSamAccountName",
        "username",
        "logonName",
    ],
    &[
        "objectGUID",
        "guid",
        "sourceAnchor",
        "onPremisesImmutableId",
        "immutableId",
    ],
    &["objectSid", "sid", "onPremisesSecurityIdentifier"],
    &["member", "members"],
    &["memberOf", "groups"],
    &["manager", "supervisor"],
    &[
        "userAccountControl",
        "accountEnabled",
        "enabled",
        "disabled",
    ],
    &["displayName", "name", "fullName", "cn"],
    &["distinguishedName", "dn", "onPremisesDistinguishedName"],
    &["preferredLanguage", "language", "locale"],
    &["usageLocation", "msExchUsageLocation", "licenseLocation"],
    &["employeeID", "employeeNumber", "personnelNumber"],
    &[
        "pwdLastSet",
        "lastPasswordChangeDateTime",
        "passwordLastSet",
    ],
    &["whenCreated", "createdDateTime", "created"],
    &["thumbnailPhoto", "photo", "jpegPhoto"],
];

/// The attribute among `names` that means what `name` means elsewhere.
pub(super) fn find<'n>(name: &str, names: &'n [String]) -> Option<&'n str> {
    let same = |a: &str, b: &str| a.eq_ignore_ascii_case(b);
    let meant = SYNONYMS
        .iter()
        .filter(|line| line.iter().any(|word| same(word, name)))
        .flat_map(|line| line.iter());
    let mut meant = meant.filter_map(|word| names.iter().find(|known| same(known, word)));
    meant.next().map(String::as_str)
}
