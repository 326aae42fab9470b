//! X.509 certificates: bytes in DER, or a text with their Base64 form, PEM marks allowed.
//!
//! The names follow the .NET accessors behind the functions of Azure AD Connect. Where their description is
//! silent: `CertIssuer` and `CertSubject` list a name in the order of the certificate, the `…DN` forms the
//! most specific part first; `CertIssuerOid` and `CertSubjectNameOid` give the type of that most specific
//! part; times are UTC; an alias belongs to a certificate store and is "" for a bare certificate.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use sha1::{Digest, Sha1};
use x509_parser::asn1_rs::{Any, Oid, Tag, ToDer};
use x509_parser::certificate::X509Certificate;
use x509_parser::extensions::{GeneralName, ParsedExtension};
use x509_parser::prelude::FromDer;
use x509_parser::x509::X509Name;

use super::arguments::{described, get, word, wrong_type};
use super::parameters::one;
use super::{
    Absence, Body, Context, Effect, Failure, Function, Kind, Length, Parameter, Shape, codes,
};
use crate::notation::time::{SECOND, is_calendar};
use crate::value::Value;

const NAMES: Kind = Kind::Word(&[
    "SimpleName",
    "EmailName",
    "UpnName",
    "DnsName",
    "DnsFromAlternativeName",
    "UrlName",
]);

const CERTIFICATE: &[Parameter] = &[one("certificate", Kind::TextOrBinary)];

/// Seconds from 1601, where ticks begin, to 1970.
const EPOCH: i64 = 11_644_473_600;

/// A call with the certificate of the examples.
macro_rules! of {
    ($name:literal) => {
        of!($name, "")
    };
    ($name:literal, $rest:literal) => {
        concat!(
            $name,
            "(\"",
            include_str!("certificate.b64"),
            "\"",
            $rest,
            ")"
        )
    };
}

type Examples = &'static [(&'static str, &'static str)];

