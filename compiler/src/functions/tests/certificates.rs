use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::super::{all, codes};
use super::*;

const BASE64: &str = include_str!("../certificate.b64");

fn der() -> Vec<u8> {
    STANDARD.decode(BASE64).unwrap()
}

/// All functions of certificates, with further arguments where they take them.
fn calls<'a>(certificate: Value<'a>) -> impl Iterator<Item = (&'static str, Vec<Value<'a>>)> {
    let names = all()
        .map(|function| function.name)
        .filter(|name| name.starts_with("Cert"));
    names.flat_map(move |name| match name {
        "CertNameInfo" => ["SimpleName", "EmailName", "UpnName", "DnsName", "UrlName"]
            .into_iter()
            .flat_map(|kind| {
                [b(true), b(false)].map(|issuer| (name, vec![certificate, t(kind), issuer]))
            })
            .collect(),
        _ => vec![(name, vec![certificate])],
    })
}

#[test]
fn bytes_base64_and_pem_are_one() {
    let der = der();
    let lines: Vec<&str> = BASE64
        .as_bytes()
        .chunks(64)
        .map(|line| std::str::from_utf8(line).unwrap())
        .collect();
    let pem = format!(
        "-----BEGIN CERTIFICATE-----\r\n{}\r\n-----END CERTIFICATE-----\r\n",
        lines.join("\r\n")
    );
    for certificate in [Value::Binary(&der), t(BASE64), t(&pem)] {
        gives("IsCert", &[certificate], b(true));
        gives("CertSerialNumber", &[certificate], t("1A2B3C4D"));
        gives("CertNotAfter", &[certificate], at("2036-01-01T00:00:00Z"));
    }
}

#[test]
fn what_is_no_certificate_is_an_error_of_the_object() {
    let mut longer = der();
    longer.push(0);
    for wrong in [
        t(""),
        t("no certificate"),
        t("AAAA"),
        Value::Binary(&[]),
        Value::Binary(&[0x30, 0x80]),
        Value::Binary(&longer),
    ] {
        gives("IsCert", &[wrong], b(false));
        for (name, arguments) in calls(wrong) {
            fails(
                name,
                &arguments,
                codes::BAD_CERTIFICATE,
                "is no X.509 certificate",
            );
        }
    }
    gives("IsCert", &[i(1)], b(false));
    gives("IsCert", &[ABSENT], b(false));
    fails("CertVersion", &[i(1)], codes::WRONG_TYPE, "");
}

#[test]
fn no_damage_breaks_a_function() {
    let whole = der();
    let mut readable = 0;
    for at in 0..whole.len() {
        for change in [1u8, 0x80, 0xFF] {
            let mut damaged = whole.clone();
            damaged[at] ^= change;
            let bump = Bump::new();
            for (name, arguments) in calls(Value::Binary(&damaged)) {
                match call(&bump, name, &arguments) {
                    Ok(_) => readable += 1,
                    Err(failure) => assert!(
                        [codes::BAD_CERTIFICATE, codes::OVERFLOW].contains(&failure.code),
                        "{name}: {}",
                        failure.message
                    ),
                }
            }
        }
        gives("IsCert", &[Value::Binary(&whole[..at])], b(false));
    }
    assert!(
        readable > whole.len(),
        "damage in texts and keys leaves a certificate"
    );
}
