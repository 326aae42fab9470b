use proptest::prelude::*;

use super::*;

const ANN: &str = "CN=Ann Lee,OU=Staff,DC=corp,DC=contoso,DC=com";

#[test]
fn below() {
    for base in [
        "OU=Staff,DC=corp,DC=contoso,DC=com",
        "dc=COM",
        " ou = staff , DC=corp,DC=contoso, dc=com ",
        "",
    ] {
        assert!(dn_under(ANN, base), "{base}");
    }
    for base in [
        ANN,
        "cn=ann lee,ou=staff,dc=corp,dc=contoso,dc=com",
        "aff,DC=corp,DC=contoso,DC=com",
        "OU=taff,DC=corp,DC=contoso,DC=com",
        "OU=Staff",
        "CN=x,CN=Ann Lee,OU=Staff,DC=corp,DC=contoso,DC=com",
    ] {
        assert!(!dn_under(ANN, base), "{base}");
    }
    assert!(
        !dn_under("CN=a\\,DC=com", "DC=com"),
        "the comma is part of the name"
    );
    assert!(
        dn_under("CN=a\\\\,DC=com", "DC=com"),
        "the backslash is escaped, the comma is not"
    );
    assert!(dn_under("CN=Å,OU=ÄÖ,DC=com", "ou=äö,dc=com"));
    assert!(!dn_under("", ""));
}

#[test]
fn equal() {
    for (a, b) in [
        ("CN=Smith\\, John,DC=com", "cn=smith\\2c john , dc = com"),
        ("CN=J\\C3\\B6rg", "cn=JÖRG"),
        ("CN=a\\ ", "CN=a\\20"),
        ("CN=a", "CN= a "),
        ("CN=a+OU=b", "CN=a + OU=b"),
        ("CN=a=b", "CN=a\\=b"),
        ("CN=Joe\\0ACNF:1c2d", "CN=joe\\0acnf:1C2D"),
    ] {
        assert!(dn_equal(a, b), "{a} {b}");
        assert_eq!(dn_key(a), dn_key(b));
    }
    for (a, b) in [
        ("CN=a\\ ", "CN=a"),
        ("CN=a\\,OU=b", "CN=a,OU=b"),
        ("CN=a\\+OU=b", "CN=a+OU=b"),
        ("CN=\\C3", "CN=\\C3\\B6"),
        ("CN=a", "OU=a"),
        ("CN\\=a", "CN=a"),
        ("CN=a", "CN=a,"),
        ("", ","),
    ] {
        assert!(!dn_equal(a, b), "{a} {b}");
        assert_ne!(dn_key(a), dn_key(b));
    }
}

#[test]
fn parts() {
    let dn = "cn=Joe\\, B,ou=Atlanta, dc=contoso ,dc=com";
    assert_eq!(
        rdns(dn).collect::<Vec<_>>(),
        ["cn=Joe\\, B", "ou=Atlanta", "dc=contoso", "dc=com"]
    );
    assert_eq!(rdn_value("cn=Joe\\, B"), "Joe\\, B");
    assert_eq!(rdn_type("cn = Joe"), Some("cn"));
    assert_eq!(rdn_type("Joe"), None);
    assert_eq!(parent(dn), Some("ou=Atlanta, dc=contoso ,dc=com"));
    assert_eq!(parent("dc=com"), None);
    assert_eq!(rdns("").count(), 0);
    assert_eq!(rdns(",").count(), 2);
}

#[test]
fn escapes() {
    for (value, escaped) in [
        ("Ann Lee", "Ann Lee"),
        ("Lee, Ann", "Lee\\, Ann"),
        (" a ", "\\ a\\ "),
        (" ", "\\ "),
        ("#1 #2", "\\#1 #2"),
        ("a\nb", "a\\0Ab"),
        ("\"+;<>\\", "\\\"\\+\\;\\<\\>\\\\"),
        ("", ""),
    ] {
        assert_eq!(escape_rdn(value), escaped);
    }
}

fn dn() -> impl Strategy<Value = String> {
    "([a-cA-C=+, \\\\ÄäßẞİΣς]|\\\\2[cC0]|\\\\[cC]3|\\\\84|\\\\,|\\\\=|CN=|ou=){0,8}"
}

proptest! {
    #[test]
    fn equal_keys_mean_equal_names(a in dn(), b in dn()) {
        prop_assert_eq!(dn_key(&a) == dn_key(&b), dn_equal(&a, &b));
        prop_assert!(dn_equal(&a, &a));
        let key = dn_key(&a);
        prop_assert!(dn_equal(&key, &a), "{}", key);
        prop_assert_eq!(dn_key(&key), key);
    }

    #[test]
    fn under_agrees_with_keys(dn in dn(), base in dn(), child in "[a-c]{1,3}") {
        let (parts, above) = (rdns(&dn).count(), rdns(&base).count());
        let tail: Vec<&str> = rdns(&dn).skip(parts.saturating_sub(above)).collect();
        let expected = parts > above && dn_equal(&tail.join(","), &base);
        prop_assert_eq!(dn_under(&dn, &base), expected);
        let longer = format!("CN={child},{base}");
        prop_assert!(above == 0 || dn_under(&longer, &base));
    }

    #[test]
    fn an_escaped_value_is_one_part(value: String) {
        prop_assume!(!value.is_empty());
        let dn = format!("CN={},DC=com", escape_rdn(&value));
        prop_assert_eq!(rdns(&dn).count(), 2);
        let read: String = unescaped(rdn_value(rdns(&dn).next().unwrap())).map(|unit| match unit {
            Unit::Character(character) => character,
            Unit::Byte(_) => '?',
        }).collect();
        prop_assert_eq!(read, value);
    }
}
