//! The OpenAPI of all calls: what each of them says, and what holds for all.

use http::Method;
use utoipa::ToSchema;
use utoipa::openapi::path::{Operation, Parameter, ParameterBuilder, ParameterIn, PathItem};
use utoipa::openapi::schema::{ObjectBuilder, Type};
use utoipa::openapi::security::{
    ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityRequirement, SecurityScheme,
};
use utoipa::openapi::{
    Components, ContentBuilder, InfoBuilder, OpenApi, OpenApiBuilder, Ref, RefOr, Required, Response,
    ResponseBuilder,
};

/// Why a call did nothing (RFC 9457).
#[derive(ToSchema)]
#[expect(dead_code, reason = "only described: model::Problem is what is written")]
pub(crate) struct Problem {
    /// The page of the code.
    #[schema(rename = "type")]
    kind: String,
    /// What happened, in a few words.
    title: String,
    status: u16,
    /// The stable code.
    code: String,
    /// Why, in this case.
    detail: String,
    /// The failing member, as a JSON pointer, or the failing parameter.
    field: Option<String>,
    /// What the caller can do.
    fix: Option<String>,
}

/// The description without any call.
pub(crate) fn empty() -> OpenApi {
    let about = "Self-hosted webhooks for health care. Errors are application/problem+json; \
                 lists take limit and after; writes take Idempotency-Key; updates take If-Match.";
    let mut components = Components::new();
    let bearer = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).build();
    components.add_security_scheme(KEY, SecurityScheme::Http(bearer));
    let cookie = ApiKeyValue::with_description(privacy::session::COOKIE, ABOUT_SESSIONS);
    components.add_security_scheme(SESSION, SecurityScheme::ApiKey(ApiKey::Cookie(cookie)));
    components.schemas.insert("Problem".to_owned(), <Problem as utoipa::PartialSchema>::schema());
    OpenApiBuilder::new()
        .info(
            InfoBuilder::new()
                .title("Carehook")
                .version(env!("CARGO_PKG_VERSION"))
                .description(Some(about))
                .build(),
        )
        .components(Some(components))
        .security(Some([KEY, SESSION].map(|scheme| SecurityRequirement::new(scheme, NO_SCOPES))))
        .build()
}

/// Adds what holds for every call: ids in its path, problems, a name of its own.
pub(crate) fn complete(api: &mut OpenApi) {
    for (path, item) in &mut api.paths.paths {
        for (method, operation) in operations(item) {
            complete_one(path, method, operation);
        }
    }
}

/// Adds the headers that calls of the administration look at.
pub(crate) fn add_headers(api: &mut OpenApi, is_repeated: impl Fn(&Method, &str) -> bool) {
    for (path, item) in &mut api.paths.paths {
        for (method, operation) in operations(item) {
            let parameters = operation.parameters.get_or_insert_default();
            let mut add = |name| {
                parameters.push(RefOr::T(parameter(name, ParameterIn::Header, Required::False)));
            };
            if Method::from_bytes(method.as_bytes()).is_ok_and(|method| is_repeated(&method, path)) {
                add("Idempotency-Key");
            }
            if matches!(method, "PUT" | "DELETE") {
                add("If-Match");
            }
        }
    }
}

/// The operations of a path with their methods.
pub(crate) fn operations(item: &mut PathItem) -> impl Iterator<Item = (&'static str, &mut Operation)> {
    let all = [
        ("GET", &mut item.get),
        ("PUT", &mut item.put),
        ("POST", &mut item.post),
        ("DELETE", &mut item.delete),
    ];
    all.into_iter().filter_map(|(method, operation)| operation.as_mut().map(|operation| (method, operation)))
}

fn complete_one(path: &str, method: &str, operation: &mut Operation) {
    let tag = operation.tags.iter().flatten().next().cloned().unwrap_or_default();
    let call = operation.operation_id.clone().unwrap_or_default();
    operation.operation_id = Some(format!("{tag}_{call}").replace('-', "_"));
    let parameters = operation.parameters.get_or_insert_default();
    let in_path = names(path).map(|name| parameter(name, ParameterIn::Path, Required::True));
    parameters.splice(0..0, in_path.map(RefOr::T));
    if operation.security.is_none() {
        problems(path, method, operation);
    }
}

fn problems(path: &str, method: &str, operation: &mut Operation) {
    let mut add = |status: &str, what: &str| {
        operation.responses.responses.entry(status.to_owned()).or_insert_with(|| RefOr::T(problem(what)));
    };
    add("401", "No valid credentials");
    add("403", "Not with this key");
    if path.contains('{') {
        add("404", "Not there, or somebody else's");
    }
    if method != "GET" {
        add("422", "Well-formed and not acceptable");
    }
}

fn problem(what: &str) -> Response {
    let schema = RefOr::Ref(Ref::from_schema_name("Problem"));
    let content = ContentBuilder::new().schema(Some(schema)).build();
    ResponseBuilder::new().description(what).content("application/problem+json", content).build()
}

fn parameter(name: &str, place: ParameterIn, required: Required) -> Parameter {
    let text = ObjectBuilder::new().schema_type(Type::String).build();
    ParameterBuilder::new().name(name).parameter_in(place).required(required).schema(Some(text)).build()
}

fn names(path: &str) -> impl Iterator<Item = &str> {
    path.split('/').filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'))
}

const KEY: &str = "key";
const SESSION: &str = "session";
const ABOUT_SESSIONS: &str =
    "Set by POST /session. Writes also carry x-csrf-token, and come from the same origin.";
const NO_SCOPES: [&str; 0] = [];
