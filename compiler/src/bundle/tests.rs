use std::sync::LazyLock;

use proptest::prelude::*;

use super::*;

const RULES: &str = r#"connector corp : ad

metaverse person {
  displayName : string(256)
  objectSid   : sid  indexed
}

rule "In" {
  from       corp.user
  to         person
  precedence 100
  link       provision
  scope      cn is present
  join       objectSid == person.objectSid
  flow {
    objectSid
    displayName <- displayName ?? cn
  }
}
"#;
const KEY: &[u8] = include_bytes!("../../../cli/tests/cli/keys/test-key.pem");
const PUBLIC: &[u8] = include_bytes!("../../../cli/tests/cli/keys/test-key.pub.pem");
const OTHER: &[u8] = include_bytes!("../../../cli/tests/cli/keys/other-test-key.pub.pem");

fn built() -> Bundle {
    let mut sources = Sources::default();
    sources.add("a.trib", RULES);
    let checked = crate::check::check(&mut sources);
    Bundle::build(&checked, &sources).unwrap()
}

fn signed() -> Bundle {
    let mut bundle = built();
    bundle.sign(&SigningKey::from_pem(KEY).unwrap());
    bundle
}

#[test]
fn a_bundle_says_what_it_was_made_from() {
    let bundle = Bundle::from_bytes(&built().to_bytes()).unwrap();
    assert_eq!(bundle, built());
    let [source] = bundle.contents.sources.as_slice() else {
        panic!("one file");
    };
    assert_eq!(
        (source.path.as_str(), source.sha256.as_str()),
        ("a.trib", sha256(RULES.as_bytes()).as_str())
    );
    let [schema] = bundle.contents.schemas.as_slice() else {
        panic!("one connector");
    };
    assert_eq!((schema.connector.as_str(), &schema.file), ("corp", &None));
}

#[test]
fn only_the_right_key_will_do() {
    let key = PublicKey::from_pem(PUBLIC).unwrap();
    let other = PublicKey::from_pem(OTHER).unwrap();
    let bundle = Bundle::from_bytes(&signed().to_bytes()).unwrap();
    assert_eq!(bundle.verify(&key), Ok(()));
    assert_eq!(
        bundle.verify(&other),
        Err("the bundle is signed by another key".to_owned())
    );
    assert_eq!(
        built().verify(&key),
        Err("the bundle is not signed".to_owned())
    );
    // The signature of other contents.
    let mut moved = built();
    moved.contents.compiler = "9".to_owned();
    moved.hash = sha256(&covered(&moved.contents));
    moved.signature = signed().signature;
    assert!(moved.verify(&key).unwrap_err().contains("damaged"));
    assert!(Bundle::from_bytes(&moved.to_bytes()).is_err());
}

#[test]
fn keys_of_other_kinds_are_refused_in_words() {
    let refused = |error: Result<SigningKey, String>| error.err().unwrap();
    assert!(refused(SigningKey::from_pem(PUBLIC)).contains("holds a public key"));
    assert!(refused(SigningKey::from_pem(b"hello")).contains("holds no private key"));
    assert!(
        PublicKey::from_pem(KEY)
            .unwrap_err()
            .contains("holds a private key")
    );
    let cut = &PUBLIC[..40];
    assert!(PublicKey::from_pem(cut).is_err());
    let short = b"-----BEGIN PUBLIC KEY-----\nMCowBQYDK2VwAyEA\n-----END PUBLIC KEY-----\n";
    assert!(
        PublicKey::from_pem(short)
            .unwrap_err()
            .contains("not an Ed25519 key")
    );
}

#[test]
fn what_is_too_deep_or_of_another_format_is_refused() {
    let deep = format!("{{\"trib_bundle\":1,\"contents\":{}", "[".repeat(1 << 20));
    assert!(
        Bundle::from_bytes(deep.as_bytes())
            .unwrap_err()
            .contains("no bundle")
    );
    let newer = br#"{"trib_bundle":2,"anything":"else"}"#;
    assert_eq!(
        Bundle::from_bytes(newer).unwrap_err(),
        "the bundle has format 2, and this program reads format 1: update the program"
    );
    let older = br#"{"trib_bundle":0}"#;
    assert!(
        Bundle::from_bytes(older)
            .unwrap_err()
            .contains("build the bundle again")
    );
}

static BUILT: LazyLock<Vec<u8>> = LazyLock::new(|| built().to_bytes());
static SIGNED: LazyLock<Vec<u8>> = LazyLock::new(|| signed().to_bytes());

#[test]
fn a_signature_has_one_spelling() {
    let text = String::from_utf8(SIGNED.clone()).unwrap();
    let (head, signature) = text.split_once("\"signature\"").unwrap();
    let signature = signature.replace('a', "A").replace('b', "B");
    let signature = signature.replace("vAlue", "value");
    let respelt = format!("{head}\"signature\"{signature}");
    assert_ne!(respelt, text);
    assert!(
        Bundle::from_bytes(respelt.as_bytes())
            .unwrap_err()
            .contains("signature")
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn any_changed_byte_is_refused(at in any::<prop::sample::Index>(), flip in 1u8..=255, sign: bool) {
        let mut bytes = if sign { SIGNED.clone() } else { BUILT.clone() };
        let at = at.index(bytes.len());
        bytes[at] ^= flip;
        prop_assert!(Bundle::from_bytes(&bytes).is_err(), "byte {at}");
    }

    #[test]
    fn any_cut_or_addition_is_refused(at in any::<prop::sample::Index>(), byte: u8) {
        let mut bytes = SIGNED.clone();
        let at = at.index(bytes.len());
        prop_assert!(Bundle::from_bytes(&bytes[..at]).is_err());
        bytes.insert(at, byte);
        prop_assert!(Bundle::from_bytes(&bytes).is_err());
    }
}
