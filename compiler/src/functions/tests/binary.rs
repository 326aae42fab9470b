use super::super::codes;
use super::*;

const BYTES: [u8; 16] = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15];
const GUID: &str = "03020100-0504-0706-0809-0a0b0c0d0e0f";

#[test]
fn base64() {
    gives(
        "ConvertToBase64",
        &[t("Hello world!")],
        t("SABlAGwAbABvACAAdwBvAHIAbABkACEA"),
    );
    gives(
        "ConvertToBase64",
        &[Value::Binary(&BYTES)],
        t("AAECAwQFBgcICQoLDA0ODw=="),
    );
    gives(
        "ConvertFromBase64",
        &[t("SGVsbG8gd29ybGQh"), t("UTF8")],
        t("Hello world!"),
    );
    gives(
        "ConvertFromBase64",
        &[t("SGVsbG8gd29ybGQh"), t("ASCII")],
        t("Hello world!"),
    );
    gives(
        "ConvertFromBase64",
        &[t("SABlAGwAbABvACAAdwBvAHIAbABkACEA")],
        t("Hello world!"),
    );
    fails(
        "ConvertFromBase64",
        &[t("###")],
        codes::UNREADABLE,
        "`###` is not Base64",
    );
    fails(
        "ConvertFromBase64",
        &[t("AAEC")],
        codes::UNREADABLE,
        "Unicode",
    );
    fails(
        "ConvertFromBase64",
        &[t("/w=="), t("UTF8")],
        codes::UNREADABLE,
        "UTF8",
    );
    fails(
        "ConvertFromBase64",
        &[t("w7Y="), t("ASCII")],
        codes::UNREADABLE,
        "ASCII",
    );
    fails(
        "ConvertFromBase64",
        &[t("AA=="), t("Latin1")],
        codes::BAD_ARGUMENT,
        "`Latin1`",
    );
}

#[test]
fn hexadecimal() {
    gives(
        "ConvertToUTF8Hex",
        &[t("Hello world!")],
        t("48656C6C6F20776F726C6421"),
    );
    gives(
        "ConvertFromUTF8Hex",
        &[t("48656C6C6F20776F726C6421")],
        t("Hello world!"),
    );
    fails("ConvertFromUTF8Hex", &[t("4")], codes::UNREADABLE, "`4`");
    fails("ConvertFromUTF8Hex", &[t("ff")], codes::UNREADABLE, "UTF-8");
}

#[test]
fn guids_and_sids() {
    gives("CGuid", &[t(GUID)], Value::Binary(&BYTES));
    gives(
        "CGuid",
        &[t(&format!("{{{}}}", GUID.to_uppercase()))],
        Value::Binary(&BYTES),
    );
    fails(
        "CGuid",
        &[t("not-a-guid")],
        codes::UNREADABLE,
        "`not-a-guid` is not a guid",
    );
    gives("StringFromGuid", &[Value::Binary(&BYTES)], t(GUID));
    fails(
        "StringFromGuid",
        &[Value::Binary(&BYTES[..15])],
        codes::UNREADABLE,
        "16 bytes",
    );
    let sid = [1, 2, 0, 0, 0, 0, 0, 5, 32, 0, 0, 0, 32, 2, 0, 0];
    gives("StringFromSid", &[Value::Binary(&sid)], t("S-1-5-32-544"));
    fails(
        "StringFromSid",
        &[Value::Binary(&sid[..15])],
        codes::UNREADABLE,
        "security identifier",
    );
    fails(
        "StringFromSid",
        &[Value::Binary(&[])],
        codes::UNREADABLE,
        "``",
    );
}

#[test]
fn hashes() {
    let abc = t("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    gives("Hash", &[t("abc")], abc);
    gives("Hash", &[Value::Binary(b"abc")], abc);
    fails(
        "Hash",
        &[i(1)],
        codes::WRONG_TYPE,
        "a text or binary is wanted",
    );
}

#[test]
fn dns() {
    let dn = Value::Dn("cn=Joe,ou=Atlanta,ou=GA,ou=US, dc=contoso,dc=com");
    gives("DNComponent", &[dn, i(1)], t("Joe"));
    gives("DNComponent", &[dn, i(6)], t("com"));
    gives("DNComponent", &[dn, i(7)], ABSENT);
    gives("DNComponent", &[dn, i(i64::MIN)], ABSENT);
    gives(
        "DNComponent",
        &[t("CN=Joe\\0ACNF:1c2d,OU=X,DC=c,DC=com"), i(1)],
        t("Joe\\0ACNF:1c2d"),
    );
    gives("DNComponentRev", &[dn, i(3)], t("US"));
    gives("DNComponentRev", &[dn, i(1), t("DC")], t("US"));
    gives("DNComponentRev", &[dn, i(4), t("DC")], t("Joe"));
    gives("DNComponentRev", &[dn, i(5), t("DC")], ABSENT);
    fails(
        "DNComponentRev",
        &[dn, i(1), t("OU")],
        codes::BAD_ARGUMENT,
        "`OU`",
    );
    gives("EscapeDNComponent", &[t("Lee, Ann")], t("Lee\\, Ann"));
    gives("EscapeDNComponent", &[t("cn=Ann")], t("cn=Ann"));
    gives(
        "ParentDN",
        &[dn],
        Value::Dn("ou=Atlanta,ou=GA,ou=US, dc=contoso,dc=com"),
    );
    gives("ParentDN", &[t("CN=a\\,b,DC=com")], Value::Dn("DC=com"));
    gives("ParentDN", &[t("DC=com")], ABSENT);
    gives("ParentDN", &[t("")], ABSENT);
}