pub(super) static FUNCTIONS: &[Function] = &[
    Function {
        absence: Absence::Never,
        ..about(
            "IsCert",
            "Whether bytes, or a text in Base64, are an X.509 certificate.",
            Kind::Bool,
            Absence::Never,
            &[
                (of!("IsCert"), "true"),
                ("IsCert(\"no certificate\")", "false"),
                ("IsCert(null)", "false"),
            ],
            is_cert,
        )
    },
    about(
        "CertVersion",
        "The version of a certificate.",
        Kind::Text,
        Absence::Strict,
        &[(of!("CertVersion"), "\"3\""), ("CertVersion(null)", "null")],
        |a, c| {
            read(a, c, |cert, c| {
                Ok(c.text(&u64::from(cert.version().0).saturating_add(1).to_string()))
            })
        },
    ),
    about(
        "CertFormat",
        "The name of a certificate's format.",
        Kind::Text,
        Absence::Strict,
        &[
            (of!("CertFormat"), "\"X509\""),
            ("CertFormat(null)", "null"),
        ],
        |a, c| read(a, c, |_, _| Ok(Value::Text("X509"))),
    ),
    about(
        "CertFriendlyName",
        "The alias of a certificate, which belongs to a store: always \"\".",
        Kind::Text,
        Absence::Strict,
        &[
            (of!("CertFriendlyName"), "\"\""),
            ("CertFriendlyName(null)", "null"),
        ],
        |a, c| read(a, c, |_, _| Ok(Value::Text(""))),
    ),
    about(
        "CertThumbprint",
        "The SHA-1 of a certificate, as hexadecimal digits in upper case.",
        Kind::Text,
        Absence::Strict,
        &[
            (
                of!("CertThumbprint"),
                "\"61EA4620BD91DD2B1079B02F9C2F31CFFC9FCF1E\"",
            ),
            ("CertThumbprint(null)", "null"),
        ],
        thumbprint,
    ),
    about(
        "CertHashString",
        "The same as `CertThumbprint`.",
        Kind::Text,
        Absence::Strict,
        &[
            (
                of!("CertHashString"),
                "\"61EA4620BD91DD2B1079B02F9C2F31CFFC9FCF1E\"",
            ),
            ("CertHashString(null)", "null"),
        ],
        thumbprint,
    ),
    about(
        "CertSerialNumber",
        "The serial number of a certificate, as hexadecimal digits in upper case.",
        Kind::Text,
        Absence::Strict,
        &[
            (of!("CertSerialNumber"), "\"1A2B3C4D\""),
            ("CertSerialNumber(null)", "null"),
        ],
        |a, c| {
            read(a, c, |cert, c| {
                Ok(c.text(&hex::encode_upper(cert.raw_serial())))
            })
        },
    ),
    about(
        "CertNotBefore",
        "The instant from which a certificate is valid.",
        Kind::Time,
        Absence::Strict,
        &[
            (of!("CertNotBefore"), "time \"2026-01-01T00:00:00Z\""),
            ("CertNotBefore(null)", "null"),
        ],
        |a, c| {
            read(a, c, |cert, _| {
                instant(cert.validity().not_before.timestamp())
            })
        },
    ),
    about(
        "CertNotAfter",
        "The instant up to which a certificate is valid.",
        Kind::Time,
        Absence::Strict,
        &[
            (of!("CertNotAfter"), "time \"2036-01-01T00:00:00Z\""),
            ("CertNotAfter(null)", "null"),
        ],
        |a, c| {
            read(a, c, |cert, _| {
                instant(cert.validity().not_after.timestamp())
            })
        },
    ),
    about(
        "CertIssuer",
        "The name of a certificate's issuer, in the order of the certificate.",
        Kind::Text,
        Absence::Strict,
        &[
            (of!("CertIssuer"), "\"C=SE, O=Contoso, CN=Contoso CA\""),
            ("CertIssuer(null)", "null"),
        ],
        |a, c| read(a, c, |cert, c| Ok(c.text(&parts(cert.issuer()).join(", ")))),
    ),
    about(
        "CertIssuerDN",
        "The name of a certificate's issuer, the most specific part first.",
        Kind::Text,
        Absence::Strict,
        &[
            (of!("CertIssuerDN"), "\"CN=Contoso CA, O=Contoso, C=SE\""),
            ("CertIssuerDN(null)", "null"),
        ],
        |a, c| read(a, c, |cert, c| Ok(c.text(&reversed(cert.issuer())))),
    ),
    about(
        "CertIssuerOid",
        "The object identifier of the most specific part of a certificate's issuer.",
        Kind::Text,
        Absence::StrictOrAbsent,
        &[
            (of!("CertIssuerOid"), "\"2.5.4.3\""),
            ("CertIssuerOid(null)", "null"),
        ],
        |a, c| read(a, c, |cert, c| Ok(kind_of(cert.issuer(), c))),
    ),
    about(
        "CertSubject",
        "The name of a certificate's subject, in the order of the certificate.",
        Kind::Text,
        Absence::Strict,
        &[
            (
                of!("CertSubject"),
                "\"C=SE, O=\\\"Contoso, Ltd.\\\", CN=Ann Lee\"",
            ),
            ("CertSubject(null)", "null"),
        ],
        |a, c| {
            read(
                a,
                c,
                |cert, c| Ok(c.text(&parts(cert.subject()).join(", "))),
            )
        },
    ),
    about(
        "CertSubjectNameDN",
        "The name of a certificate's subject, the most specific part first.",
        Kind::Text,
        Absence::Strict,
        &[
            (
                of!("CertSubjectNameDN"),
                "\"CN=Ann Lee, O=\\\"Contoso, Ltd.\\\", C=SE\"",
            ),
            ("CertSubjectNameDN(null)", "null"),
        ],
        |a, c| read(a, c, |cert, c| Ok(c.text(&reversed(cert.subject())))),
    ),
    about(
        "CertSubjectNameOid",
        "The object identifier of the most specific part of a certificate's subject.",
        Kind::Text,
        Absence::StrictOrAbsent,
        &[
            (of!("CertSubjectNameOid"), "\"2.5.4.3\""),
            ("CertSubjectNameOid(null)", "null"),
        ],
        |a, c| read(a, c, |cert, c| Ok(kind_of(cert.subject(), c))),
    ),
    about(
        "CertKeyAlgorithm",
        "The object identifier of a certificate's key algorithm.",
        Kind::Text,
        Absence::Strict,
        &[
            (of!("CertKeyAlgorithm"), "\"1.2.840.10045.2.1\""),
            ("CertKeyAlgorithm(null)", "null"),
        ],
        key_algorithm,
    ),
    about(
        "CertPublicKeyOid",
        "The object identifier of a certificate's public key.",
        Kind::Text,
        Absence::Strict,
        &[
            (of!("CertPublicKeyOid"), "\"1.2.840.10045.2.1\""),
            ("CertPublicKeyOid(null)", "null"),
        ],
        key_algorithm,
    ),
    about(
        "CertKeyAlgorithmParams",
        "The parameters of a certificate's key algorithm, as hexadecimal digits in upper case; absent if there are none.",
        Kind::Text,
        Absence::StrictOrAbsent,
        &[
            (of!("CertKeyAlgorithmParams"), "\"06082A8648CE3D030107\""),
            ("CertKeyAlgorithmParams(null)", "null"),
        ],
        |a, c| {
            read(a, c, |cert, c| {
                let parameters = cert.public_key().algorithm.parameters.as_ref();
                let bytes = parameters.and_then(|parameters| parameters.to_der_vec().ok());
                Ok(bytes.map_or(Value::Absent, |bytes| c.text(&hex::encode_upper(bytes))))
            })
        },
    ),
    about(
        "CertPublicKeyParametersOid",
        "The object identifier that is the parameter of a certificate's public key, such as a curve; absent if it is none.",
        Kind::Text,
        Absence::StrictOrAbsent,
        &[
            (of!("CertPublicKeyParametersOid"), "\"1.2.840.10045.3.1.7\""),
            ("CertPublicKeyParametersOid(null)", "null"),
        ],
        |a, c| {
            read(a, c, |cert, c| {
                let parameters = cert.public_key().algorithm.parameters.clone();
                let oid = parameters.and_then(|parameters| parameters.oid().ok());
                Ok(oid.map_or(Value::Absent, |oid| c.text(&oid.to_id_string())))
            })
        },
    ),
    about(
        "CertSignatureAlgorithmOid",
        "The object identifier of the algorithm that signed a certificate.",
        Kind::Text,
        Absence::Strict,
        &[
            (of!("CertSignatureAlgorithmOid"), "\"1.2.840.10045.4.3.2\""),
            ("CertSignatureAlgorithmOid(null)", "null"),
        ],
        |a, c| {
            read(a, c, |cert, c| {
                Ok(c.text(&cert.signature_algorithm.algorithm.to_id_string()))
            })
        },
    ),
    Function {
        result: Shape::Many(Kind::Text),
        ..about(
            "CertExtensionOids",
            "The object identifiers of a certificate's critical extensions.",
            Kind::Text,
            Absence::StrictOrAbsent,
            &[
                (of!("CertExtensionOids"), "[\"2.5.29.15\", \"2.5.29.19\"]"),
                ("CertExtensionOids(null)", "null"),
            ],
            |a, c| {
                read(a, c, |cert, c| {
                    let critical = cert
                        .extensions()
                        .iter()
                        .filter(|extension| extension.critical);
                    let oids = critical.map(|extension| c.text(&extension.oid.to_id_string()));
                    Ok(Value::list(c.bump, oids))
                })
            },
        )
    },
    Function {
        parameters: &[
            one("certificate", Kind::TextOrBinary),
            one("kind", NAMES),
            one("issuer", Kind::Bool),
        ],
        ..about(
            "CertNameInfo",
            "A name of a certificate's subject, or of its issuer; absent if it has none of the kind.",
            Kind::Text,
            Absence::StrictOrAbsent,
            &[
                (
                    of!("CertNameInfo", ", \"SimpleName\", false"),
                    "\"Ann Lee\"",
                ),
                (
                    of!("CertNameInfo", ", \"SimpleName\", true"),
                    "\"Contoso CA\"",
                ),
                (
                    of!("CertNameInfo", ", \"UpnName\", false"),
                    "\"ann.lee@contoso.com\"",
                ),
                (
                    of!("CertNameInfo", ", \"EmailName\", false"),
                    "\"ann@contoso.com\"",
                ),
                (
                    of!("CertNameInfo", ", \"DnsName\", false"),
                    "\"ann.contoso.com\"",
                ),
                (
                    of!("CertNameInfo", ", \"UrlName\", false"),
                    "\"https://contoso.com/ann\"",
                ),
                (of!("CertNameInfo", ", \"UpnName\", true"), "null"),
            ],
            name_info,
        )
    },
];

