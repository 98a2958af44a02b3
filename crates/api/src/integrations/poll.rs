//! How an integration's FHIR server is read: what a caller may say of it, and what is answered.

use model::{
    AssertionAlgorithm, HookUrl, Kind, PlainHttp, Poll, PollAuth, PollSearch, Problem, Secret, Span,
    Timestamp, limits,
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::address;
use crate::strict::{invalid, missing};

/// A FHIR server that is read.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(as = PollSettings)]
pub(super) struct Wish {
    /// The base URL of its REST interface. Required.
    #[schema(example = "https://ehr.example/fhir")]
    url: Option<String>,
    /// What is asked for again and again, such as `Observation?category=laboratory`; empty: only what notifications
    /// name.
    searches: Option<Vec<String>>,
    /// The shortest time between two rounds, 10 seconds to a day; by default a minute. It slows down by itself.
    #[schema(value_type = Option<String>, example = "1m")]
    every: Option<Span>,
    /// How far each search looks back behind what it has seen, at most a day; by default five minutes.
    #[schema(value_type = Option<String>, example = "5m")]
    overlap: Option<Span>,
    /// Requests in an hour, all searches together, 1 to 36,000; by default 1,200.
    requests_per_hour: Option<u32>,
    /// Where the first search begins; left out, when the integration was made.
    #[schema(value_type = Option<String>)]
    since: Option<Timestamp>,
    /// How we prove that we may ask; secrets that are left out stay.
    auth: Option<AuthWish>,
    /// Certificates, as PEM, to trust instead of the machine's.
    ca: Option<String>,
}

/// How we prove to a FHIR server that we may ask.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(as = PollAuthSettings)]
struct AuthWish {
    /// `none`, `bearer`, `basic` or `smart-backend`.
    kind: String,
    /// Of `bearer`; write-only.
    #[schema(value_type = Option<String>)]
    token: Option<Secret<String>>,
    /// Of `basic`.
    username: Option<String>,
    /// Of `basic`; write-only.
    #[schema(value_type = Option<String>)]
    password: Option<Secret<String>>,
    /// Of `smart-backend`: who we are to the server.
    client_id: Option<String>,
    /// Of `smart-backend`: where tokens are asked for.
    token_url: Option<String>,
    /// Of `smart-backend`; by default `system/*.rs`.
    scope: Option<String>,
    /// Of `smart-backend`: the name of the key in the key set that the server knows.
    key_id: Option<String>,
    /// Of `smart-backend`: `ES384` or `RS384`.
    #[schema(value_type = Option<String>)]
    algorithm: Option<AssertionAlgorithm>,
    /// Of `smart-backend`: the private key as PEM (PKCS #8); write-only.
    #[schema(value_type = Option<String>)]
    private_key: Option<Secret<String>>,
}

impl Wish {
    /// The settings, over what is kept of the secrets.
    pub(super) fn accept(self, kind: &Kind, kept: Option<&Poll>, plain: PlainHttp) -> Result<Poll, Problem> {
        if *kind != Kind::Fhir {
            return Err(invalid("/poll", "Only an integration of the kind fhir has a server that is read."));
        }
        let searches = self.searches.unwrap_or_default();
        if searches.len() > limits::POLL_SEARCHES {
            return Err(invalid("/poll/searches", format!("At most {} searches.", limits::POLL_SEARCHES)));
        }
        let numbered = searches.iter().enumerate();
        let searches = numbered.map(|(at, text)| search(text, at)).collect::<Result<_, _>>()?;
        let url = url(self.url, "/poll/url", plain)?;
        if url.as_url().query().is_some() {
            return Err(invalid("/poll/url", "The base URL of a FHIR server has no query."));
        }
        // Credentials stay with the server that they are for.
        let kept = kept.filter(|kept| kept.url.as_url().origin() == url.as_url().origin());
        Ok(Poll {
            searches,
            every: within(self.every, Span::secs(60), limits::POLL_EVERY, "/poll/every")?,
            overlap: within(
                self.overlap,
                Span::secs(300),
                (std::time::Duration::ZERO, limits::POLL_OVERLAP),
                "/poll/overlap",
            )?,
            requests_per_hour: requests(self.requests_per_hour)?,
            since: self.since,
            auth: self
                .auth
                .map_or(Ok(PollAuth::None), |auth| auth.accept(kept.map(|kept| &kept.auth), plain))?,
            ca: self.ca,
            url,
        })
    }
}

impl AuthWish {
    fn accept(self, kept: Option<&PollAuth>, plain: PlainHttp) -> Result<PollAuth, Problem> {
        match self.kind.as_str() {
            "none" => Ok(PollAuth::None),
            "bearer" => {
                let kept = match kept {
                    Some(PollAuth::Bearer { token }) => Some(token.clone()),
                    _ => None,
                };
                let token = secret(self.token.or(kept), "/poll/auth/token")?;
                if !token.expose().bytes().all(|byte| byte.is_ascii_graphic()) {
                    return Err(invalid("/poll/auth/token", "A token has visible ASCII characters only."));
                }
                Ok(PollAuth::Bearer { token })
            }
            "basic" => {
                let kept = match kept {
                    Some(PollAuth::Basic { password, .. }) => Some(password.clone()),
                    _ => None,
                };
                let username = text(self.username, "/poll/auth/username")?;
                if username.contains(':') {
                    return Err(invalid("/poll/auth/username", "A user name has no colon."));
                }
                let password = secret(self.password.or(kept), "/poll/auth/password")?;
                Ok(PollAuth::Basic { username, password })
            }
            "smart-backend" => self.smart(kept, plain),
            _ => Err(invalid("/poll/auth/kind", "It is none, bearer, basic or smart-backend.")),
        }
    }

    fn smart(self, kept: Option<&PollAuth>, plain: PlainHttp) -> Result<PollAuth, Problem> {
        let kept = match kept {
            Some(PollAuth::SmartBackend { private_key, .. }) => Some(private_key.clone()),
            _ => None,
        };
        let algorithm = self.algorithm.unwrap_or(AssertionAlgorithm::Es384);
        let private_key = secret(self.private_key.or(kept), "/poll/auth/privateKey")?;
        privacy::assertion::sign(algorithm, private_key.expose(), b"").map_err(|unusable| {
            invalid("/poll/auth/privateKey", format!("It is {unusable}."))
                .fix("openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-384 makes one for ES384.")
        })?;
        Ok(PollAuth::SmartBackend {
            client_id: text(self.client_id, "/poll/auth/clientId")?,
            token_url: url(self.token_url, "/poll/auth/tokenUrl", plain)?,
            scope: self
                .scope
                .map_or(Ok("system/*.rs".to_owned()), |scope| text(Some(scope), "/poll/auth/scope"))?,
            key_id: text(self.key_id, "/poll/auth/keyId")?,
            algorithm,
            private_key,
        })
    }
}

fn search(written: &str, at: usize) -> Result<PollSearch, Problem> {
    let place = format!("/poll/searches/{at}");
    let (resource_type, query) = written.split_once('?').unwrap_or((written, ""));
    if !fhir::is_resource_type(resource_type) {
        return Err(invalid(place, "It does not begin with a resource type of FHIR."));
    }
    if query.len() > limits::SEARCH_BYTES || query.contains(|c: char| c == '#' || !c.is_ascii_graphic()) {
        return Err(invalid(place, "The parameters are not URL-encoded, or too long."));
    }
    let ours = ["_lastUpdated", "_sort", "_count", "_offset", "_summary", "_elements", "_format"];
    let names = query.split('&').filter_map(|pair| pair.split(['=', ':']).next());
    if let Some(name) = names.into_iter().find(|name| ours.contains(name)) {
        return Err(invalid(place, format!("The parameter {name} is set by Carehook.")));
    }
    Ok(PollSearch { resource_type: resource_type.to_owned(), query: query.to_owned() })
}

fn url(wish: Option<String>, place: &str, plain: PlainHttp) -> Result<HookUrl, Problem> {
    let wish = wish.ok_or_else(|| missing(place))?;
    address::read(&wish, place, plain).map(|(url, _)| url)
}

fn within(
    wish: Option<Span>,
    usual: Span,
    (least, most): (std::time::Duration, std::time::Duration),
    place: &str,
) -> Result<Span, Problem> {
    let span = wish.unwrap_or(usual);
    if !(least..=most).contains(&span.0) {
        return Err(invalid(place, format!("It is {} to {}.", Span(least), Span(most))));
    }
    Ok(span)
}

fn requests(wish: Option<u32>) -> Result<u32, Problem> {
    match wish.unwrap_or(REQUESTS) {
        fitting @ 1..=limits::POLL_REQUESTS => Ok(fitting),
        _ => Err(invalid("/poll/requestsPerHour", format!("It is 1 to {}.", limits::POLL_REQUESTS))),
    }
}

fn text(wish: Option<String>, place: &str) -> Result<String, Problem> {
    let text = wish.ok_or_else(|| missing(place))?;
    if text.is_empty() || text.len() > TEXT_BYTES || text.chars().any(char::is_control) {
        return Err(invalid(place, "1 to 1,024 characters, none of them control characters."));
    }
    Ok(text)
}

fn secret(wish: Option<Secret<String>>, place: &str) -> Result<Secret<String>, Problem> {
    let secret = wish.ok_or_else(|| missing(place))?;
    if secret.expose().is_empty() || secret.expose().len() > SECRET_BYTES {
        return Err(invalid(place, "1 to 16,384 bytes."));
    }
    Ok(secret)
}

const REQUESTS: u32 = 1_200;
const TEXT_BYTES: usize = 1 << 10;
const SECRET_BYTES: usize = 16 << 10;

/// A FHIR server that is read, without its secrets.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Poll)]
pub(super) struct Shown {
    url: String,
    searches: Vec<String>,
    #[schema(value_type = String)]
    every: Span,
    #[schema(value_type = String)]
    overlap: Span,
    requests_per_hour: u32,
    #[schema(value_type = Option<String>)]
    since: Option<Timestamp>,
    auth: ShownAuth,
    ca: Option<String>,
}

/// How we prove that we may ask, without the secrets.
#[derive(Debug, Default, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = PollAuth)]
struct ShownAuth {
    kind: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    username: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    client_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    token_url: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    scope: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    key_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    algorithm: Option<&'static str>,
}

impl Shown {
    pub(super) fn of(poll: &Poll) -> Self {
        Shown {
            url: poll.url.as_url().to_string(),
            searches: poll.searches.iter().map(PollSearch::written).collect(),
            every: poll.every,
            overlap: poll.overlap,
            requests_per_hour: poll.requests_per_hour,
            since: poll.since,
            auth: ShownAuth::of(&poll.auth),
            ca: poll.ca.clone(),
        }
    }
}

impl ShownAuth {
    fn of(auth: &PollAuth) -> Self {
        let shown = ShownAuth { kind: auth.kind(), ..ShownAuth::default() };
        match auth {
            PollAuth::None | PollAuth::Bearer { .. } => shown,
            PollAuth::Basic { username, .. } => ShownAuth { username: Some(username.clone()), ..shown },
            PollAuth::SmartBackend { client_id, token_url, scope, key_id, algorithm, .. } => ShownAuth {
                client_id: Some(client_id.clone()),
                token_url: Some(token_url.as_url().to_string()),
                scope: Some(scope.clone()),
                key_id: Some(key_id.clone()),
                algorithm: Some(algorithm.name()),
                ..shown
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn accept(wish: Value, kept: Option<&Poll>) -> Result<Poll, Problem> {
        crate::strict::read_value::<Wish>(wish)?.accept(&Kind::Fhir, kept, PlainHttp::Refused)
    }

    #[test]
    fn secrets_that_are_left_out_stay_with_their_server() {
        let bearer = |token: Value| json!({ "kind": "bearer", "token": token });
        let first = json!({ "url": "https://ehr.example/fhir", "searches": ["Observation?category=laboratory", "Encounter"], "auth": bearer(json!("abc")) });
        let kept = accept(first, None).unwrap();
        assert_eq!(
            (kept.every, kept.overlap, kept.requests_per_hour),
            (Span::secs(60), Span::secs(300), 1_200)
        );
        let shown = serde_json::to_value(Shown::of(&kept)).unwrap();
        assert_eq!(shown["searches"], json!(["Observation?category=laboratory", "Encounter"]));
        assert!(!shown.to_string().contains("abc"));
        assert_eq!(accept(shown, Some(&kept)).unwrap(), kept, "what was answered can be sent back");
        let elsewhere = json!({ "url": "https://other.example/fhir", "auth": { "kind": "bearer" } });
        assert_eq!(accept(elsewhere, Some(&kept)).unwrap_err().field.as_deref(), Some("/poll/auth/token"));
    }

    #[test]
    fn each_fault_names_its_member() {
        let url = "https://ehr.example/fhir";
        for (wish, field) in [
            (json!({}), "/poll/url"),
            (json!({ "url": "http://ehr.example" }), "/poll/url"),
            (json!({ "url": "https://ehr.example/fhir?x=1" }), "/poll/url"),
            (json!({ "url": url, "searches": ["Observaton"] }), "/poll/searches/0"),
            (json!({ "url": url, "searches": ["Patient", "Patient?_sort=name"] }), "/poll/searches/1"),
            (json!({ "url": url, "searches": ["Patient?_lastUpdated:x=1"] }), "/poll/searches/0"),
            (json!({ "url": url, "searches": ["Patient?name=a b"] }), "/poll/searches/0"),
            (json!({ "url": url, "every": "1s" }), "/poll/every"),
            (json!({ "url": url, "overlap": "48h" }), "/poll/overlap"),
            (json!({ "url": url, "requestsPerHour": 0 }), "/poll/requestsPerHour"),
            (json!({ "url": url, "auth": { "kind": "magic" } }), "/poll/auth/kind"),
            (json!({ "url": url, "auth": { "kind": "basic", "username": "a:b" } }), "/poll/auth/username"),
            (
                json!({ "url": url, "auth": { "kind": "smart-backend", "privateKey": "x" } }),
                "/poll/auth/privateKey",
            ),
        ] {
            assert_eq!(accept(wish.clone(), None).unwrap_err().field.as_deref(), Some(field), "{wish}");
        }
    }
}
