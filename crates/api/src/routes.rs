//! All calls.

use axum::Router;
use axum::middleware::from_fn_with_state;
use model::Code;
use utoipa::openapi::OpenApi;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::refused::Refused;
use crate::{
    Api, again, alert_rules, alerts, audit_log, audit_verify, changes, console, dead_letters, deliveries,
    description, egress, event_types, events, facade, health, integrations, jwks, keys, later, live, mapping,
    monitoring, organisations, overview, packs, presets, redrives, rejections, retention, search, session,
    sources, stream, system, test_receiver, triggers, webhooks,
};

/// The admin surface. Merge other doors into it, it answers whatever nobody else does, and put
/// [`crate::fronted`] before them all.
pub fn router(api: Api) -> Router {
    let (router, _) = calls().split_for_parts();
    router
        .merge(later::routes())
        .merge(facade::routes())
        .merge(test_receiver::routes(&api))
        .merge(console::routes())
        .fallback(console::or_nothing)
        .method_not_allowed_fallback(async || Refused::from(Code::MethodNotAllowed))
        .layer(from_fn_with_state(api.clone(), again::again))
        .with_state(api)
}

/// The description of all calls, those of the doors with them.
pub(crate) fn described(doors: OpenApi) -> OpenApi {
    let (_, mut api) = calls().split_for_parts();
    description::add_headers(&mut api, again::is_repeated);
    api.merge(doors);
    description::complete(&mut api);
    api
}

fn mappings() -> OpenApiRouter<Api> {
    OpenApiRouter::new()
        .routes(routes!(mapping::read::read, mapping::update::update))
        .routes(routes!(mapping::read_table::read_table, mapping::update_table::update_table))
        .routes(routes!(mapping::worklist::worklist))
}

fn conditions() -> OpenApiRouter<Api> {
    OpenApiRouter::new()
        .routes(routes!(triggers::list::list, triggers::create::create))
        .routes(routes!(triggers::test::test))
        .routes(routes!(triggers::read::read, triggers::update::update, triggers::delete::delete))
        .routes(routes!(triggers::judgements::judgements))
        .routes(routes!(changes::preview::preview))
}

fn calls() -> OpenApiRouter<Api> {
    OpenApiRouter::with_openapi(description::empty())
        .routes(routes!(integrations::list::list, integrations::create::create))
        .routes(routes!(integrations::read::read, integrations::update::update, integrations::delete::delete))
        .merge(mappings())
        .routes(routes!(presets::list::list))
        .routes(routes!(presets::read::read))
        .routes(routes!(webhooks::list::list, webhooks::create::create))
        .routes(routes!(webhooks::read::read, webhooks::update::update, webhooks::delete::delete))
        .routes(routes!(webhooks::test::test))
        .routes(routes!(webhooks::preview::preview))
        .routes(routes!(webhooks::logs::logs))
        .routes(routes!(webhooks::status::status))
        .routes(routes!(webhooks::pause::pause))
        .routes(routes!(webhooks::resume::resume))
        .routes(routes!(webhooks::challenge::challenge))
        .routes(routes!(webhooks::rotate_secret::rotate_secret))
        .routes(routes!(webhooks::recover::recover))
        .routes(routes!(overview::read::read))
        .routes(routes!(sources::list::list))
        .routes(routes!(monitoring::webhooks::webhooks))
        .routes(routes!(monitoring::series::series))
        .routes(routes!(monitoring::lanes::lanes))
        .routes(routes!(events::list::list))
        .routes(routes!(events::search::search))
        .routes(routes!(events::read::read))
        .routes(routes!(events::mapping::mapping))
        .routes(routes!(events::replay::replay))
        .routes(routes!(events::reveal::reveal))
        .routes(routes!(deliveries::list::list))
        .routes(routes!(deliveries::read::read))
        .routes(routes!(deliveries::request::reveal))
        .routes(routes!(deliveries::retry::retry))
        .routes(routes!(deliveries::cancel::cancel))
        .routes(routes!(dead_letters::list::list))
        .routes(routes!(redrives::list::list, redrives::create::create))
        .routes(routes!(redrives::read::read, redrives::cancel::cancel))
        .routes(routes!(rejections::list::list))
        .routes(routes!(rejections::counts::counts))
        .routes(routes!(rejections::read::read))
        .routes(routes!(rejections::reveal::reveal))
        .routes(routes!(rejections::replay::replay))
        .routes(routes!(event_types::list::list, event_types::create::create))
        .routes(routes!(event_types::read::read, event_types::delete::delete))
        .routes(routes!(packs::packs))
        .routes(routes!(organisations::list::list, organisations::create::create))
        .routes(routes!(keys::list::list, keys::create::create))
        .routes(routes!(keys::delete::delete))
        .merge(conditions())
        .routes(routes!(alert_rules::list::list, alert_rules::create::create))
        .routes(routes!(alert_rules::preview::preview))
        .routes(routes!(alert_rules::read::read, alert_rules::update::update, alert_rules::delete::delete))
        .routes(routes!(alerts::list::list))
        .routes(routes!(alerts::acknowledge::acknowledge))
        .routes(routes!(audit_log::list))
        .routes(routes!(retention::read::read, retention::accept::accept))
        .routes(routes!(audit_verify::verify))
        .routes(routes!(egress::read))
        .routes(routes!(retention::periods::periods))
        .routes(routes!(search::search))
        .routes(routes!(system::system))
        .routes(routes!(live::live))
        .routes(routes!(stream::stream))
        .routes(routes!(session::read::read, session::create::create, session::delete::delete))
        .routes(routes!(session::create_link::create_link))
        .routes(routes!(jwks::jwks))
        .routes(routes!(health::healthz))
        .routes(routes!(health::readyz))
        .routes(routes!(health::metrics))
        .routes(routes!(health::openapi))
}