/// A function of a certificate alone.
const fn about(
    name: &'static str,
    summary: &'static str,
    result: Kind,
    absence: Absence,
    examples: Examples,
    body: Body,
) -> Function {
    Function {
        name,
        summary,
        parameters: CERTIFICATE,
        result: Shape::One(result),
        length: Length::Unknown,
        absence,
        effect: Effect::Pure,
        examples,
        body,
    }
}

/// Gives the certificate that is argument 0 to `look`.
fn read<'a>(
    arguments: &[Value<'a>],
    context: &Context<'a>,
    look: impl Fn(&X509Certificate<'_>, &Context<'a>) -> Result<Value<'a>, Failure>,
) -> Result<Value<'a>, Failure> {
    let value = get(arguments, 0);
    let bytes = der(value)?;
    match bytes.as_deref().and_then(parse) {
        Some(certificate) => look(&certificate, context),
        None => Err(Failure::new(
            codes::BAD_CERTIFICATE,
            format!(
                "`{}` is no X.509 certificate: `IsCert` asks whether it is one",
                described(value)
            ),
        )),
    }
}

fn parse(der: &[u8]) -> Option<X509Certificate<'_>> {
    match X509Certificate::from_der(der) {
        Ok(([], certificate)) => Some(certificate),
        _ => None,
    }
}

