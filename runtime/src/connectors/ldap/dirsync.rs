//! The DirSync control ([MS-ADTS] 3.1.1.3.4.1.3): what changed since a cookie.

use ldap3::Scope;
use ldap3::controls::RawControl;

use super::ber::{Decoder, integer, octets, sequence};
use super::entry::Entry;
use super::session::{Request, Session, control_value};
use crate::error::Error;

const DIRSYNC: &str = "1.2.840.113556.1.4.841";
/// What the user may see, instead of everything for those who may replicate.
const OBJECT_SECURITY: i32 = 0x0000_0001;
/// Values of links that came and went, instead of all values.
const INCREMENTAL_VALUES: i32 = i32::MIN;
/// No entry is like this.
const NOTHING: &str =
    "(objectGUID=\\00\\00\\00\\00\\00\\00\\00\\00\\00\\00\\00\\00\\00\\00\\00\\00)";

/// How a server answered.
pub enum Answer {
    /// With a new cookie, and whether there is more.
    Page {
        /// Where the next request begins.
        cookie: Vec<u8>,
        /// There is more at once.
        more: bool,
    },
    /// Not: we have not the right, or it does not know this cookie, or DirSync at all.
    Refused,
}

/// Asks for the next changes of a naming context.
pub async fn page(
    session: &mut Session,
    request: Request<'_>,
    object_security: bool,
    cookie: &[u8],
    take: &mut (dyn FnMut(Entry) -> Result<(), Error> + Send),
) -> Result<Answer, Error> {
    let flags = INCREMENTAL_VALUES | if object_security { OBJECT_SECURITY } else { 0 };
    let value = sequence(&[integer(flags), integer(i32::MAX), octets(cookie)]);
    let control = RawControl {
        ctype: DIRSYNC.to_owned(),
        crit: true,
        val: Some(value),
    };
    let result = session.search(request, vec![control], take).await?;
    match result.rc {
        0 => {}
        1 | 2 | 12 | 50 | 53 | 80 => return Ok(Answer::Refused),
        _ => return Err(session.refused(request.base, &result)),
    }
    let answer = control_value(&result, DIRSYNC).and_then(|value| {
        let mut fields = Decoder(value).sequence()?;
        let more = fields.integer()? != 0;
        fields.integer()?;
        Some(Answer::Page {
            cookie: fields.octets()?.to_vec(),
            more,
        })
    });
    Ok(answer.unwrap_or(Answer::Refused))
}

/// A cookie for what will change from now on.
pub async fn now(
    session: &mut Session,
    context: &str,
    object_security: bool,
) -> Result<Answer, Error> {
    let request = Request {
        base: context,
        scope: Scope::Subtree,
        filter: NOTHING,
        attributes: &["1.1"],
    };
    let mut at = Vec::new();
    loop {
        match page(session, request, object_security, &at, &mut |_| Ok(())).await? {
            Answer::Page { cookie, more: true } if cookie != at => at = cookie,
            answer => return Ok(answer),
        }
    }
}
