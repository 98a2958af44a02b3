//! A destination address that cannot be malformed.
//!
//! Only the shape is judged here. Where it leads is judged by
//! `delivery::egress` on the resolved addresses, at every attempt.

use serde::{Deserialize, Serialize};
use url::{Host, Url};

use crate::{Code, homograph};

/// An `http` or `https` URL without user info and fragment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct HookUrl(Url);

/// What sanitising took out of a URL.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum UrlChange {
    /// Space around it.
    Trimmed,
    /// Tabs inside.
    RemovedTab,
    /// Line ends inside.
    RemovedLineEnd,
    /// Spaces inside.
    RemovedSpace,
}

/// Why a URL cannot be a destination.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum UrlFault {
    /// It does not say how to connect.
    #[error("the URL has no scheme such as https://")]
    MissingScheme,
    /// Neither `https` nor, where allowed, `http`.
    #[error("the URL's scheme is not https")]
    SchemeNotAllowed,
    /// It carries credentials.
    #[error("the URL contains a user name or password")]
    UserInfo,
    /// It has a part that is never sent.
    #[error("the URL contains a fragment")]
    Fragment,
    /// A port that cannot be connected to.
    #[error("the URL's port is not a number from 1 to 65535")]
    BadPort,
    /// No host, or not one that can be resolved.
    #[error("the URL's host is not a name or an address")]
    BadHost,
    /// A host that is written to look like another.
    #[error("the URL's host mixes letters that look alike")]
    Homograph,
    /// An address that is not on the public network.
    #[error("the URL leads to a private address")]
    PrivateAddress,
}

impl UrlFault {
    fn of(fault: url::ParseError) -> Self {
        if fault == url::ParseError::RelativeUrlWithoutBase {
            UrlFault::MissingScheme
        } else if fault == url::ParseError::InvalidPort {
            UrlFault::BadPort
        } else {
            UrlFault::BadHost
        }
    }

    /// The problem code of the fault.
    #[must_use]
    pub const fn code(self) -> Code {
        match self {
            UrlFault::MissingScheme => Code::UrlMissingScheme,
            UrlFault::SchemeNotAllowed => Code::UrlSchemeNotAllowed,
            UrlFault::UserInfo => Code::UrlUserinfo,
            UrlFault::Fragment => Code::UrlFragment,
            UrlFault::BadPort => Code::UrlBadPort,
            UrlFault::BadHost => Code::UrlBadHost,
            UrlFault::Homograph => Code::UrlHomograph,
            UrlFault::PrivateAddress => Code::UrlPrivateAddress,
        }
    }
}

impl HookUrl {
    /// Sanitises and reads a URL; says what was taken out.
    ///
    /// # Errors
    /// The first fault of the URL.
    pub fn read(text: &str, plain_http: PlainHttp) -> Result<(HookUrl, Vec<UrlChange>), UrlFault> {
        // Parsers disagree about a backslash, and about a space before the path.
        let authority = text
            .trim()
            .split_once("://")
            .map_or("", |(_, rest)| rest.split(['/', '?', '#']).next().unwrap_or(""));
        if text.contains('\\') || authority.contains(' ') {
            return Err(UrlFault::BadHost);
        }
        let (clean, changes) = sanitise(text);
        let url = Url::parse(&clean).map_err(UrlFault::of)?;
        check(&url, plain_http)?;
        Ok((HookUrl(url), changes))
    }

    /// The URL.
    #[must_use]
    pub fn as_url(&self) -> &Url {
        &self.0
    }

    /// Whether the call goes over TLS.
    #[must_use]
    pub fn is_tls(&self) -> bool {
        self.0.scheme() == "https"
    }

    /// The host, as a name or an address: judge this, never the text.
    #[must_use]
    pub fn host(&self) -> Host<&str> {
        self.0.host().unwrap_or(Host::Domain(""))
    }

    /// The address of something below this one: `Patient/1`, `Observation?code=1`.
    ///
    /// # Errors
    /// What is below cannot be an address.
    pub fn below(&self, rest: &str) -> Result<HookUrl, UrlFault> {
        let text = format!("{}/{rest}", self.0.as_str().trim_end_matches('/'));
        let url = Url::parse(&text).map_err(UrlFault::of)?;
        check(&url, PlainHttp::Allowed).map(|()| HookUrl(url))
    }