/// The bytes of a certificate; `None` where a text is not Base64.
fn der(value: Value<'_>) -> Result<Option<std::borrow::Cow<'_, [u8]>>, Failure> {
    match value {
        Value::Binary(bytes) => Ok(Some(bytes.into())),
        Value::Text(text) => {
            let body = text
                .lines()
                .filter(|line| !line.trim_start().starts_with("-----"));
            let compact: String = body.flat_map(str::split_whitespace).collect();
            Ok(STANDARD.decode(compact).ok().map(Into::into))
        }
        other => Err(wrong_type(other, 0, "a binary, or a text in Base64")),
    }
}

fn is_cert<'a>(arguments: &[Value<'a>], _: &Context<'a>) -> Result<Value<'a>, Failure> {
    let bytes = der(get(arguments, 0)).ok().flatten();
    Ok(Value::Bool(bytes.as_deref().and_then(parse).is_some()))
}

fn thumbprint<'a>(arguments: &[Value<'a>], context: &Context<'a>) -> Result<Value<'a>, Failure> {
    read(arguments, context, |certificate, context| {
        Ok(context.text(&hex::encode_upper(Sha1::digest(certificate.as_raw()))))
    })
}

fn key_algorithm<'a>(arguments: &[Value<'a>], context: &Context<'a>) -> Result<Value<'a>, Failure> {
    read(arguments, context, |certificate, context| {
        Ok(context.text(&certificate.public_key().algorithm.algorithm.to_id_string()))
    })
}

fn instant<'a>(seconds: i64) -> Result<Value<'a>, Failure> {
    let ticks = seconds
        .checked_add(EPOCH)
        .and_then(|seconds| seconds.checked_mul(SECOND));
    match ticks.filter(|ticks| is_calendar(*ticks)) {
        Some(ticks) => Ok(Value::Time(ticks)),
        None => Err(Failure::new(
            codes::OVERFLOW,
            "a time of the certificate is outside of the years 1 to 9999",
        )),
    }
}

/// `CN=Ann Lee`, …
fn parts(name: &X509Name<'_>) -> Vec<String> {
    let attributes = name.iter_attributes();
    let parts = attributes.map(|attribute| {
        let value = shown(attribute.attr_value());
        let special =
            value.contains([',', '+', '=', '"', '\n', '<', '>', '#', ';']) || value != value.trim();
        match special {
            true => format!(
                "{}=\"{}\"",
                label(attribute.attr_type()),
                value.replace('"', "\"\"")
            ),
            false => format!("{}={value}", label(attribute.attr_type())),
        }
    });
    parts.collect()
}

fn reversed(name: &X509Name<'_>) -> String {
    let mut parts = parts(name);
    parts.reverse();
    parts.join(", ")
}

fn kind_of<'a>(name: &X509Name<'_>, context: &Context<'a>) -> Value<'a> {
    let last = name.iter_attributes().last();
    last.map_or(Value::Absent, |last| {
        context.text(&last.attr_type().to_id_string())
    })
}

