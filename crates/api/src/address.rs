//! Addresses that somebody names: read once, refused with what would be right.

use model::{HookUrl, PlainHttp, Problem, UrlChange, UrlFault, sentence};

/// An address and what was mended in it, or a problem at `place` with its fix.
pub(crate) fn read(text: &str, place: &str, plain: PlainHttp) -> Result<(HookUrl, Vec<UrlChange>), Problem> {
    HookUrl::read(text, plain)
        .map_err(|fault| Problem::new(fault.code(), sentence(fault)).at(place).fix(fix(fault)))
}

fn fix(fault: UrlFault) -> &'static str {
    match fault {
        UrlFault::MissingScheme => "Write the whole address, beginning with https://.",
        UrlFault::SchemeNotAllowed => "Use https://; http:// needs a server started with --dev.",
        UrlFault::UserInfo => {
            "Take user name and password out of the URL and put them where the credentials belong."
        }
        UrlFault::Fragment => "Take out the # and what follows: it is never sent.",
        UrlFault::BadPort => "Use a port from 1 to 65535, or none for 443.",
        UrlFault::BadHost => "Check the name of the host.",
        UrlFault::Homograph => "Type the host anew, in letters of one script; copied text may hold others.",
        UrlFault::PrivateAddress => "Use a public address, or have the operator allow the network.",
    }
}