    /// Where a link leads that this address answered: absolute or relative to it.
    ///
    /// # Errors
    /// The link leads to no address, or to another server than this one.
    pub fn follow(&self, link: &str) -> Result<HookUrl, UrlFault> {
        let url = self.0.join(link).map_err(UrlFault::of)?;
        check(&url, PlainHttp::Allowed)?;
        if url.origin() == self.0.origin() { Ok(HookUrl(url)) } else { Err(UrlFault::BadHost) }
    }

    /// The port, with the scheme's default.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.0.port_or_known_default().unwrap_or(443)
    }
}

/// Whether `http://` may be a destination.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PlainHttp {
    /// It may: `--dev`.
    Allowed,
    /// It may not.
    Refused,
}

fn check(url: &Url, plain_http: PlainHttp) -> Result<(), UrlFault> {
    match (url.scheme(), plain_http) {
        ("https", _) | ("http", PlainHttp::Allowed) => {}
        _ => return Err(UrlFault::SchemeNotAllowed),
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(UrlFault::UserInfo);
    }
    if url.fragment().is_some() {
        return Err(UrlFault::Fragment);
    }
    if url.port() == Some(0) {
        return Err(UrlFault::BadPort);
    }
    match url.host() {
        Some(Host::Domain(name)) if homograph::is_homograph(name) => Err(UrlFault::Homograph),
        Some(Host::Domain(name)) if !name.trim_end_matches('.').is_empty() => Ok(()),
        Some(Host::Ipv4(_) | Host::Ipv6(_)) => Ok(()),
        Some(Host::Domain(_)) | None => Err(UrlFault::BadHost),
    }
}

fn sanitise(text: &str) -> (String, Vec<UrlChange>) {
    let trimmed = text.trim();
    let mut changes = Vec::new();
    let mut note = |change, is_there: bool| {
        if is_there {
            changes.push(change);
        }
    };
    note(UrlChange::Trimmed, trimmed.len() < text.len());
    note(UrlChange::RemovedTab, trimmed.contains('\t'));
    note(UrlChange::RemovedLineEnd, trimmed.contains(['\r', '\n']));
    note(UrlChange::RemovedSpace, trimmed.contains(|c: char| c.is_whitespace() && !"\t\r\n".contains(c)));
    (trimmed.chars().filter(|c| !c.is_whitespace()).collect(), changes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn white_space_is_taken_out_and_told() {
        let (url, changes) = HookUrl::read("  https://a.example/\thook \n", PlainHttp::Refused).unwrap();
        assert_eq!(url.as_url().as_str(), "https://a.example/hook");
        assert_eq!(changes, [UrlChange::Trimmed, UrlChange::RemovedTab]);
    }

    #[test]
    fn a_link_is_followed_on_its_own_server_only() {
        let (base, _) = HookUrl::read("https://ehr.example/fhir/r4/", PlainHttp::Refused).unwrap();
        let page = base.below("Observation?_count=2").unwrap();
        assert_eq!(page.as_url().as_str(), "https://ehr.example/fhir/r4/Observation?_count=2");
        assert_eq!(
            page.follow("?page=2").unwrap().as_url().as_str(),
            "https://ehr.example/fhir/r4/Observation?page=2"
        );
        assert!(page.follow("https://ehr.example:443/other?page=2").is_ok());
        for elsewhere in
            ["https://evil.example/", "//evil.example/x", "http://ehr.example/", "https://ehr.example:444/"]
        {
            assert_eq!(page.follow(elsewhere).err(), Some(UrlFault::BadHost), "{elsewhere}");
        }
        for wrong in ["file:///etc/passwd", "https://me@ehr.example/"] {
            assert!(page.follow(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn each_malformed_address_is_refused_for_its_own_reason() {
        for (text, fault) in [
            ("a.example/hook", UrlFault::MissingScheme),
            ("ftp://a.example/", UrlFault::SchemeNotAllowed),
            ("http://a.example/", UrlFault::SchemeNotAllowed),
            ("https://user@a.example/", UrlFault::UserInfo),
            ("https://a.example/#x", UrlFault::Fragment),
            ("https://a.example:99999/", UrlFault::BadPort),
            ("https://a.example:0/", UrlFault::BadPort),
            ("https:///", UrlFault::BadHost),
            ("https://exa mple.com/", UrlFault::BadHost),
            (r"https://a.example\@127.0.0.1/", UrlFault::BadHost),
            ("https://\u{430}pple.com/", UrlFault::Homograph),
            ("https://xn--pple-43d.com/", UrlFault::Homograph),
        ] {
            assert_eq!(HookUrl::read(text, PlainHttp::Refused).map(|_| ()), Err(fault), "{text}");
        }
    }
}