/// The text of a name's value, or its bytes where it is none.
fn shown(value: &Any<'_>) -> String {
    let text = match value.tag() {
        Tag::BmpString => {
            let units = value
                .data
                .chunks(2)
                .map(|pair| pair.try_into().ok().map(u16::from_be_bytes));
            let units: Option<Vec<u16>> = units.collect();
            units.and_then(|units| String::from_utf16(&units).ok())
        }
        Tag::T61String => Some(value.data.iter().map(|byte| char::from(*byte)).collect()),
        _ => std::str::from_utf8(value.data).ok().map(str::to_owned),
    };
    text.unwrap_or_else(|| format!("#{}", hex::encode(value.data)))
}

fn label(oid: &Oid<'_>) -> String {
    let oid = oid.to_id_string();
    let known = match oid.as_str() {
        "2.5.4.3" => "CN",
        "2.5.4.4" => "SN",
        "2.5.4.5" => "SERIALNUMBER",
        "2.5.4.6" => "C",
        "2.5.4.7" => "L",
        "2.5.4.8" => "S",
        "2.5.4.9" => "STREET",
        "2.5.4.10" => "O",
        "2.5.4.11" => "OU",
        "2.5.4.12" => "T",
        "2.5.4.42" => "G",
        "1.2.840.113549.1.9.1" => "E",
        "0.9.2342.19200300.100.1.25" => "DC",
        "0.9.2342.19200300.100.1.1" => "UID",
        _ => return format!("OID.{oid}"),
    };
    known.to_owned()
}

fn name_info<'a>(arguments: &[Value<'a>], context: &Context<'a>) -> Result<Value<'a>, Failure> {
    let kind = word(arguments, 1, NAMES)?.unwrap_or_default();
    let of_issuer = get(arguments, 2).is_true();
    read(arguments, context, |certificate, context| {
        let name = if of_issuer {
            certificate.issuer()
        } else {
            certificate.subject()
        };
        let part = |oid: &str| {
            let mut attributes = name.iter_attributes();
            attributes
                .find(|attribute| attribute.attr_type().to_id_string() == oid)
                .map(|attribute| shown(attribute.attr_value()))
        };
        let (common_name, mail) = ("2.5.4.3", "1.2.840.113549.1.9.1");
        let alternative = |kind: &str| alternative(certificate, kind, of_issuer);
        let found = match kind {
            "EmailName" => alternative("EmailName").or_else(|| part(mail)),
            "UpnName" | "UrlName" | "DnsFromAlternativeName" => alternative(kind),
            "DnsName" => alternative("DnsFromAlternativeName").or_else(|| part(common_name)),
            _ => [common_name, "2.5.4.11", "2.5.4.10", mail]
                .into_iter()
                .find_map(part)
                .or_else(|| alternative("EmailName"))
                .or_else(|| alternative("DnsFromAlternativeName")),
        };
        Ok(found.map_or(Value::Absent, |found| context.text(&found)))
    })
}

/// The first alternative name of a kind.
fn alternative(certificate: &X509Certificate<'_>, kind: &str, of_issuer: bool) -> Option<String> {
    let names = certificate.extensions().iter().find_map(|extension| {
        match extension.parsed_extension() {
            ParsedExtension::SubjectAlternativeName(names) if !of_issuer => {
                Some(&names.general_names)
            }
            ParsedExtension::IssuerAlternativeName(names) if of_issuer => {
                Some(&names.general_names)
            }
            _ => None,
        }
    })?;
    names.iter().find_map(|name| match (kind, name) {
        ("EmailName", GeneralName::RFC822Name(text))
        | ("DnsFromAlternativeName", GeneralName::DNSName(text))
        | ("UrlName", GeneralName::URI(text)) => Some((*text).to_owned()),
        ("UpnName", GeneralName::OtherName(oid, value))
            if oid.to_id_string() == "1.3.6.1.4.1.311.20.2.3" =>
        {
            user_principal_name(value)
        }
        _ => None,
    })
}

/// The text in `[0] EXPLICIT UTF8String`.
fn user_principal_name(value: &[u8]) -> Option<String> {
    let (_, outer) = Any::from_der(value).ok()?;
    let inner = match outer.tag() {
        Tag::Utf8String => outer,
        _ => Any::from_der(outer.data).ok()?.1,
    };
    std::str::from_utf8(inner.data).ok().map(str::to_owned)
}
